package vec

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/limner-ai/limner/engine/kernel/fence"
	"github.com/limner-ai/limner/engine/kernel/isa"
)

func TestAdam(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	a := Adam{Tau1: .1, Tau2: .001, Pace: 2.4e-2, Unit: 10, Eps: 1e-8, Decay: 5e-4, Gain: .01}
	eachLevel(t, func(t *testing.T, l isa.Level) {
		for _, n := range []int{0, 1, 5, 8, 13, 16, 64, 71, span + 9} {
			for mode := range 4 {
				average, inPlace := mode&1 != 0, mode&2 != 0
				var x, y [5][]float32
				for i := range x {
					x[i] = fence.Floats(t, n)
					randomize(rng, x[i])
					y[i] = x[i]
					if !inPlace {
						y[i] = fence.Floats(t, n)
					}
				}
				Abs(x[2], x[2])
				var want [4][]float64
				for i := range n {
					p, m, v, e, d := float64(x[0][i]), float64(x[1][i]), float64(x[2][i]), float64(x[3][i]), float64(x[4][i])
					m = (1-float64(a.Tau1))*m + float64(a.Tau1)*d
					v = (1-float64(a.Tau2))*v + float64(a.Tau2)*d*d
					p -= float64(a.Pace)*m/(math.Sqrt(v)*float64(a.Unit)+float64(a.Eps)) + float64(a.Decay)*p
					e += float64(a.Gain) * (p - e)
					for j, w := range []float64{p, m, v, e} {
						want[j] = append(want[j], w)
					}
				}
				from, to := AdamState{x[0], x[1], x[2], nil}, AdamState{y[0], y[1], y[2], nil}
				results := 3
				if average {
					from.E, to.E = x[3], y[3]
					results = 4
				}
				a.Step(to, from, x[4])
				for j := range results {
					for i, w := range want[j] {
						if got := float64(y[j][i]); !(math.Abs(got-w) <= 3e-6*(1+math.Abs(w))) {
							t.Fatalf("mode %d, result %d, element %d of %d: %v, want %v", mode, j, i, n, got, w)
						}
					}
				}
			}
		}
	})
}

// Results may lie anywhere among the sources.
func TestAdamTakesTurns(t *testing.T) {
	const n = 37
	rng := rand.New(rand.NewPCG(13, 14))
	a := Adam{Tau1: .1, Tau2: .001, Pace: 2.4e-2, Unit: 10, Eps: 1e-8, Gain: .01}
	eachLevel(t, func(t *testing.T, l isa.Level) {
		var x, want [5][]float32
		for i := range x {
			x[i], want[i] = make([]float32, n), make([]float32, n)
			randomize(rng, x[i])
			Abs(x[i], x[i])
		}
		from := AdamState{x[0], x[1], x[2], x[3]}
		a.Step(AdamState{want[0], want[1], want[2], want[3]}, from, x[4])
		a.Step(AdamState{x[4], x[0], x[1], x[2]}, from, x[4])
		for i := range n {
			if x[4][i] != want[0][i] || x[0][i] != want[1][i] || x[1][i] != want[2][i] || x[2][i] != want[3][i] {
				t.Fatalf("element %d differs", i)
			}
		}
	})
}
