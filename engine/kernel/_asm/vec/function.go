package main

import (
	"math"

	"github.com/limner-ai/limner/engine/kernel/_asm/neon"
)

// Polynomials, fitted by the Remez exchange with the coefficients rounded to
// float32 one after the other, and their largest errors relative to the
// function.
var (
	// (exp(r) - 1 - r)/r² on |r| ≤ ln2/2: 2⁻²⁶ of exp(r) - 1.
	expPoly  = []float64{0.5, 0.16666531562805176, 0.041666172444820404, 0.008367970585823059, 0.0013970554573461413}
	exp1Poly = append([]float64{1, 1}, expPoly...)
	// (log(1+f) - f)/f² on √½-1 ≤ f ≤ √2-1: 2⁻²⁵·⁵.
	logPoly = []float64{-0.5, 0.3333333134651184, -0.250008225440979, 0.20001260936260223, -0.16623333096504211,
		0.14200976490974426, -0.13162820041179657, 0.12792959809303284, -0.07684313505887985}
	// (2·artanh(s/2) - s)/s³ in s², 0 ≤ s ≤ 2/3: 2⁻²⁷·⁷.
	artanhPoly = []float64{0.08333302289247513, 0.012506699189543724, 0.0021877363324165344, 0.0005470075411722064}
	// (sin(r) - r)/r³ in r², |r| ≤ π/4: 2⁻²⁷·⁹.
	sinPoly = []float64{-0.16666655242443085, 0.008332187309861183, -0.00019517895998433232}
	// cos(r) in r², |r| ≤ π/4: 2⁻³³.
	cosPoly = []float64{1, -0.5, 0.04166664555668831, -0.0013887309469282627, 2.4432327336398885e-05}
	// erf(x)/x - 1 in x², |x| ≤ 0.92: 2⁻²⁶.
	erfPoly = []float64{0.12837915122509003, -0.3761250078678131, 0.11281877011060715, -0.026768580079078674,
		0.004995853174477816, -0.0006003794260323048}
	// -log(1-erf(t))/t on 0.92 ≤ t ≤ 3.95: 2⁻²⁹ of erf.
	erfcPoly = []float64{1.1286485195159912, 0.635151207447052, 0.10623704642057419, -0.023762201890349388,
		0.0036425183061510324, -0.0003228152927476913, 1.1233176337555051e-05}
)

// round, added to a float32 far smaller, leaves the nearest integer in the
// low bits of the sum.
const round = 3 << 22

// split is x as a float32 and what that leaves out.
func split(x float64) (hi, lo float64) {
	hi = float64(float32(x))
	return hi, x - hi
}

// exponent writes n = round(x/ln2) and r = x - n*ln2. It returns r and bias + n
// as the low bits of an integer.
func (g gen) exponent(x value, bias float64) (r, n value) {
	hi, lo := split(math.Ln2)
	n = g.mulAdd(x, c(math.Log2E), c(round+bias))
	k := g.sub(n, c(round+bias))
	return g.reduce(g.reduce(x, k, c(hi)), k, c(lo)), n
}

// exp is e to the x for any x. 2ⁿ may lie outside float32 where the result does
// not, so multiply by its two halves. With twice the exponent's bias in n, half
// of n is the bits of the first, and the rest those of the second.
func (g gen) exp(x value) value {
	x = g.clampMin(g.clampMax(x, c(89)), c(-104))
	r, n := g.exponent(x, 2*127)
	first := g.shl(g.sar(n, 1), 23)
	second := g.subInt(g.shl(n, 23), first)
	return g.mul(g.mul(g.horner(r, exp1Poly...), first), second)
}

// expNeg is e to the x for -104 ≤ x ≤ 0, denormal results too.
func (g gen) expNeg(x value) value {
	r, n := g.exponent(x, 127+64)
	return g.mul(g.mul(g.horner(r, exp1Poly...), g.shl(n, 23)), c(math.Ldexp(1, -64)))
}

// logOf is k*ln2 + log(1+f).
func (g gen) logOf(k, f value) value {
	hi, lo := split(math.Ln2)
	r := g.mulAdd(g.horner(f, logPoly...), g.mul(f, f), f)
	return g.mulAdd(k, c(hi), g.mulAdd(k, c(lo), r))
}

// logEdges puts the logarithm of u right where u is not positive and x, from
// which u is made, where it is not finite.
func (g gen) logEdges(u, x, r value) value {
	edge := g.blend(g.Do(neon.FCMEQ0, u), c(math.Inf(-1)), neon.Bits(0x7fc00000))
	r = g.blend(g.Do(neon.FCMGT0, u), r, edge)
	return g.blend(g.less(x, c(math.Inf(1))), r, x)
}

// sqrtHalf is the bit pattern of √½.
const sqrtHalf = 0x3f3504f3

func (g gen) log(x value) value {
	small := g.less(x, c(math.Ldexp(1, -126)))
	u := g.blend(small, g.mul(x, c(1<<23)), x)
	n := g.sar(g.subInt(u, neon.Bits(sqrtHalf)), 23)
	k := g.sub(g.fromInt(n), g.and(small, c(23)))
	f := g.sub(g.subInt(u, g.shl(n, 23)), c(1))
	return g.logEdges(x, x, g.logOf(k, f))
}

// tanh is m/(m+2) with m = exp(2|x|) - 1, which keeps its relative accuracy
// near 0.
func (g gen) tanh(x value) value {
	y := g.clampMax(g.abs(x), c(9.1))
	r, n := g.exponent(g.add(y, y), 127)
	q := g.mulAdd(g.horner(r, expPoly...), g.mul(r, r), r) // exp(r) - 1
	scale := g.shl(n, 23)                                  // the bits of 2ⁿ
	m := g.mulAdd(q, scale, g.sub(scale, c(1)))
	return g.withSign(g.div(m, g.add(m, c(2))), x)
}

// decay is exp(-|x|).
func (g gen) decay(x value) value {
	return g.expNeg(g.clampMin(g.or(x, neon.Bits(1<<31)), c(-104)))
}

// sigmoid is 1/(1+e) or e/(1+e) with e = exp(-|x|), by the sign of x, so that
// small results keep all their bits.
func (g gen) sigmoid(x value) value {
	e := g.decay(x)
	return g.div(g.blend(g.negative(x), e, c(1)), g.add(e, c(1)))
}

// softplus is max(x,0) + log(1+e) with e = exp(-|x|), the logarithm as twice
// the inverse hyperbolic tangent of e/(2+e), which needs no cases.
func (g gen) softplus(x value) value {
	e := g.decay(x)
	s := g.div(g.add(e, e), g.add(e, c(2)))
	z := g.mul(s, s)
	l := g.mulAdd(g.horner(z, artanhPoly...), g.mul(z, s), s)
	return g.add(l, g.clampMin(x, c(0)))
}

// erf is x + x·P(x²) for |x| ≤ 0.92, else 1 - exp(-t·Q(t)) with the sign of x.
func (g gen) erf(x value) value {
	t := g.abs(x)
	far := g.clampMax(t, c(3.95))
	e := g.expNeg(g.Do(neon.FNEG, g.mul(g.horner(far, erfcPoly...), far)))
	far = g.withSign(g.sub(c(1), e), x)
	near := g.mulAdd(g.horner(g.mul(x, x), erfPoly...), x, x)
	return g.blend(g.less(c(0.92), t), far, near)
}

// sine is sin(x + quarter·π/2) for |x| ≤ 10⁴. π/2 in three parts leaves the
// remainder right in all its bits.
func (g gen) sine(x value, quarter uint32) value {
	hi, mid := split(math.Pi / 2)
	mid, lo := split(mid + 6.123233995736766e-17)
	n := g.mulAdd(x, c(2/math.Pi), c(round))
	k := g.sub(n, c(round))
	r := g.reduce(g.reduce(g.reduce(x, k, c(hi)), k, c(mid)), k, c(lo))
	if quarter != 0 {
		n = g.addInt(n, neon.Bits(quarter))
	}
	z := g.mul(r, r)
	cos := g.horner(z, cosPoly...)
	sin := g.mulAdd(g.horner(z, sinPoly...), g.mul(z, r), r)
	odd := g.negative(g.shl(n, 31))
	return g.xor(g.blend(odd, cos, sin), g.sign(g.shl(n, 30)))
}

// odds is 1 + exp(-x): 1 far above 0, and infinite below -88.4.
func (g gen) odds(x value) value {
	x = g.clampMin(g.clampMax(x, c(87)), c(-89))
	hi, lo := split(math.Ln2)
	n := g.mulAdd(x, c(-math.Log2E), c(round+127))
	k := g.sub(n, c(round+127))
	r := g.mulAdd(k, c(lo), g.mulAdd(k, c(hi), x)) // x + k·ln2
	var alternate []float64
	for i, p := range exp1Poly {
		alternate = append(alternate, p*float64(1-2*(i%2)))
	}
	return g.mulAdd(g.horner(r, alternate...), g.shl(n, 23), c(1))
}

// functions writes the kernels of one argument.
func (k *kernels) functions() {
	for _, x := range []struct {
		name, doc string
		unroll    int
		f         func(g gen, x value) value
	}{
		{"neg", "-a", 4, func(g gen, x value) value { return g.Do(neon.FNEG, x) }},
		{"abs", "a without its sign", 4, gen.abs},
		{"sign", "1 with the sign of a, or a where it is 0 or NaN", 4, func(g gen, x value) value {
			return g.blend(g.Do(neon.FCMGT0, g.abs(x)), g.withSign(c(1), x), x)
		}},
		{"sqrt", "the square root of a", 2, gen.sqrt},
		{"rsqrt", "1 over the square root of a", 2, func(g gen, x value) value { return g.div(c(1), g.sqrt(x)) }},
		{"floor", "the largest whole number not above a", 4, func(g gen, x value) value { return g.Do(neon.FRINTM, x) }},
		{"exp", "e to the a", 2, gen.exp},
		{"log", "the natural logarithm of a", 2, gen.log},
		{"tanh", "the hyperbolic tangent of a", 2, gen.tanh},
		{"sigmoid", "1 / (1 + exp(-a))", 2, gen.sigmoid},
		{"softplus", "log(1 + exp(a))", 2, gen.softplus},
		{"silu", "a / (1 + exp(-a))", 2, func(g gen, x value) value { return g.div(x, g.odds(x)) }},
		{"gelu", "a times the normal distribution function of a", 2, gen.gelu},
		{"erf", "the error function of a", 2, gen.erf},
		{"sinNear", "the sine of a, |a| ≤ 10⁴ or NaN", 2, func(g gen, x value) value { return g.sine(x, 0) }},
		{"cosNear", "the cosine of a, |a| ≤ 10⁴ or NaN", 2, func(g gen, x value) value { return g.sine(x, 1) }},
	} {
		k.kernel(x.name, "a", x.doc, x.unroll, func(g gen, v values) value { return x.f(g, v["a"]) })
	}
	k.kernel("siluGrad", "a b", "b times the derivative of silu at a", 2, func(g gen, v values) value {
		s := g.div(c(1), g.odds(v["a"]))
		return g.mul(g.mulAdd(g.reduce(v["a"], v["a"], s), s, s), v["b"])
	})
	k.kernel("geluGrad", "a b", "b times the derivative of gelu at a", 2, func(g gen, v values) value {
		return g.geluGrad(v["a"], v["b"])
	})
}
