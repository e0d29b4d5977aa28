package vec

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/limner-ai/limner/engine/kernel/fence"
	"github.com/limner-ai/limner/engine/kernel/isa"
)

// softmaxOf is the softmax of a row by its definition.
func softmaxOf(a []float32) []float64 {
	out := make([]float64, len(a))
	m := float64(slices.Max(a))
	sum := 0.0
	for i, x := range a {
		// The kernels round the difference.
		out[i] = math.Exp(float64(x - float32(m)))
		sum += out[i]
	}
	for i := range out {
		out[i] /= sum
	}
	return out
}

// Rows of every kind of length, where numbers lie close, far apart, and so far
// that powers are denormal or 0; in place too.
func TestSoftmax(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	eachLevel(t, func(t *testing.T, l isa.Level) {
		for _, rows := range []int{0, 1, 2, 5} {
			for _, cols := range []int{1, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 257, span/2 + 1} {
				a, dst, grad := fence.Floats(t, rows*cols), fence.Floats(t, rows*cols), fence.Floats(t, rows*cols)
				for _, size := range []float32{0.1, 3, 30, 1e9} {
					randomize(rng, a, grad)
					for i := range a {
						a[i] = a[i]*size - 20*size // a maximum of 0 would be wrong
					}
					Softmax(dst, a, cols)
					checkSoftmax(t, dst, a, cols)
					y := slices.Clone(dst)
					Softmax(a, a, cols)
					if !slices.Equal(a, y) {
						t.Fatalf("%d×%d in place differs", rows, cols)
					}
					SoftmaxGrad(dst, y, grad, cols)
					checkSoftmaxGrad(t, dst, y, grad, cols)
					inY, inGrad := slices.Clone(y), slices.Clone(grad)
					SoftmaxGrad(inY, inY, grad, cols)
					SoftmaxGrad(inGrad, y, inGrad, cols)
					if !slices.Equal(inY, dst) || !slices.Equal(inGrad, dst) {
						t.Fatalf("gradient of %d×%d in place differs", rows, cols)
					}
				}
			}
		}
	})
}

func checkSoftmax(t *testing.T, got, a []float32, cols int) {
	t.Helper()
	for r := 0; r < len(a); r += cols {
		for i, want := range softmaxOf(a[r : r+cols]) {
			if g := float64(got[r+i]); !(math.Abs(g-want) <= 4e-7*want*(1+float64(cols)/4096)+0x1p-149) {
				t.Fatalf("row of %d, element %d: %v, want %v", cols, i, g, want)
			}
		}
	}
}

func checkSoftmaxGrad(t *testing.T, got, y, grad []float32, cols int) {
	t.Helper()
	for r := 0; r < len(y); r += cols {
		var sum, size float64
		for i := r; i < r+cols; i++ {
			x := float64(y[i]) * float64(grad[i])
			sum += x
			size += math.Abs(x)
		}
		for i := r; i < r+cols; i++ {
			want := float64(y[i]) * (float64(grad[i]) - sum)
			if e := math.Abs(float64(got[i]) - want); !(e <= 2e-7*float64(y[i])*(size*(2+float64(cols)/128)+math.Abs(float64(grad[i])))+0x1p-149) {
				t.Fatalf("gradient of a row of %d, element %d: %v, want %v", cols, i-r, got[i], want)
			}
		}
	}
}

// A row that has no softmax is NaN, and those beside it are not; a number at
// -Inf has the power 0.
func TestSoftmaxEdges(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	eachLevel(t, func(t *testing.T, l isa.Level) {
		const cols = 41
		for _, bad := range []float32{nan, inf} {
			for at := range 3 * cols {
				a := make([]float32, 3*cols)
				randomize(rand.New(rand.NewPCG(1, uint64(at))), a)
				a[at] = bad
				dst := make([]float32, len(a))
				Softmax(dst, a, cols)
				for i, x := range dst {
					if (x != x) != (i/cols == at/cols) {
						t.Fatalf("%v at %d: element %d is %v", bad, at, i, x)
					}
				}
			}
		}
		a := make([]float32, 2*cols)
		for i := range a {
			a[i] = -inf
		}
		a[cols+3], a[cols+40] = 5, 5
		Softmax(a, a, cols)
		for i, x := range a {
			switch {
			case i < cols && x == x:
				t.Errorf("a row of -Inf has %v", x)
			case i == cols+3 || i == cols+40:
				if x != 0.5 {
					t.Errorf("one of two: %v", x)
				}
			case i >= cols && x != 0:
				t.Errorf("at -Inf: %v", x)
			}
		}
	})
}

func TestSoftmaxLengths(t *testing.T) {
	x := make([]float32, 12)
	for name, f := range map[string]func(){
		"source":   func() { Softmax(x, x[:8], 4) },
		"rows":     func() { Softmax(x, x, 5) },
		"none":     func() { Softmax(x, x, 0) },
		"columns":  func() { Softmax(make([]float32, span+1), make([]float32, span+1), span+1) },
		"y":        func() { SoftmaxGrad(x, x[:8], x, 4) },
		"gradient": func() { SoftmaxGrad(x, x, x[:8], 4) },
		"parts":    func() { SoftmaxGrad(x, x, x, 7) },
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
