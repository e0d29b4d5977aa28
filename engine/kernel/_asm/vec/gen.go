package main

import (
	"math"

	"github.com/limner-ai/limner/engine/kernel/_asm/neon"
)

func c(f float64) value { return neon.Bits(math.Float32bits(float32(f))) }

func (g gen) add(a, b value) value { return g.Do(neon.FADD, a, b) }
func (g gen) sub(a, b value) value { return g.Do(neon.FSUB, a, b) }
func (g gen) mul(a, b value) value { return g.Do(neon.FMUL, a, b) }
func (g gen) div(a, b value) value { return g.Do(neon.FDIV, a, b) }
func (g gen) and(a, b value) value { return g.Do(neon.AND, a, b) }
func (g gen) or(a, b value) value  { return g.Do(neon.ORR, a, b) }
func (g gen) xor(a, b value) value { return g.Do(neon.EOR, a, b) }

func (g gen) addInt(a, b value) value      { return g.Do(neon.ADD, a, b) }
func (g gen) subInt(a, b value) value      { return g.Do(neon.SUB, a, b) }
func (g gen) shl(a value, n int) value     { return g.Do(neon.SHL(n), a) }
func (g gen) sar(a value, n int) value     { return g.Do(neon.SSHR(n), a) }
func (g gen) abs(a value) value            { return g.Do(neon.FABS, a) }
func (g gen) sqrt(a value) value           { return g.Do(neon.FSQRT, a) }
func (g gen) fromInt(a value) value        { return g.Do(neon.SCVTF, a) }
func (g gen) mulAdd(a, b, c value) value   { return g.Do(neon.FMLA, c, a, b) } // a*b + c
func (g gen) reduce(d, a, b value) value   { return g.Do(neon.FMLS, d, a, b) } // d - a*b
func (g gen) sign(a value) value           { return g.and(a, neon.Bits(1<<31)) }
func (g gen) withSign(a, of value) value   { return g.or(a, g.sign(of)) }   // a is not negative
func (g gen) clampMax(a, b value) value    { return g.Do(neon.FMIN, a, b) } // NaN if either is
func (g gen) clampMin(a, b value) value    { return g.Do(neon.FMAX, a, b) }
func (g gen) less(a, b value) value        { return g.Do(neon.FCMGT, b, a) }
func (g gen) lessEq(a, b value) value      { return g.Do(neon.FCMGE, b, a) }
func (g gen) equal(a, b value) value       { return g.Do(neon.FCMEQ, a, b) }
func (g gen) negative(a value) value       { return g.Do(neon.CMLT0, a) }
func (g gen) blend(m, yes, no value) value { return g.Do(neon.BSL, m, yes, no) }

// larger is a > b ? a : b, so b if either is NaN or both are zeros.
func (g gen) larger(a, b value) value  { return g.blend(g.less(b, a), a, b) }
func (g gen) smaller(a, b value) value { return g.blend(g.less(a, b), a, b) }

// max is the larger of a and b, NaN if either is, b if they are equal.
func (g gen) max(a, b value) value { return g.blend(g.equal(a, b), b, g.Do(neon.FMAX, a, b)) }
func (g gen) min(a, b value) value { return g.blend(g.equal(a, b), b, g.Do(neon.FMIN, a, b)) }

// horner is cs[0] + cs[1]*x + …
func (g gen) horner(x value, cs ...float64) value {
	p := c(cs[len(cs)-1])
	for i := len(cs) - 2; i >= 0; i-- {
		p = g.mulAdd(p, x, c(cs[i]))
	}
	return p
}
