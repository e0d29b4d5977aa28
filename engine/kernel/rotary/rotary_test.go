package rotary

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/limner-ai/limner/engine/kernel/fence"
	"github.com/limner-ai/limner/engine/kernel/isa"
)

func random(tb testing.TB, r *rand.Rand, n int) []float32 {
	s := fence.Floats(tb, n)
	for i := range s {
		s[i] = float32(r.NormFloat64())
	}
	return s
}

// naive is the definition in float64: y, and by differences of ⟨grad, y⟩ the
// gradients in x and scale.
func naive(s Shape, x, scale, cos, sin, grad []float32) (y, dx, dscale []float64) {
	wide := func(x []float32) []float64 {
		out := make([]float64, len(x))
		for i, v := range x {
			out[i] = float64(v)
		}
		return out
	}
	xs, scales := wide(x), wide(scale)
	half := s.D / s.Groups / 2
	row := func(t, h int) []float64 { // results of one head
		at := (t*s.H + h) * s.D
		square := 0.
		for _, v := range xs[at : at+s.D] {
			square += v * v
		}
		r := 1 / math.Sqrt(square/float64(s.D)+float64(s.Eps))
		out := make([]float64, s.D)
		for g := range s.Groups {
			for i := range half {
				j, k, p := 2*half*g+i, 2*half*g+i+half, t%s.N*s.D/2+half*g+i
				z := complex(xs[at+j]*r*scales[j], xs[at+k]*r*scales[k]) * complex(float64(cos[p]), float64(sin[p]))
				out[j], out[k] = real(z), imag(z)
			}
		}
		return out
	}
	product := func(t, h int) (sum float64) {
		for i, v := range row(t, h) {
			sum += v * float64(grad[(t*s.H+h)*s.D+i])
		}
		return sum
	}
	const step = 1e-5
	slope := func(v *float64, t, h int) float64 {
		old := *v
		*v = old + step
		hi := product(t, h)
		*v = old - step
		lo := product(t, h)
		*v = old
		return (hi - lo) / (2 * step)
	}
	dscale = make([]float64, s.D)
	for t := range s.B * s.N {
		for h := range s.H {
			y = append(y, row(t, h)...)
			for i := range s.D {
				dx = append(dx, slope(&xs[(t*s.H+h)*s.D+i], t, h))
				dscale[i] += slope(&scales[i], t, h)
			}
		}
	}
	return y, dx, dscale
}

func near(t *testing.T, what string, got []float32, want []float64, tol float64) {
	t.Helper()
	for i, w := range want {
		if !(math.Abs(float64(got[i])-w) <= tol*(1+math.Abs(w))) {
			t.Fatalf("%s: element %d is %v, want %v", what, i, got[i], w)
		}
	}
}

func TestTurn(t *testing.T) {
	for _, s := range []Shape{
		{B: 2, N: 3, H: 2, D: 64, Groups: 2}, {B: 1, N: 5, H: 3, D: 32, Groups: 2}, {B: 1, N: 2, H: 1, D: 16, Groups: 1},
		{B: 2, N: 2, H: 2, D: 80, Groups: 2}, {B: 1, N: 3, H: 1, D: 32, Groups: 1}, {B: 3, N: 1, H: 2, D: 2, Groups: 1},
		{B: 1, N: 4, H: 1, D: 96, Groups: 3}, {B: 0, N: 4, H: 1, D: 4, Groups: 1},
	} {
		s.Eps = 1e-3
		t.Run(fmt.Sprint(s), func(t *testing.T) {
			r := rand.New(rand.NewPCG(uint64(s.N), uint64(s.D)))
			n := s.B * s.N * s.H * s.D
			x, scale, grad := random(t, r, n), random(t, r, s.D), random(t, r, n)
			cos, sin := random(t, r, s.N*s.D/2), random(t, r, s.N*s.D/2) // need not lie on the circle
			if n > 0 {
				clear(x[:s.D]) // a head of zeros
			}
			y, dx, dscale := naive(s, x, scale, cos, sin, grad)
			for _, level := range isa.Available() {
				p := newAt(level, s)
				got, gotX, parts, gotScale := fence.Floats(t, n), fence.Floats(t, n), fence.Floats(t, p.PartSize()), fence.Floats(t, s.D)
				for _, i := range r.Perm(p.Tasks()) {
					p.Turn(i, got, x, scale, cos, sin)
					p.Grad(i, gotX, parts, grad, x, scale, cos, sin)
				}
				p.Finish(gotScale, parts)
				near(t, fmt.Sprint(level, " y"), got, y, 3e-6)
				near(t, fmt.Sprint(level, " dx"), gotX, dx, 2e-5)
				near(t, fmt.Sprint(level, " dscale"), gotScale, dscale, 2e-5)
				// The results may take the place of the operands.
				over := slices.Clone(x)
				overGrad := slices.Clone(grad)
				for i := range p.Tasks() {
					p.Grad(i, overGrad, parts, overGrad, x, scale, cos, sin)
					p.Turn(i, over, over, scale, cos, sin)
				}
				if !slices.Equal(over, got) || !slices.Equal(overGrad, gotX) {
					t.Errorf("%v: other results in place", level)
				}
			}
		})
	}
}

// Many tokens are split into many tasks, and the sets agree.
func TestTasks(t *testing.T) {
	s := Shape{B: 40, N: 70, H: 2, D: 64, Groups: 2, Eps: 1e-5}
	r := rand.New(rand.NewPCG(1, 2))
	n := s.B * s.N * s.H * s.D
	x, scale, grad := random(t, r, n), random(t, r, s.D), random(t, r, n)
	cos, sin := random(t, r, s.N*s.D/2), random(t, r, s.N*s.D/2)
	var first [3][]float32
	for i, level := range isa.Available() {
		p := newAt(level, s)
		if p.Tasks() < 4 {
			t.Fatalf("%d tasks", p.Tasks())
		}
		y, dx, parts, dscale := make([]float32, n), make([]float32, n), make([]float32, p.PartSize()), make([]float32, s.D)
		for task := range p.Tasks() {
			p.Turn(task, y, x, scale, cos, sin)
			p.Grad(task, dx, parts, grad, x, scale, cos, sin)
		}
		p.Finish(dscale, parts)
		if i == 0 {
			first = [3][]float32{y, dx, dscale}
			continue
		}
		for j, got := range [][]float32{y, dx, dscale} {
			for k, w := range first[j] {
				if !(math.Abs(float64(got[k]-w)) <= 2e-5*(1+math.Abs(float64(w)))) {
					t.Fatalf("%v: result %d differs at %d: %v, portable %v", level, j, k, got[k], w)
				}
			}
		}
	}
}

func TestImpossibleShape(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("channels without a partner were accepted")
		}
	}()
	New(Shape{B: 1, N: 1, H: 1, D: 6, Groups: 2})
}

func BenchmarkTurn(b *testing.B) {
	s := Shape{B: 64, N: 64, H: 4, D: 64, Groups: 2, Eps: 1e-5}
	n := s.B * s.N * s.H * s.D
	p := New(s)
	x, y, scale, table := make([]float32, n), make([]float32, n), make([]float32, s.D), make([]float32, s.N*s.D/2)
	for i := range x {
		x[i] = float32(i%7) - 3
	}
	parts := make([]float32, p.PartSize())
	b.Run("forward", func(b *testing.B) {
		b.SetBytes(int64(8 * n))
		for b.Loop() {
			for i := range p.Tasks() {
				p.Turn(i, y, x, scale, table, table)
			}
		}
	})
	b.Run("backward", func(b *testing.B) {
		b.SetBytes(int64(12 * n))
		for b.Loop() {
			for i := range p.Tasks() {
				p.Grad(i, y, parts, x, x, scale, table, table)
			}
		}
	})
}
