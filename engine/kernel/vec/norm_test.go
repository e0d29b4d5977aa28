package vec

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/limner-ai/limner/engine/kernel/fence"
	"github.com/limner-ai/limner/engine/kernel/isa"
)

// Rows of every kind of length, away from 0 and near it, in place too.
func TestStandardise(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	eachLevel(t, func(t *testing.T, l isa.Level) {
		for _, rows := range []int{0, 1, 2, 5} {
			for _, cols := range []int{1, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 257, span/2 + 1} {
				a, dst, grad := fence.Floats(t, rows*cols), fence.Floats(t, rows*cols), fence.Floats(t, rows*cols)
				inverse := fence.Floats(t, rows)
				for _, shift := range []float32{0, 20} {
					for _, eps := range []float32{1e-5, 0.5} {
						randomize(rng, a, grad)
						for i := range a {
							a[i] += shift
						}
						Standardise(dst, inverse, a, cols, eps)
						checkStandardise(t, dst, inverse, a, cols, eps)
						y := slices.Clone(dst)
						Standardise(a, inverse, a, cols, eps)
						if !slices.Equal(a, y) {
							t.Fatalf("%d×%d in place differs", rows, cols)
						}
						StandardiseGrad(dst, y, inverse, grad, cols)
						checkStandardiseGrad(t, dst, y, inverse, grad, cols)
						inY, inGrad := slices.Clone(y), slices.Clone(grad)
						StandardiseGrad(inY, inY, inverse, grad, cols)
						StandardiseGrad(inGrad, y, inverse, inGrad, cols)
						if !slices.Equal(inY, dst) || !slices.Equal(inGrad, dst) {
							t.Fatalf("gradient of %d×%d in place differs", rows, cols)
						}
					}
				}
			}
		}
	})
}

func checkStandardise(t *testing.T, got, inverse, a []float32, cols int, eps float32) {
	t.Helper()
	slack := 1e-6 * (1 + float64(cols)/4096)
	for r := 0; r < len(a); r += cols {
		row := a[r : r+cols]
		var mean, variance, size float64
		for _, x := range row {
			mean += float64(x) / float64(cols)
			size = max(size, math.Abs(float64(x)))
		}
		for _, x := range row {
			variance += (float64(x) - mean) * (float64(x) - mean) / float64(cols)
		}
		want := 1 / math.Sqrt(variance+float64(eps))
		if e := math.Abs(float64(inverse[r/cols]) - want); !(e <= slack*want) {
			t.Fatalf("row of %d: inverse %v, want %v", cols, inverse[r/cols], want)
		}
		for i, x := range row {
			want := (float64(x) - mean) * want
			// What the mean is off weighs as much as the row is away from 0.
			if e := math.Abs(float64(got[r+i]) - want); !(e <= slack*(math.Abs(want)+size*float64(inverse[r/cols]))) {
				t.Fatalf("row of %d, element %d: %v, want %v", cols, i, got[r+i], want)
			}
		}
	}
}

func checkStandardiseGrad(t *testing.T, got, y, inverse, grad []float32, cols int) {
	t.Helper()
	slack := 1e-6 * (1 + float64(cols)/4096)
	for r := 0; r < len(y); r += cols {
		var mean, slope, size float64
		for i := r; i < r+cols; i++ {
			d := float64(grad[i])
			mean += d / float64(cols)
			slope += d * float64(y[i]) / float64(cols)
			size = max(size, math.Abs(d)*(1+math.Abs(float64(y[i]))))
		}
		for i := r; i < r+cols; i++ {
			k := float64(inverse[r/cols])
			want := k * (float64(grad[i]) - mean - float64(y[i])*slope)
			if e := math.Abs(float64(got[i]) - want); !(e <= slack*k*size*(1+math.Abs(float64(y[i])))) {
				t.Fatalf("gradient of a row of %d, element %d: %v, want %v", cols, i-r, got[i], want)
			}
		}
	}
}

// A NaN spoils its row alone.
func TestStandardiseNaN(t *testing.T) {
	eachLevel(t, func(t *testing.T, l isa.Level) {
		const rows, cols = 3, 21
		for at := range rows * cols {
			a, dst, inverse := make([]float32, rows*cols), make([]float32, rows*cols), make([]float32, rows)
			a[at] = float32(math.NaN())
			Standardise(dst, inverse, a, cols, 1)
			for i, x := range dst {
				if (x != x) != (i/cols == at/cols) {
					t.Fatalf("NaN at %d: element %d is %v", at, i, x)
				}
			}
			clear(dst)
			StandardiseGrad(dst, make([]float32, rows*cols), []float32{1, 1, 1}, a, cols)
			for i, x := range dst {
				if (x != x) != (i/cols == at/cols) {
					t.Fatalf("gradient with NaN at %d: element %d is %v", at, i, x)
				}
			}
		}
	})
}

func TestStandardiseLengths(t *testing.T) {
	x, inverse := make([]float32, 12), make([]float32, 3)
	for name, f := range map[string]func(){
		"source":   func() { Standardise(x, inverse, x[:8], 4, 1) },
		"rows":     func() { Standardise(x, inverse[:2], x, 4, 1) },
		"parts":    func() { Standardise(x, inverse, x, 5, 1) },
		"y":        func() { StandardiseGrad(x, x[:8], inverse, x, 4) },
		"gradient": func() { StandardiseGrad(x, x, inverse, x[:8], 4) },
		"inverse":  func() { StandardiseGrad(x, x, inverse[:2], x, 4) },
		"none":     func() { StandardiseGrad(x, x, inverse, x, 0) },
	} {
		func() {
			defer func() {
				if _, ok := recover().(*LengthError); !ok {
					t.Errorf("%s: no LengthError", name)
				}
			}()
			f()
		}()
	}
}
