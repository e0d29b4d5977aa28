package conv

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/limner-ai/limner/engine/kernel/fence"
	"github.com/limner-ai/limner/engine/kernel/isa"
)

// TestWinogradError holds tiles to the error that the documentation states:
// the largest, as a share of the largest value.
func TestWinogradError(t *testing.T) {
	const bound = 4e-6
	for _, s := range []Shape{square(1, 6, 256, 3, 256, 1, 1), square(1, 14, 64, 3, 64, 1, 1), square(1, 16, 64, 4, 128, 2, 1)} {
		s = s.checked()
		r := rand.New(rand.NewPCG(5, uint64(s.C)))
		x, w, dy := random(t, r, s.InputSize()), random(t, r, s.FilterSize()), random(t, r, s.OutputSize())
		y, dx, dw := make([]float64, len(dy)), make([]float64, len(x)), make([]float64, len(w))
		each(s, func(i, j, o int) {
			y[o] += float64(x[i]) * float64(w[j])
			dx[i] += float64(dy[o]) * float64(w[j])
			dw[j] += float64(x[i]) * float64(dy[o])
		})
		got := fence.Floats(t, max(len(y), len(dx), len(dw)))
		for _, level := range isa.Available()[1:] {
			for _, c := range []struct {
				name string
				op   op
				a, b []float32
				want []float64
			}{{"forward", forward, x, w, y}, {"input gradient", inputGrad, dy, w, dx}, {"filter gradient", filterGrad, x, dy, dw}} {
				got := got[len(got)-len(c.want):]
				c.op(t, level, r, s, 4, got, c.a, c.b)
				worst, largest := 0.0, 0.0
				for i, v := range c.want {
					worst, largest = max(worst, math.Abs(float64(got[i])-v)), max(largest, math.Abs(v))
				}
				t.Logf("%s %s of %+v: %.2g", level, c.name, s, worst/largest)
				if !(worst <= bound*largest) {
					t.Errorf("%s %s of %+v: error of %.2g of the largest value", level, c.name, s, worst/largest)
				}
			}
		}
	}
}
