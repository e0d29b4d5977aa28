package main

import (
	"fmt"
	"math"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
)

// groups is how many vectors of counter blocks a turn computes side by side,
// since one multiplication waits for the one before it.
const groups = 2

// fill writes the kernel that fills dst, whole turns of it, with what finish
// makes of the words of each block. finish is given words 0 and 2 of a block in
// one pair of lanes, words 1 and 3 in another, and returns elements 0 and 2, 1
// and 3.
func (g *gen) fill(name, doc string, finish func(even, odd op) (op, op)) {
	TEXT(name+g.suffix, attr.NOSPLIT, "func(dst []float32, seed, block, stream uint64)")
	Pragma("noescape")
	perTurn := groups * 2 * g.lanes
	Doc(fmt.Sprintf("%s%s is %s of the counter blocks from block on, in turns of %d elements.", name, g.suffix, doc, perTurn))
	dst, n := Load(Param("dst").Base(), GP64()), Load(Param("dst").Len(), GP64())
	if g.wide() {
		odd := GP32()
		MOVL(operand.U32(0xaaaa), odd)
		g.odd = K()
		KMOVW(odd, g.odd)
	}
	// Unpacking takes the even lanes of 64 bits first, so these hold the blocks
	// that come first.
	half := g.lanes / 4
	order := g.words("order", func(i int) uint32 {
		lane := i / 2
		return uint32(lane/2+lane%2*half) * uint32(1-i%2)
	})
	counter := g.vector()
	param := func(name string) operand.Mem {
		b, err := Param(name).Resolve()
		if err != nil {
			panic(err)
		}
		return b.Addr
	}
	VPBROADCASTQ(param("block"), counter)
	VPADDQ(order, counter, counter)
	Label("turn")
	SUBQ(operand.I32(perTurn), n)
	JL(operand.LabelRef("done"))
	k0, k1 := g.vector(), g.vector()
	VPBROADCASTQ(param("seed"), k0)
	VPSRLQ(operand.U8(32), k0, k1)
	var c [groups][4]op
	stream, step := g.vector(), g.vector()
	VPBROADCASTQ(param("stream"), stream)
	VPSRLQ(operand.U8(32), stream, step)
	for i := range c {
		c[i] = [4]op{counter, nil, stream, step}
		if i > 0 {
			c[i][0] = g.addLong(counter, g.long(uint32(i*g.lanes/2)))
		}
		c[i][1] = g.shrLong(c[i][0], 32)
	}
	for round := range 10 {
		if round > 0 {
			VPADDD(g.bits(0x9E3779B9), k0, k0)
			VPADDD(g.bits(0xBB67AE85), k1, k1)
		}
		// Only the lower half of a lane counts; the upper may hold anything.
		for i := range c {
			p0 := g.mulLong(c[i][0], g.bits(0xD2511F53))
			p1 := g.mulLong(c[i][2], g.bits(0xCD9E8D57))
			c[i][0] = g.xor(g.xor(c[i][1], k0), g.shrLong(p1, 32))
			c[i][2] = g.xor(g.xor(c[i][3], k1), g.shrLong(p0, 32))
			c[i][1], c[i][3] = p1, p0
		}
	}
	for i := range c {
		even, odd := finish(g.pair(c[i][0], c[i][2]), g.pair(c[i][1], c[i][3]))
		lo := g.to(func(b, a, d op) { VUNPCKLPS(b, a, d) }, even, odd)
		hi := g.to(func(b, a, d op) { VUNPCKHPS(b, a, d) }, even, odd)
		at := operand.Mem{Base: dst, Disp: i * 8 * g.lanes}
		VMOVUPS(lo, at)
		VMOVUPS(hi, at.Offset(4*g.lanes))
	}
	VPADDQ(g.long(uint32(groups*g.lanes/2)), counter, counter)
	ADDQ(operand.I32(4*perTurn), dst)
	JMP(operand.LabelRef("turn"))
	Label("done")
	VZEROUPPER()
	RET()
}

// unit maps words to (0, 1).
func (g *gen) unit(even, odd op) (op, op) {
	one := func(w op) op {
		k := g.fromInt(g.minInt(g.shr(w, 8), g.bits(1<<24-2)))
		// The product is exact, so one rounding is left, as of k + 1/2.
		return g.add(g.mul(k, g.c(math.Ldexp(1, -24))), g.c(math.Ldexp(1, -25)))
	}
	return one(even), one(odd)
}

// Polynomials, fitted by the Remez exchange with the coefficients rounded to
// float32 one after the other.
var (
	// (log(1+f) - f)/f² on √½-1 ≤ f ≤ √2-1.
	logPoly = []float64{-0.5, 0.3333333134651184, -0.250008225440979, 0.20001260936260223, -0.16623333096504211,
		0.14200976490974426, -0.13162820041179657, 0.12792959809303284, -0.07684313505887985}
	// (sin(t) - t)/t³ in t², |t| ≤ π/4.
	sinPoly = []float64{-0.16666655242443085, 0.008332187309861183, -0.00019517895998433232}
	// cos(t) in t², |t| ≤ π/4.
	cosPoly = []float64{1, -0.5, 0.04166664555668831, -0.0013887309469282627, 2.4432327336398885e-05}
)

// boxMuller maps two words to two normals; see the portable one.
func (g *gen) boxMuller(a, b op) (op, op) {
	// A word may be too large to be a signed number: convert its halves.
	f := g.mul(g.fromInt(g.shr(a, 16)), g.c(65536))
	f = g.add(f, g.add(g.fromInt(g.and(a, g.bits(0xffff))), g.c(0.5)))
	n := g.sar(g.subInt(f, g.bits(math.Float32bits(math.Sqrt2/2))), 23)
	k := g.sub(g.fromInt(n), g.c(32))
	x := g.sub(g.subInt(f, g.shl(n, 23)), g.c(1))
	l := g.mul(g.horner(x, logPoly...), g.mul(x, x))
	l = g.add(g.mul(k, g.c(math.Ln2)), g.add(l, x))
	r := g.sqrt(g.mul(l, g.c(-2)))

	q := g.addInt(b, g.bits(1<<29))
	t := g.fromInt(g.subInt(g.and(q, g.bits(1<<30-1)), g.bits(1<<29)))
	t = g.mul(t, g.c(2*math.Pi/(1<<32)))
	z := g.mul(t, t)
	s := g.add(g.mul(g.horner(z, sinPoly...), g.mul(z, t)), t)
	c := g.horner(z, cosPoly...)
	swap := g.shl(q, 1)
	sign := g.bits(1 << 31)
	cos := g.xor(g.where(swap, s, c), g.and(g.addInt(q, g.bits(1<<30)), sign))
	sin := g.xor(g.where(swap, c, s), g.and(q, sign))
	return g.mul(r, cos), g.mul(r, sin)
}
