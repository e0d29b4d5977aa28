package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
)

// Predicates of VCMPPS; none signals on a quiet NaN.
const (
	equal     = 0x00
	unordered = 0x03
	notEqual  = 0x04 // true for NaN
	less      = 0x11
	lessEq    = 0x12
	differ    = 0x0c // false for NaN
	notLess   = 0x15 // true for NaN
	greaterEq = 0x1d
	greater   = 0x1e
)

// cmp is the mask of a∘b; b may be a constant. A mask is a vector of all-one
// or all-zero lanes in AVX2, a mask register in AVX-512.
func (g *gen) cmp(pred int, a, b op) op {
	a = g.reg(a)
	var d op
	if g.wide() {
		d = K()
	} else {
		d = YMM()
	}
	g.emit(VCMPPS, VCMPPS_BCST, 1, operand.U8(pred), b, a, d)
	return d
}

// negative is the mask of the lanes with the sign bit set, for blend alone.
func (g *gen) negative(a op) op {
	if !g.wide() {
		return a // VBLENDVPS looks at the sign bit only
	}
	k := K()
	VPMOVD2M(a, k)
	return k
}

// blend is yes where m is set, else no; yes may be a constant.
func (g *gen) blend(m, yes, no op) op {
	no = g.reg(no)
	d := g.vector()
	if g.wide() {
		g.emit(VBLENDMPS, VBLENDMPS_BCST, 0, yes, no, m, d)
	} else {
		if k, ok := yes.(konst); ok {
			yes = k.Mem
		}
		VBLENDVPS(m, yes, no, d)
	}
	return d
}

// keep is x where m is set, else 0; x may be a constant.
func (g *gen) keep(m, x op) op {
	if !g.wide() {
		return g.and(m, x)
	}
	d := g.vector()
	VMOVAPS_Z(g.reg(x), m, d)
	return d
}

// max is the larger of a and b, NaN if either is, b if they are equal.
func (g *gen) max(a, b op) op {
	return g.blend(g.cmp(unordered, a, a), a, g.maxBA(a, b))
}

// min is max with < for >.
func (g *gen) min(a, b op) op {
	return g.blend(g.cmp(unordered, a, a), a, g.minBA(a, b))
}
