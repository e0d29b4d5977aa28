package main

import "math"

// tailPoly is Φ(-t)·exp(t²/2) on t ≥ 0, fitted so that its product with
// exp(-t²/2) is within 2⁻²⁴·⁸ of Φ(-t) everywhere; 2ˣ on |x| ≤ ½ is exp2Poly,
// within 2⁻²³·¹ of it.
var (
	tailPoly = []float64{0.5, -0.39894112944602966, 0.24997738003730774, -0.13282491266727448, 0.06196513772010803,
		-0.02552480436861515, 0.009046659804880619, -0.0026122890412807465, 0.0005710046389140189,
		-8.626955968793482e-05, 7.879538316046819e-06, -3.238443753161846e-07}
	exp2Poly = []float64{1, 0.6931470036506653, 0.24022242426872253, 0.05550733581185341, 0.009671513922512531, 0.0013264730805531144}
)

// tailMost is a |x| beyond which Φ(-|x|) is nothing, while exp(-x²/2) is still
// a normal number.
const tailMost = 13

// geluHold are the constants that come first in an instruction.
var geluHold = []float64{tailMost, round + 127}

// normal is t = min(|x|, 13) and exp(-t²/2)·(P(t) + slope·t), where the first
// factor times P is Φ(-t). Even and odd powers are added up apart, which
// halves the chain.
func (g *gen) normal(x op, slope float64) (t, tail op) {
	t = g.minBA(g.c(tailMost), g.abs(x))
	y := g.mul(t, t)
	n := g.accumulate(g.copy(g.c(round+127)), y, g.c(-math.Log2E/2))
	r := g.sub(g.c(round+127), n)
	r = g.accumulate(r, y, g.c(-math.Log2E/2))
	e := g.mul(g.horner(r, exp2Poly...), g.shl(n, 23))
	var even, odd []float64
	for i, c := range tailPoly {
		if i == 1 {
			c += slope
		}
		if i%2 == 0 {
			even = append(even, c)
		} else {
			odd = append(odd, c)
		}
	}
	p := g.mulAdd(g.horner(y, odd...), t, g.horner(y, even...))
	return t, g.mul(p, e)
}

// gelu is x·Φ(x) = max(x, 0) - |x|·Φ(-|x|).
func (g *gen) gelu(x op) op {
	t, tail := g.normal(x, 0)
	return g.reduce(g.maxBA(x, g.c(0)), t, tail)
}

// geluGrad is grad times the derivative of gelu at x, Φ(x) + x·φ(x), which is
// 1 minus that at -x.
func (g *gen) geluGrad(x, grad op) op {
	_, tail := g.normal(x, -1/math.Sqrt(2*math.Pi))
	return g.mul(g.blend(g.negative(x), tail, g.sub(g.c(1), tail)), grad)
}
