package watermark

import "math"

// tightness is the constant of Bentkus and Dzindzalieta, "A tight Gaussian
// bound for weighted sums of Rademacher random variables" (Bernoulli 21, 2015):
// 1/(4·P(Z ≥ √2)).
const tightness = 3.178

// signTail bounds the chance that a sum of fixed numbers under independent
// random signs is at least z times the root of the sum of their squares:
// P(S ≥ z) ≤ c·P(Z ≥ z) with Z standard normal, for any numbers, however many.
func signTail(z float64) float64 {
	if z <= 0 {
		return 1
	}
	return min(1, tightness*math.Erfc(z/math.Sqrt2)/2)
}

// turnTail bounds the chance that a sum of fixed complex numbers, each turned
// by an independent uniform angle, has a real part of at least t times the root
// of the sum of their squared moduli: with squares that add up to one,
// E exp(λ·Re S) = ∏ I₀(λ·aᵢ) ≤ exp(λ²/4), and Chernoff's inequality at λ = 2t
// gives exp(-t²).
func turnTail(t float64) float64 {
	if t <= 0 {
		return 1
	}
	return math.Exp(-t * t)
}

// modulusTail bounds the same chance for the modulus of the sum.
//
// Over a plane standard Gaussian vector g, exp(α|S|²) is the mean of
// exp(√(2α)·⟨S, g⟩), so by the bound above E exp(α|S|²) ≤ 1/(1-α) for α < 1.
// Markov's inequality at α = 1-1/t² gives P(|S| ≥ t) ≤ e·t²·exp(-t²).
func modulusTail(t float64) float64 {
	if t <= 1 {
		return 1
	}
	return min(1, t*t*math.Exp(1-t*t))
}
