package main

import (
	"fmt"
	"math"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
)

type op = operand.Op

// gen writes instructions for vectors of 8 or 16 lanes of 32 bits. Constants
// are whole vectors in memory, so that an instruction reads them alike with
// either width.
type gen struct {
	lanes  int
	suffix string
	made   map[string]operand.Mem
	odd    op // AVX-512's mask of the upper half of each lane of 64 bits
}

func newGen(lanes int, suffix string) *gen {
	return &gen{lanes: lanes, suffix: suffix, made: map[string]operand.Mem{}}
}

func (g *gen) wide() bool { return g.lanes == 16 }

func (g *gen) vector() op {
	if g.wide() {
		return ZMM()
	}
	return YMM()
}

// words is a constant in memory.
func (g *gen) words(name string, of func(lane int) uint32) operand.Mem {
	if m, ok := g.made[name]; ok {
		return m
	}
	m := GLOBL(name, attr.RODATA|attr.NOPTR)
	for i := range g.lanes {
		DATA(4*i, operand.U32(of(i)))
	}
	g.made[name] = m
	return m
}

// bits is a constant whose lanes of 32 bits are all b, c one of floats.
func (g *gen) bits(b uint32) op {
	return g.words(fmt.Sprintf("c%08x", b), func(int) uint32 { return b })
}

func (g *gen) c(f float64) op { return g.bits(math.Float32bits(float32(f))) }

// long is a constant whose lanes of 64 bits are all x, below 2³².
func (g *gen) long(x uint32) op {
	return g.words(fmt.Sprintf("q%08x", x), func(i int) uint32 { return x * uint32(1-i&1) })
}

// to writes d = f(b, a, d) into a fresh register.
func (g *gen) to(f func(b, a, d op), a, b op) op {
	d := g.vector()
	f(b, a, d)
	return d
}

func (g *gen) add(a, b op) op {
	return g.to(func(b, a, d op) { VADDPS(b, a, d) }, a, b)
}

func (g *gen) sub(a, b op) op {
	return g.to(func(b, a, d op) { VSUBPS(b, a, d) }, a, b)
}

func (g *gen) mul(a, b op) op {
	return g.to(func(b, a, d op) { VMULPS(b, a, d) }, a, b)
}

func (g *gen) addInt(a, b op) op {
	return g.to(func(b, a, d op) { VPADDD(b, a, d) }, a, b)
}

func (g *gen) subInt(a, b op) op {
	return g.to(func(b, a, d op) { VPSUBD(b, a, d) }, a, b)
}

func (g *gen) addLong(a, b op) op {
	return g.to(func(b, a, d op) { VPADDQ(b, a, d) }, a, b)
}

func (g *gen) minInt(a, b op) op {
	return g.to(func(b, a, d op) { VPMINSD(b, a, d) }, a, b)
}

// mulLong multiplies the lower halves of the lanes of 64 bits.
func (g *gen) mulLong(a, b op) op {
	return g.to(func(b, a, d op) { VPMULUDQ(b, a, d) }, a, b)
}

func (g *gen) xor(a, b op) op {
	return g.to(func(b, a, d op) {
		if g.wide() {
			VPXORD(b, a, d)
		} else {
			VPXOR(b, a, d)
		}
	}, a, b)
}

func (g *gen) and(a, b op) op {
	return g.to(func(b, a, d op) {
		if g.wide() {
			VPANDD(b, a, d)
		} else {
			VPAND(b, a, d)
		}
	}, a, b)
}

func (g *gen) shift(f func(...op), a op, n int) op {
	d := g.vector()
	f(operand.U8(n), a, d)
	return d
}

func (g *gen) shl(a op, n int) op     { return g.shift(VPSLLD, a, n) }
func (g *gen) shr(a op, n int) op     { return g.shift(VPSRLD, a, n) }
func (g *gen) sar(a op, n int) op     { return g.shift(VPSRAD, a, n) }
func (g *gen) shlLong(a op, n int) op { return g.shift(VPSLLQ, a, n) }
func (g *gen) shrLong(a op, n int) op { return g.shift(VPSRLQ, a, n) }

func (g *gen) fromInt(a op) op {
	d := g.vector()
	VCVTDQ2PS(a, d)
	return d
}

func (g *gen) sqrt(a op) op {
	d := g.vector()
	VSQRTPS(a, d)
	return d
}

// pair puts the lower halves of two vectors of 64-bit lanes into one.
func (g *gen) pair(low, high op) op {
	high = g.shlLong(high, 32)
	d := g.vector()
	if g.wide() {
		VPBLENDMD(high, low, g.odd, d)
	} else {
		VPBLENDD(operand.U8(0xaa), high, low, d)
	}
	return d
}

// where is yes in the lanes whose sign bit is set in m, else no.
func (g *gen) where(m, yes, no op) op {
	d := g.vector()
	if g.wide() {
		k := K()
		VPMOVD2M(m, k)
		VBLENDMPS(yes, no, k, d)
	} else {
		VBLENDVPS(m, yes, no, d)
	}
	return d
}

// horner is cs[0] + cs[1]·x + …, every product and sum rounded on its own, as
// portable code does.
func (g *gen) horner(x op, cs ...float64) op {
	last := len(cs) - 1
	p := g.mul(x, g.c(cs[last]))
	for i := last - 1; i > 0; i-- {
		p = g.mul(g.add(p, g.c(cs[i])), x)
	}
	return g.add(p, g.c(cs[0]))
}
