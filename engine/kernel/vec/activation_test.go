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
	copy(x, []float32{-1e30, 1e30, -100, 100, -87, -88, -88.3, -88.5, -89, -90, 86.9, 87, 87.1, 88, 90})
	eachLevel(t, func(t *testing.T, l isa.Level) {
		GELU(y, x)
		for i, got := range y {
			v := float64(x[i])
			want := v * math.Erfc(-v/math.Sqrt2) / 2
			if math.Abs(float64(got)-want) > math.Ldexp(math.Abs(v), -22) {
				t.Fatalf("GELU(%v) = %v, want %v", v, got, want)
			}
		}
		GELUGrad(y, x, g)
		for i, got := range y {
			v, d := float64(x[i]), float64(g[i])
			want := d * (math.Erfc(-v/math.Sqrt2)/2 + v*math.Exp(-v*v/2)/math.Sqrt(2*math.Pi))
			if math.Abs(float64(got)-want) > math.Ldexp(math.Abs(d), -22) {
				t.Fatalf("GELUGrad(%v, %v) = %v, want %v", v, d, got, want)
			}
		}
		SiLU(y, x)
		for i, got := range y {
			v := float64(x[i])
			want := v * sigmoid64(v)
			if math.Abs(float64(got)-want) > math.Ldexp(math.Abs(want), -22)+math.Ldexp(1, -125)+when(v < -88)*math.Ldexp(1, -120) {
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
			GELUGrad(y[n-k:], x[n-k:], g[n-k:])
			SiLUGrad(y[n-k:], x[n-k:], g[n-k:])
			GELU(y[n-k:], x[n-k:])
			SiLU(y[n-k:], x[n-k:])
		}
	})
}

// At the edges of float32 the functions are their limits; NaN stays.
func TestGELUEdges(t *testing.T) {
	inf, tiny := float32(math.Inf(1)), math.Float32frombits(1)
	x := []float32{inf, -inf, 13, -13, 13.5, -13.5, math.MaxFloat32, -math.MaxFloat32, 1e-38, -1e-38, tiny, 0, float32(math.NaN())}
	value := []float32{inf, 0, 13, 0, 13.5, 0, math.MaxFloat32, 0, 5e-39, -5e-39, 0, 0, float32(math.NaN())}
	slope := []float32{1, 0, 1, 0, 1, 0, 1, 0, .5, .5, .5, .5, float32(math.NaN())}
	ones, y := make([]float32, len(x)), make([]float32, len(x))
	Fill(ones, 1)
	eachLevel(t, func(t *testing.T, l isa.Level) {
		near := func(a, b float32) bool {
			return a == b || a != a && b != b || math.Abs(float64(a-b)) <= math.Max(math.Abs(float64(b))/(1<<22), 2e-31)
		}
		GELU(y, x)
		for i, got := range y {
			if !near(got, value[i]) {
				t.Errorf("GELU(%v) = %v, want %v", x[i], got, value[i])
			}
		}
		GELUGrad(y, x, ones)
		for i, got := range y {
			if !near(got, slope[i]) {
				t.Errorf("the derivative of GELU at %v is %v, want %v", x[i], got, slope[i])
			}
		}
	})
}
