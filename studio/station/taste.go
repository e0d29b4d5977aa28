// Package station is an endless stream of pictures that learns from what a
// person keeps and skips.
//
// What is chosen next is decided by Thompson sampling (Thompson, On the
// likelihood that one unknown probability exceeds another, Biometrika 25, 1933)
// on a Bayesian linear model of the attributes of prompts and pictures, as in
// Agrawal and Goyal, Thompson Sampling for Contextual Bandits with Linear
// Payoffs (ICML 2013), algorithm 1. Older words count less, since tastes change.
package station

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// Round is a picture that somebody said something of.
type Round struct {
	Number     int
	Attributes []Attribute
	Keep       bool
}

const (
	noise    = .8  // deviation of what a person says, given what they think
	fading   = .99 // by which a word counts less with each later one
	remember = 400 // words at most
)

// taste is what is thought of attributes, after some rounds: normal with this
// mean, and the precision whose Cholesky factor is known. Attributes that were
// not met are as the prior has them, independent of all others.
type taste struct {
	names []Attribute // sorted
	mean  []float64
	chol  mat.Cholesky
	kept  map[Attribute]int
	shown map[Attribute]int
}

// learn computes the posterior.
//
//	A = Λ + Σ γ^age x xᵀ / σ²,  b = Σ γ^age y x / σ²,  μ = A⁻¹ b
func learn(rounds []Round) *taste {
	t := &taste{kept: map[Attribute]int{}, shown: map[Attribute]int{}}
	rounds = rounds[max(0, len(rounds)-remember):]
	for _, r := range rounds {
		for _, a := range r.Attributes {
			t.shown[a]++
			if r.Keep {
				t.kept[a]++
			}
			if i, known := slices.BinarySearch(t.names, a); !known {
				t.names = slices.Insert(t.names, i, a)
			}
		}
	}
	n := len(t.names)
	if n == 0 {
		return t
	}
	precision, b := mat.NewSymDense(n, nil), mat.NewVecDense(n, nil)
	for i, a := range t.names {
		precision.SetSym(i, i, 1/(a.deviation()*a.deviation()))
	}
	for k, r := range rounds {
		weight := math.Pow(fading, float64(len(rounds)-1-k)) / (noise * noise)
		said := -weight
		if r.Keep {
			said = weight
		}
		var at []int
		for _, a := range r.Attributes {
			i, _ := slices.BinarySearch(t.names, a)
			at = append(at, i)
		}
		for _, i := range at {
			b.SetVec(i, b.AtVec(i)+said)
			for _, j := range at {
				if j >= i {
					precision.SetSym(i, j, precision.At(i, j)+weight)
				}
			}
		}
	}
	// The prior keeps it positive definite, so that the factor exists.
	t.chol.Factorize(precision)
	var mean mat.VecDense
	if err := t.chol.SolveVecTo(&mean, b); err != nil {
		mean.Reset()
		mean.CloneFromVec(mat.NewVecDense(n, nil)) // worse than we can count: as if nothing were known
	}
	t.mean = mean.RawVector().Data
	return t
}

// think is the mean of an attribute.
func (t *taste) think(a Attribute) float64 {
	if i, known := slices.BinarySearch(t.names, a); known {
		return t.mean[i]
	}
	return 0
}

// sample draws from the posterior what each of some attributes may be worth:
// w = μ + U⁻¹ z for those that were met, where A = Uᵀ U, and what the prior has
// for the others. The order of the list decides which number each gets.
func (t *taste) sample(of []Attribute, draw *rand.Rand) []float64 {
	drawn := make([]float64, len(t.names))
	if n := len(t.names); n > 0 {
		z := mat.NewVecDense(n, nil)
		for i := range n {
			z.SetVec(i, draw.NormFloat64())
		}
		var u mat.TriDense
		t.chol.UTo(&u)
		var w mat.VecDense
		if err := w.SolveVec(&u, z); err == nil {
			for i := range n {
				drawn[i] = t.mean[i] + w.AtVec(i)
			}
		}
	}
	out := make([]float64, len(of))
	for i, a := range of {
		if k, known := slices.BinarySearch(t.names, a); known {
			out[i] = drawn[k]
		} else {
			out[i] = a.deviation() * draw.NormFloat64()
		}
	}
	return out
}
