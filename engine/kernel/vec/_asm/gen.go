package main

import (
	"fmt"
	"math"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
)

type op = operand.Op

// gen writes instructions for vectors of one width. The bodies of kernels are
// written once against it; what differs between AVX2 and AVX-512 (masks,
// constants, rounding, scaling) is decided here.
type gen struct {
	lanes  int    // 8 or 16
	suffix string // of function names
	made   map[uint32]operand.Mem
	prefix string        // of labels, where a function has several loops over elements
	held   map[uint32]op // constants that the current kernel keeps in registers
}

func (g *gen) wide() bool { return g.lanes == 16 }

func (g *gen) bytes() int { return 4 * g.lanes }

// vector is a fresh register.
func (g *gen) vector() op {
	if g.wide() {
		return ZMM()
	}
	return YMM()
}

// A konst is a constant in memory, usable as the last source of an
// instruction: eight copies for AVX2, the first of them broadcast by AVX-512.
type konst struct {
	operand.Mem
	bits uint32
}

// c is the constant f; bits is the constant with the given bit pattern.
func (g *gen) c(f float64) op { return g.bits(math.Float32bits(float32(f))) }

func (g *gen) bits(b uint32) op {
	if r, ok := g.held[b]; ok {
		return r
	}
	m, ok := g.made[b]
	if !ok {
		// Only a symbol of 32 bytes is sure to be aligned to 32.
		m = GLOBL(fmt.Sprintf("c%08x", b), attr.RODATA|attr.NOPTR)
		for i := range 4 {
			DATA(8*i, operand.U64(uint64(b)<<32|uint64(b)))
		}
		g.made[b] = m
	}
	return konst{m, b}
}

// hold keeps constants in registers until the end of the kernel.
func (g *gen) hold(fs ...float64) {
	for _, f := range fs {
		b := math.Float32bits(float32(f))
		g.held[b] = g.reg(g.bits(b))
	}
}

// reg brings a constant into a register; a register stays as it is.
func (g *gen) reg(x op) op {
	if k, ok := x.(konst); ok {
		d := g.vector()
		VBROADCASTSS(k.Mem, d)
		return d
	}
	return x
}

// copy is a register that may be overwritten without harm to x.
func (g *gen) copy(x op) op {
	if _, ok := x.(konst); ok {
		return g.reg(x)
	}
	d := g.vector()
	VMOVAPS(x, d)
	return d
}

// emit writes an instruction whose source src may be a constant: put at
// position at among ops.
func (g *gen) emit(plain, bcst func(...op), at int, ops ...op) {
	k, ok := ops[at].(konst)
	if !ok {
		plain(ops...)
		return
	}
	ops[at] = k.Mem
	if g.wide() {
		bcst(ops...)
	} else {
		plain(ops...)
	}
}

// two writes d = a∘b into a fresh register; b may be a constant, and a too.
func (g *gen) two(plain, bcst func(...op), a, b op) op {
	a = g.reg(a)
	d := g.vector()
	g.emit(plain, bcst, 0, b, a, d)
	return d
}

func (g *gen) add(a, b op) op { return g.two(VADDPS, VADDPS_BCST, a, b) }
func (g *gen) sub(a, b op) op { return g.two(VSUBPS, VSUBPS_BCST, a, b) }
func (g *gen) mul(a, b op) op { return g.two(VMULPS, VMULPS_BCST, a, b) }
func (g *gen) div(a, b op) op { return g.two(VDIVPS, VDIVPS_BCST, a, b) }
func (g *gen) and(a, b op) op { return g.two(VANDPS, VANDPS_BCST, a, b) }
func (g *gen) or(a, b op) op  { return g.two(VORPS, VORPS_BCST, a, b) }
func (g *gen) xor(a, b op) op { return g.two(VXORPS, VXORPS_BCST, a, b) }

// maxBA and minBA are a > b ? a : b and a < b ? a : b: b if either is NaN.
func (g *gen) maxBA(a, b op) op { return g.two(VMAXPS, VMAXPS_BCST, a, b) }
func (g *gen) minBA(a, b op) op { return g.two(VMINPS, VMINPS_BCST, a, b) }

func (g *gen) addInt(a, b op) op { return g.two(VPADDD, VPADDD_BCST, a, b) }
func (g *gen) subInt(a, b op) op { return g.two(VPSUBD, VPSUBD_BCST, a, b) }

func (g *gen) shl(a op, n int) op {
	d := g.vector()
	VPSLLD(operand.U8(n), a, d)
	return d
}

func (g *gen) sar(a op, n int) op {
	d := g.vector()
	VPSRAD(operand.U8(n), a, d)
	return d
}

func (g *gen) sqrt(a op) op {
	d := g.vector()
	VSQRTPS(a, d)
	return d
}

func (g *gen) fromInt(a op) op {
	d := g.vector()
	VCVTDQ2PS(a, d)
	return d
}

func (g *gen) floor(a op) op {
	d := g.vector()
	if g.wide() {
		VRNDSCALEPS(operand.U8(9), a, d)
	} else {
		VROUNDPS(operand.U8(9), a, d)
	}
	return d
}

func (g *gen) abs(a op) op { return g.and(a, g.bits(1<<31-1)) }

// mulAdd is a*b + c into a, which is lost; c may be a constant.
func (g *gen) mulAdd(a, b, c op) op {
	g.emit(VFMADD213PS, VFMADD213PS_BCST, 0, c, b, a)
	return a
}

// accumulate is d + a*b into d, which is lost; b may be a constant.
func (g *gen) accumulate(d, a, b op) op {
	g.emit(VFMADD231PS, VFMADD231PS_BCST, 0, b, a, d)
	return d
}

// reduce is d - a*b into d, which is lost; b may be a constant.
func (g *gen) reduce(d, a, b op) op {
	g.emit(VFNMADD231PS, VFNMADD231PS_BCST, 0, b, a, d)
	return d
}

// horner is cs[0] + cs[1]*x + …, the first step of which is a plain load.
func (g *gen) horner(x op, cs ...float64) op {
	p := g.copy(g.c(cs[len(cs)-1]))
	for i := len(cs) - 2; i >= 0; i-- {
		g.mulAdd(p, x, g.c(cs[i]))
	}
	return p
}
