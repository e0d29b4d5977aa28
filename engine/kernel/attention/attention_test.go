package attention

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/limner-ai/limner/engine/kernel/fence"
	"github.com/limner-ai/limner/engine/kernel/isa"
)

// wide is attention and its gradients in float64, from the definition.
type wide struct{ o, lse, q, k, v []float64 }

func naive(s Shape, x Operands) wide {
	c := s.H * s.D
	w := wide{make([]float64, s.B*s.N*c), make([]float64, s.B*s.H*s.N), make([]float64, s.B*s.N*c), make([]float64, s.B*s.M*c), make([]float64, s.B*s.M*c)}
	scale := 1 / math.Sqrt(float64(s.D))
	for b := range s.B {
		for h := range s.H {
			for i := range s.N {
				qi := (b*s.N+i)*c + h*s.D
				p, top := make([]float64, s.M), math.Inf(-1)
				for j := range p {
					kj := (b*s.M+j)*c + h*s.D
					for e := range s.D {
						p[j] += float64(x.Q[qi+e]) * float64(x.K[kj+e]) * scale
					}
					if s.BiasB > 0 {
						p[j] += float64(x.Bias[((b%s.BiasB*s.BiasH+h%s.BiasH)*s.BiasN+i%s.BiasN)*s.M+j])
					}
					top = math.Max(top, p[j])
				}
				lse := &w.lse[(b*s.H+h)*s.N+i]
				if *lse = top; math.IsInf(top, -1) {
					continue
				}
				sum := 0.
				for j := range p {
					p[j] = math.Exp(p[j] - top)
					sum += p[j]
				}
				*lse += math.Log(sum)
				dp, mean := make([]float64, s.M), 0.
				for j := range p {
					p[j] /= sum
					vj := (b*s.M+j)*c + h*s.D
					for e := range s.D {
						w.o[qi+e] += p[j] * float64(x.V[vj+e])
						dp[j] += float64(x.Grad[qi+e]) * float64(x.V[vj+e])
						w.v[vj+e] += p[j] * float64(x.Grad[qi+e])
					}
					mean += p[j] * dp[j]
				}
				for j := range p {
					ds := p[j] * (dp[j] - mean) * scale
					kj := (b*s.M+j)*c + h*s.D
					for e := range s.D {
						w.q[qi+e] += ds * float64(x.K[kj+e])
						w.k[kj+e] += ds * float64(x.Q[qi+e])
					}
				}
			}
		}
	}
	return w
}

// near holds got to want within tol of the largest number in want, or of what
// cancels where that is nothing.
func near(t *testing.T, what string, got []float32, want []float64, tol float64) {
	t.Helper()
	largest := 0.
	for _, x := range want {
		if !math.IsInf(x, 0) {
			largest = max(largest, math.Abs(x))
		}
	}
	for i, x := range want {
		if d := math.Abs(float64(got[i]) - x); !(d <= tol*max(largest, .2)) && float64(got[i]) != x {
			t.Fatalf("%s: element %d is %v, want %v, the largest being %v", what, i, got[i], x, largest)
		}
	}
}

// operands draws what a shape needs; scores have a deviation of about sigma.
func operands(t *testing.T, s Shape, sigma float64) Operands {
	r := rand.New(rand.NewPCG(uint64(s.N), uint64(s.M*s.D)))
	draw := func(n int, sigma float64) []float32 {
		x := fence.Floats(t, n)
		for i := range x {
			x[i] = float32(sigma * r.NormFloat64())
		}
		return x
	}
	c := s.H * s.D
	x := Operands{Q: draw(s.B*s.N*c, sigma), K: draw(s.B*s.M*c, 1), V: draw(s.B*s.M*c, 1), Grad: draw(s.B*s.N*c, 1)}
	x.Bias = draw(s.BiasB*s.BiasH*s.BiasN*s.M, 1)
	for i := range x.Bias {
		if r.IntN(3) == 0 {
			x.Bias[i] = float32(math.Inf(-1))
		}
	}
	if s.BiasB > 0 { // the last row of the bias hides everything
		for i := range s.M {
			x.Bias[len(x.Bias)-1-i] = float32(math.Inf(-1))
		}
	}
	return x
}

// check runs every instruction set, with the tasks in a random order, and
// compares with the definition. Without lse no gradients are made.
func check(t *testing.T, s Shape, sigma, tol float64) {
	t.Helper()
	x := operands(t, s, sigma)
	r := rand.New(rand.NewPCG(5, 6))
	c := s.H * s.D
	want := naive(s, x)
	for _, level := range isa.Available() {
		f := newForward(level, s)
		o, lse := fence.Floats(t, s.B*s.N*c), fence.Floats(t, s.B*s.H*s.N)
		scratch := fence.Floats(t, f.ScratchSize())
		for _, i := range r.Perm(f.Tasks()) {
			f.Run(i, o, lse, x.Q, x.K, x.V, x.Bias, scratch)
		}
		near(t, fmt.Sprint(level, " o"), o, want.o, tol)
		near(t, fmt.Sprint(level, " lse"), lse, want.lse, tol)
		again := fence.Floats(t, len(o))
		for i := range f.Tasks() {
			f.Run(i, again, nil, x.Q, x.K, x.V, x.Bias, scratch)
		}
		if !slices.Equal(o, again) {
			t.Fatalf("%v: the order of tasks changes o", level)
		}
		x.O, x.LSE = o, lse
		w := newBackward(level, s)
		scratch = fence.Floats(t, w.ScratchSize())
		for mask := 1; mask < 8; mask++ {
			if mask < 7 && s.M > 64 {
				continue
			}
			var d Gradients
			for bit, g := range []*[]float32{&d.Q, &d.K, &d.V} {
				if mask>>bit&1 == 1 {
					*g = fence.Floats(t, s.B*[]int{s.N, s.M, s.M}[bit]*c)
				}
			}
			for _, i := range r.Perm(w.Tasks()) {
				w.Run(i, d, x, scratch)
			}
			for bit, g := range [][]float32{d.Q, d.K, d.V} {
				if g != nil {
					near(t, fmt.Sprint(level, " gradient ", bit, " of mask ", mask), g, [][]float64{want.q, want.k, want.v}[bit], tol)
				}
			}
		}
	}
}

func TestAttention(t *testing.T) {
	for _, n := range [][2]int{{1, 1}, {1, 7}, {7, 1}, {7, 7}, {64, 64}, {65, 65}, {256, 256}, {100, 17}, {3, 300}, {0, 5}} {
		for _, d := range []int{16, 32, 64, 80, 5} {
			heads := 3
			if n[0]*n[1] > 5000 {
				if heads = 1; d != 64 && d != 5 {
					continue
				}
			}
			t.Run(fmt.Sprint(n, d), func(t *testing.T) {
				check(t, Shape{B: 1, N: n[0], M: n[1], H: heads, D: d}, 1, 2e-5)
			})
		}
	}
	t.Run("a panel's width of channels", func(t *testing.T) { check(t, Shape{B: 1, N: 9, M: 9, H: 2, D: 4}, 1, 2e-5) })
	t.Run("many heads", func(t *testing.T) { check(t, Shape{B: 4, N: 97, M: 130, H: 4, D: 8}, 1, 2e-5) })
}

func TestBias(t *testing.T) {
	for _, bias := range [][3]int{{1, 1, 1}, {2, 1, 1}, {1, 3, 1}, {1, 1, 9}, {2, 3, 9}} {
		for _, m := range []int{5, 200} {
			t.Run(fmt.Sprint(bias, m), func(t *testing.T) {
				check(t, Shape{B: 2, N: 9, M: m, H: 3, D: 16, BiasB: bias[0], BiasH: bias[1], BiasN: bias[2]}, 1, 2e-5)
			})
		}
	}
}

// Scores of hundreds make P a row of zeros and a one; the largest may come in
// a later block of keys. Float32 knows such scores to 1e-5 alone.
func TestLargeScores(t *testing.T) {
	check(t, Shape{B: 1, N: 20, M: 300, H: 2, D: 32}, 300, 2e-3)
	check(t, Shape{B: 1, N: 20, M: 64, H: 2, D: 64}, 300, 2e-3)
}

// A NaN in a query shows in its own results alone.
func TestNaN(t *testing.T) {
	s := Shape{B: 1, N: 9, M: 150, H: 1, D: 16}
	x := operands(t, s, 1)
	x.Q[4*16+3] = float32(math.NaN())
	f := NewForward(s)
	o := make([]float32, 9*16)
	for i := range f.Tasks() {
		f.Run(i, o, nil, x.Q, x.K, x.V, nil, make([]float32, f.ScratchSize()))
	}
	for i, v := range o {
		if math.IsNaN(float64(v)) != (i/16 == 4) {
			t.Fatalf("query %d gives %v", i/16, v)
		}
	}
}

func TestImpossibleShape(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no keys were accepted")
		}
	}()
	NewForward(Shape{B: 1, N: 1, H: 1, D: 4})
}
