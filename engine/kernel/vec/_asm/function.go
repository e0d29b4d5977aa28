package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
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

// exponent writes n = round(x/ln2) and r = x - n*ln2, which takes the place of
// x. It returns r and bias + n as the low bits of an integer.
func (g *gen) exponent(x op, bias float64) (r, n op) {
	hi, lo := split(math.Ln2)
	n = g.accumulate(g.copy(g.c(round+bias)), x, g.c(math.Log2E))
	k := g.sub(n, g.c(round+bias))
	// The first product is exact within the fused step, and so is the difference.
	r = g.reduce(x, k, g.c(hi))
	return g.reduce(r, k, g.c(lo)), n
}

// exp is e to the x for any x; x is lost.
func (g *gen) exp(x op) op {
	x = g.minBA(g.c(89), x)
	x = g.maxBA(g.c(-104), x)
	if g.wide() {
		r, n := g.exponent(x, 0)
		d := g.vector()
		VSCALEFPS(g.sub(n, g.c(round)), g.horner(r, exp1Poly...), d)
		return d
	}
	// 2ⁿ may lie outside float32 where the result does not, so multiply by its
	// two halves. With twice the exponent's bias in n, half of n is the bits of
	// the first, and the rest those of the second.
	r, n := g.exponent(x, 2*127)
	first := g.shl(g.sar(n, 1), 23)
	second := g.subInt(g.shl(n, 23), first)
	return g.mul(g.mul(g.horner(r, exp1Poly...), first), second)
}

// expNegBias has 2ⁿ of expNeg stay normal.
const expNegBias = 127 + 64

// expNeg is e to the x for -104 ≤ x ≤ 0, denormal results too; x is lost.
func (g *gen) expNeg(x op) op {
	r, n := g.exponent(x, expNegBias)
	return g.mul(g.mul(g.horner(r, exp1Poly...), g.shl(n, 23)), g.c(math.Ldexp(1, -64)))
}

// logOf is k*ln2 + log(1+f); f is lost.
func (g *gen) logOf(k, f op) op {
	hi, lo := split(math.Ln2)
	p := g.horner(f, logPoly...)
	r := g.mulAdd(p, g.mul(f, f), f)
	r = g.accumulate(r, k, g.c(lo))
	return g.accumulate(r, k, g.c(hi))
}

// logEdges puts the logarithm of u right where u is not positive and x, from
// which u is made, where it is not finite.
func (g *gen) logEdges(u, x, r op) op {
	edge := g.blend(g.cmp(equal, u, g.c(0)), g.c(math.Inf(-1)), g.bits(0x7fc00000))
	r = g.blend(g.cmp(lessEq, u, g.c(0)), edge, r)
	return g.blend(g.cmp(notLess, x, g.c(math.Inf(1))), x, r)
}

// sqrtHalf is the bit pattern of √½.
const sqrtHalf = 0x3f3504f3

func (g *gen) log(x op) op {
	small := g.cmp(less, x, g.c(math.Ldexp(1, -126)))
	u := g.blend(small, g.mul(x, g.c(1<<23)), x)
	n := g.sar(g.subInt(u, g.bits(sqrtHalf)), 23)
	k := g.sub(g.fromInt(n), g.keep(small, g.c(23)))
	f := g.sub(g.subInt(u, g.shl(n, 23)), g.c(1))
	return g.logEdges(x, x, g.logOf(k, f))
}

// tanh is m/(m+2) with m = exp(2|x|) - 1, which keeps its relative accuracy
// near 0.
func (g *gen) tanh(x op) op {
	y := g.minBA(g.c(9.1), g.abs(x))
	r, n := g.exponent(g.add(y, y), 127)
	p := g.horner(r, expPoly...)
	q := g.mulAdd(p, g.mul(r, r), r) // exp(r) - 1
	scale := g.shl(n, 23)            // the bits of 2ⁿ
	m := g.mulAdd(q, scale, g.sub(scale, g.c(1)))
	return g.or(g.div(m, g.add(m, g.c(2))), g.and(x, g.bits(1<<31)))
}

// decay is exp(-|x|).
func (g *gen) decay(x op) op {
	return g.expNeg(g.maxBA(g.c(-104), g.or(x, g.bits(1<<31))))
}

// sigmoid is 1/(1+e) or e/(1+e) with e = exp(-|x|), by the sign of x, so that
// small results keep all their bits.
func (g *gen) sigmoid(x op) op {
	e := g.decay(x)
	return g.div(g.blend(g.negative(x), e, g.c(1)), g.add(e, g.c(1)))
}

// softplus is max(x,0) + log(1+e) with e = exp(-|x|), the logarithm as twice
// the inverse hyperbolic tangent of e/(2+e), which needs no cases.
func (g *gen) softplus(x op) op {
	e := g.decay(x)
	s := g.div(g.add(e, e), g.add(e, g.c(2)))
	z := g.mul(s, s)
	p := g.horner(z, artanhPoly...)
	l := g.mulAdd(p, g.mul(z, s), s)
	return g.add(l, g.maxBA(x, g.c(0)))
}

// erf is x + x·P(x²) for |x| ≤ 0.92, else 1 - exp(-t·Q(t)) with the sign of x.
func (g *gen) erf(x op) op {
	t := g.abs(x)
	far := g.minBA(g.c(3.95), t)
	q := g.mul(g.horner(far, erfcPoly...), far)
	e := g.expNeg(g.xor(q, g.bits(1<<31)))
	far = g.or(g.sub(g.c(1), e), g.and(x, g.bits(1<<31)))
	near := g.mulAdd(g.horner(g.mul(x, x), erfPoly...), x, x)
	return g.blend(g.cmp(greater, t, g.c(0.92)), far, near)
}

// sine is sin(x + quarter·π/2) for |x| ≤ 10⁴; x is lost. π/2 in three parts
// leaves the remainder right in all its bits.
func (g *gen) sine(x op, quarter float64) op {
	hi, mid := split(math.Pi / 2)
	mid, lo := split(mid + 6.123233995736766e-17)
	n := g.accumulate(g.copy(g.c(round)), x, g.c(2/math.Pi))
	k := g.sub(n, g.c(round))
	r := g.reduce(x, k, g.c(hi))
	r = g.reduce(r, k, g.c(mid))
	r = g.reduce(r, k, g.c(lo))
	if quarter != 0 {
		n = g.addInt(n, g.bits(uint32(quarter)))
	}
	z := g.mul(r, r)
	c := g.horner(z, cosPoly...)
	p := g.horner(z, sinPoly...)
	s := g.mulAdd(p, g.mul(z, r), r)
	odd := g.negative(g.shl(n, 31))
	flip := g.and(g.shl(n, 30), g.bits(1<<31))
	return g.xor(g.blend(odd, c, s), flip)
}

// odds is 1 + exp(-x): 1 far above 0, and infinite below -88.4.
func (g *gen) odds(x op) op {
	x = g.minBA(g.c(87), x)
	x = g.maxBA(g.c(-89), x)
	hi, lo := split(math.Ln2)
	n := g.accumulate(g.copy(g.c(round+127)), x, g.c(-math.Log2E))
	k := g.sub(n, g.c(round+127))
	r := g.accumulate(x, k, g.c(hi))
	r = g.accumulate(r, k, g.c(lo)) // x + k·ln2
	var alternate []float64
	for i, c := range exp1Poly {
		alternate = append(alternate, c*float64(1-2*(i%2)))
	}
	return g.mulAdd(g.horner(r, alternate...), g.shl(n, 23), g.c(1))
}

// silu is x/(1 + exp(-x)).
func (g *gen) silu(x op) op { return g.div(x, g.odds(x)) }

// siluGrad is grad times the derivative of silu at x: σ(x)·(1 + x·(1 - σ(x))).
func (g *gen) siluGrad(x, grad op) op {
	s := g.div(g.c(1), g.odds(x))
	d := g.mulAdd(g.reduce(g.copy(x), x, s), s, s) // (x - x·σ)·σ + σ
	return g.mul(d, grad)
}

// functions writes the kernels of one argument.
func (g *gen) functions() {
	for _, k := range []struct {
		name, doc string
		unroll    int
		hold      []float64
		f         func(x op) op
	}{
		{"neg", "-a", 4, nil, func(x op) op { return g.xor(x, g.bits(1<<31)) }},
		{"abs", "a without its sign", 4, nil, g.abs},
		{"sign", "1 with the sign of a, or a where it is 0 or NaN", 2, nil, func(x op) op {
			one := g.or(g.and(x, g.bits(1<<31)), g.c(1))
			return g.blend(g.cmp(differ, x, g.c(0)), one, x)
		}},
		{"sqrt", "the square root of a", 2, nil, g.sqrt},
		{"rsqrt", "1 over the square root of a", 2, []float64{1}, func(x op) op { return g.div(g.c(1), g.sqrt(x)) }},
		{"floor", "the largest whole number not above a", 4, nil, g.floor},
		{"exp", "e to the a", 2, []float64{89, -104}, g.exp},
		{"log", "the natural logarithm of a", 2, []float64{1}, g.log},
		{"tanh", "the hyperbolic tangent of a", 2, []float64{1, 9.1}, g.tanh},
		{"sigmoid", "1 / (1 + exp(-a))", 2, []float64{1, -104}, g.sigmoid},
		{"softplus", "log(1 + exp(a))", 2, []float64{-104}, g.softplus},
		{"silu", "a / (1 + exp(-a))", 2, []float64{87, -89, round + 127}, g.silu},
		{"gelu", "a times the normal distribution function of a", 2, geluHold, g.gelu},
		{"erf", "the error function of a", 1, []float64{1, 3.95}, g.erf},
		{"sinNear", "the sine of a, |a| ≤ 10⁴ or NaN", 2, nil, func(x op) op { return g.sine(x, 0) }},
		{"cosNear", "the cosine of a, |a| ≤ 10⁴ or NaN", 2, nil, func(x op) op { return g.sine(x, 1) }},
	} {
		g.kernel(k.name, "a", k.doc, k.unroll, func() { g.hold(k.hold...) }, func(v values) op { return k.f(v["a"]) })
	}
	g.kernel("siluGrad", "a b", "b times the derivative of silu at a", 2, func() { g.hold(1, 87, -89, round+127) },
		func(v values) op { return g.siluGrad(v["a"], v["b"]) })
	g.kernel("geluGrad", "a b", "b times the derivative of gelu at a", 2, func() { g.hold(append(geluHold, 1)...) },
		func(v values) op { return g.geluGrad(v["a"], v["b"]) })
}
