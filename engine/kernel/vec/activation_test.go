package vec

import (
	"math"
	"testing"

	"github.com/limner-ai/limner/engine/kernel/fence"
	"github.com/limner-ai/limner/engine/kernel/isa"
)

func TestActivations(t *testing.T) {
	const n = 4001
	x, g, y := fence.Floats(t, n), fence.Floats(t, n), fence.Floats(t, n)
	for i := range x {
		x[i] = float32(i-n/2) * 0.006
		g[i] = float32(i%7) - 3.5
	}
	x[0], x[1], x[2], x[3] = -1e30, 1e30, -100, 100
	eachLevel(t, func(t *testing.T, l isa.Level) {
		GELU(y, x)
		for i, got := range y {
			v := float64(x[i])
			want := v * math.Erfc(-v/math.Sqrt2) / 2
			if math.Abs(float64(got)-want) > math.Ldexp(math.Abs(v), -22) {
				t.Fatalf("GELU(%v) = %v, want %v", v, got, want)
			}
		}
		SiLU(y, x)
		for i, got := range y {
			v := float64(x[i])
			want := v * sigmoid64(v)
			if math.Abs(float64(got)-want) > math.Ldexp(math.Abs(want), -22)+math.Ldexp(1, -125) {
				t.Fatalf("SiLU(%v) = %v, want %v", v, got, want)
			}
		}
		SiLUGrad(y, x, g)
		for i, got := range y {
			v := float64(x[i])
			s := sigmoid64(v)
			rest := 0.0
			if math.Abs(v) < 1e3 {
				rest = v * s * sigmoid64(-v)
			}
			if want := float64(g[i]) * (s + rest); math.Abs(float64(got)-want) > math.Ldexp(math.Abs(float64(g[i]))*(1+math.Min(math.Abs(v), 100)), -22) {
				t.Fatalf("SiLUGrad(%v, %v) = %v, want %v", v, g[i], got, want)
			}
		}
		for k := range 70 { // at the end of memory

			SiLUGrad(y[n-k:], x[n-k:], g[n-k:])
			GELU(y[n-k:], x[n-k:])
			SiLU(y[n-k:], x[n-k:])
		}
	})
}
