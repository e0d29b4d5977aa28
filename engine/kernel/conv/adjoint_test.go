package conv

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/limner-ai/limner/engine/kernel/isa"
)

// TestAdjoint holds the operations against each other at sizes where the naive
// loops would take too long: ⟨x∗w, y⟩ = ⟨w, filter gradient⟩ = ⟨x, input gradient⟩.
func TestAdjoint(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	for _, s := range []Shape{
		square(3, 64, 64, 3, 32, 1, 1),
		square(4, 16, 100, 4, 300, 2, 1),
		square(2, 32, 128, 3, 128, 1, 1).grouped(8),
		square(20, 8, 256, 1, 64, 1, 0),
		square(3, 32, 72, 4, 72, 1, 2).grouped(72),
		square(2, 64, 3, 7, 64, 2, 3),
	} {
		s = s.checked()
		x, w, dy := random(t, r, s.InputSize()), random(t, r, s.FilterSize()), random(t, r, s.OutputSize())
		y, dx, dw := random(t, r, len(dy)), random(t, r, len(x)), random(t, r, len(w))
		for _, level := range isa.Available() {
			if level == isa.Generic {
				continue // too slow, and checked against the loops
			}
			forward(t, level, r, s, chooseTile(s, forwardPass), y, x, w)
			inputGrad(t, level, r, s, chooseTile(s, inputGradPass), dx, dy, w)
			filterGrad(t, level, r, s, chooseTile(s, filterGradPass), dw, x, dy)
			want := dot(y, dy)
			scale := 1e-5 * math.Sqrt(dot(y, y)*dot(dy, dy)/float64(len(y))) * math.Sqrt(float64(s.FilterSize()/s.K))
			for name, got := range map[string]float64{"input": dot(x, dx), "filter": dot(w, dw)} {
				if !(math.Abs(got-want) <= scale) {
					t.Errorf("%s %+v: ⟨y, dy⟩ is %v, with the %s gradient %v", level, s, want, name, got)
				}
			}
		}
	}
}

func dot(a, b []float32) (sum float64) {
	for i, v := range a {
		sum += float64(v) * float64(b[i])
	}
	return sum
}
