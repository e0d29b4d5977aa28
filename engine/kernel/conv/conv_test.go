package conv

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/limner-ai/limner/engine/kernel/fence"
	"github.com/limner-ai/limner/engine/kernel/isa"
)

// each calls f for every product x·w → y of the convolution, by flat index.
func each(s Shape, f func(x, w, y int)) {
	cg, kg := s.C/s.Groups, s.K/s.Groups
	for n := range s.N {
		for oh := range s.OutH() {
			for ow := range s.OutW() {
				for kh := range s.KH {
					for kw := range s.KW {
						h, v := oh*s.StrideH+kh*s.DilH-s.PadTop, ow*s.StrideW+kw*s.DilW-s.PadLeft
						if h < 0 || h >= s.H || v < 0 || v >= s.W {
							continue
						}
						for k := range s.K {
							for c := range cg {
								f(((n*s.H+h)*s.W+v)*s.C+k/kg*cg+c,
									((kh*s.KW+kw)*cg+c)*s.K+k,
									((n*s.OutH()+oh)*s.OutW()+ow)*s.K+k)
							}
						}
					}
				}
			}
		}
	}
}

func random(tb testing.TB, r *rand.Rand, n int) []float32 {
	s := fence.Floats(tb, n)
	for i := range s {
		s[i] = float32(r.NormFloat64())
	}
	return s
}

// op is one of the three operations, run with its tasks in the order r gives.
type op func(tb testing.TB, level isa.Level, r *rand.Rand, s Shape, m int, dst, a, b []float32)

func forward(tb testing.TB, level isa.Level, r *rand.Rand, s Shape, m int, y, x, w []float32) {
	p := newForward(level, s, m)
	rounds(tb, r, p, y, w, func(t int, packed, work, scratch []float32) {
		p.Run(t, y, x, w, packed, work, scratch)
	})
}

func inputGrad(tb testing.TB, level isa.Level, r *rand.Rand, s Shape, m int, dx, dy, w []float32) {
	p := newInputGrad(level, s, m)
	rounds(tb, r, p, dx, w, func(t int, packed, work, scratch []float32) {
		p.Run(t, dx, dy, w, packed, work, scratch)
	})
}

// rounds runs a correlation and checks that each task writes its range alone.
func rounds(tb testing.TB, r *rand.Rand, p method, dst, w []float32, run func(t int, packed, work, scratch []float32)) {
	packed, work := fence.Floats(tb, p.PackSize()), fence.Floats(tb, p.WorkSize())
	scratch := fence.Floats(tb, p.ScratchSize())
	for _, t := range r.Perm(p.PackTasks()) {
		p.Pack(t, packed, w)
	}
	end := 0
	for t := range p.Tasks() {
		lo, hi := p.Range(t)
		if lo != end || hi < lo {
			tb.Fatalf("task %d has range %d to %d, after one that ends at %d", t, lo, hi, end)
		}
		end = hi
	}
	if end != len(dst) {
		tb.Fatalf("ranges end at %d of %d", end, len(dst))
	}
	for _, t := range r.Perm(p.Tasks()) {
		run(t, packed, work, scratch)
		lo, hi := p.Range(t)
		for i, v := range dst[lo:hi] {
			if v != v {
				tb.Fatalf("task %d leaves %d of its range unwritten", t, i)
			}
		}
	}
}

func filterGrad(tb testing.TB, level isa.Level, r *rand.Rand, s Shape, m int, dw, x, dy []float32) {
	p := newFilterGrad(level, s, m)
	work, scratch := fence.Floats(tb, p.WorkSize()), fence.Floats(tb, p.ScratchSize())
	for _, t := range r.Perm(p.Tasks()) {
		p.Run(t, dw, x, dy, work, scratch)
	}
	for _, t := range r.Perm(p.ReduceTasks()) {
		p.Reduce(t, dw, work)
	}
}

// check compares all three operations with the loops in float64, on every
// instruction set, and their results among each other: they are adjoint.
func check(t *testing.T, s Shape) {
	t.Helper()
	s = s.checked()
	checkTiled(t, s, 0)
	if tileable(s) {
		checkTiled(t, s, 4)
	}
	if tileable(s) && s.KH == 3 {
		checkTiled(t, s, 2)
	}
}

func checkTiled(t *testing.T, s Shape, m int) {
	t.Helper()
	r := rand.New(rand.NewPCG(uint64(s.H*100+s.C), uint64(s.K)))
	x, w, dy := random(t, r, s.InputSize()), random(t, r, s.FilterSize()), random(t, r, s.OutputSize())
	y, dx, dw := make([]float64, len(dy)), make([]float64, len(x)), make([]float64, len(w))
	each(s, func(i, j, o int) {
		y[o] += float64(x[i]) * float64(w[j])
		dx[i] += float64(dy[o]) * float64(w[j])
		dw[j] += float64(x[i]) * float64(dy[o])
	})
	for _, level := range isa.Available() {
		for _, c := range []struct {
			name string
			op   op
			want []float64
			a, b []float32
			k    int
		}{
			{"forward", forward, y, x, w, s.FilterSize() / s.K},
			{"input gradient", inputGrad, dx, dy, w, s.FilterSize() / s.C * s.Groups},
			{"filter gradient", filterGrad, dw, x, dy, s.N * s.OutH() * s.OutW()},
		} {
			got, again := fence.Floats(t, len(c.want)), fence.Floats(t, len(c.want))
			c.op(t, level, r, s, m, got, c.a, c.b)
			scale := 1e-5
			if m != 0 {
				scale = 5e-5
			}
			tol := scale * math.Sqrt(float64(c.k)+1)
			for i, v := range c.want {
				if !(math.Abs(float64(got[i])-v) <= tol) {
					t.Fatalf("%s %s of %+v: %d is %v, want %v", level, c.name, s, i, got[i], v)
				}
			}
			c.op(t, level, r, s, m, again, c.a, c.b)
			if !slices.Equal(got, again) {
				t.Fatalf("%s %s of %+v: another order of tasks gives other bits", level, c.name, s)
			}
		}
	}
}

func square(n, size, c, kernel, k, stride, pad int) Shape {
	return Shape{N: n, H: size, W: size, C: c, KH: kernel, KW: kernel, K: k, StrideH: stride, StrideW: stride,
		DilH: 1, DilW: 1, PadTop: pad, PadBottom: pad, PadLeft: pad, PadRight: pad, Groups: 1}
}

func (s Shape) grouped(g int) Shape { s.Groups = g; return s }

var shapes = []Shape{
	square(1, 1, 1, 1, 1, 1, 0),
	square(2, 8, 16, 3, 16, 1, 1),
	square(3, 9, 3, 4, 20, 2, 1), // the last row and column of x are never touched
	square(2, 16, 20, 3, 3, 1, 1),
	square(3, 9, 24, 3, 40, 1, 1), // tiles that overhang
	square(7, 2, 16, 3, 8, 1, 1),
	{N: 3, H: 13, W: 6, C: 8, KH: 3, KW: 3, K: 48, PadTop: 4, PadBottom: 2, PadRight: 3},
	square(1, 9, 328, 3, 16, 1, 0),
	square(3, 14, 24, 4, 40, 2, 1),
	square(2, 3, 8, 4, 8, 2, 1),
	{N: 3, H: 13, W: 7, C: 16, KH: 4, KW: 4, K: 24, StrideH: 2, StrideW: 2, PadTop: 2, PadBottom: 5, PadRight: 3},
	square(2, 8, 24, 1, 40, 1, 0),
	square(2, 9, 8, 1, 8, 2, 0),
	square(5, 4, 40, 4, 1, 1, 0),
	square(3, 4, 7, 4, 30, 1, 0), // a single output: every input meets one tap
	{N: 2, H: 3, W: 6, C: 4, KH: 3, KW: 2, K: 7, DilW: 4, StrideW: 9, PadTop: 1, PadBottom: 1, PadLeft: 1},
	square(9, 4, 17, 3, 33, 1, 1),
	square(1, 20, 64, 3, 64, 1, 1),
	square(1, 10, 130, 3, 18, 1, 1),
	square(1, 12, 350, 2, 9, 1, 0),
	square(2, 8, 32, 3, 32, 1, 1).grouped(2),
	square(2, 8, 9, 3, 6, 2, 2).grouped(3),
	square(2, 8, 16, 4, 16, 2, 1).grouped(16),
	square(2, 8, 11, 3, 11, 1, 1).grouped(11),
	square(1, 6, 48, 3, 48, 1, 0).grouped(48),
	square(1, 7, 5, 3, 10, 1, 1).grouped(5),
	square(2, 7, 3, 7, 5, 3, 3),
	square(2, 2, 4, 5, 4, 1, 0), // no output at all
	square(0, 4, 4, 3, 4, 1, 1),
	square(1, 5, 4, 2, 4, 4, 0), // strides beyond the filter
	{N: 2, H: 7, W: 10, C: 5, KH: 3, KW: 2, K: 6, StrideH: 2, StrideW: 1, DilH: 1, DilW: 3, PadTop: 2, PadRight: 1, Groups: 1},
	{N: 1, H: 13, W: 9, C: 8, KH: 3, KW: 3, K: 16, StrideH: 2, StrideW: 3, DilH: 2, DilW: 2, PadTop: 1, PadBottom: 3, PadLeft: 4, Groups: 2},
	{N: 1, H: 13, W: 9, C: 16, KH: 3, KW: 3, K: 16, StrideH: 4, StrideW: 1, DilH: 6, DilW: 2, PadTop: 5, PadLeft: 4, Groups: 16},
	{N: 1, H: 1, W: 40, C: 4, KH: 1, KW: 9, K: 7, PadLeft: 20, PadRight: 11},
	{N: 1, H: 40, W: 1, C: 330, KH: 5, KW: 1, K: 7, PadTop: 9, DilH: 2},
	{N: 1, H: 6, W: 30, C: 400, KH: 1, KW: 2, K: 5, DilW: 3},
}

func TestAgainstNaive(t *testing.T) {
	for i, s := range shapes {
		t.Run(fmt.Sprint(i), func(t *testing.T) { check(t, s) })
	}
}

func FuzzConv(f *testing.F) {
	f.Add([]byte{2, 8, 9, 3, 3, 3, 5, 1, 2, 1, 1, 1, 0, 1, 2, 1})
	f.Add([]byte{1, 5, 9, 3, 3, 2, 5, 3, 2, 2, 3, 1, 4, 1, 0, 3})
	f.Add([]byte{2, 8, 13, 15, 2, 2, 7, 0, 0, 0, 0, 1, 0, 3, 1, 0}) // computed by tiles too
	f.Add([]byte{1, 12, 7, 7, 3, 3, 15, 1, 1, 0, 0, 1, 4, 2, 1, 0}) // by tiles of its phases
	f.Fuzz(func(t *testing.T, b []byte) {
		if s, ok := fuzzed(b); ok {
			check(t, s)
		}
	})
}

// fuzzed is a shape from bytes, if there are enough.
func fuzzed(b []byte) (s Shape, ok bool) {
	if len(b) < 16 {
		return s, false
	}
	v := func(i, lo, hi int) int { return lo + int(b[i])%(hi-lo+1) }
	g := v(15, 1, 4)
	s = Shape{N: v(0, 0, 4), H: v(1, 1, 20), W: v(2, 1, 20), C: v(3, 1, 20) * g, KH: v(4, 1, 5), KW: v(5, 1, 5), K: v(6, 1, 20) * g,
		StrideH: v(7, 1, 4), StrideW: v(8, 1, 4), DilH: v(9, 1, 4), DilW: v(10, 1, 4),
		PadTop: v(11, 0, 6), PadBottom: v(12, 0, 6), PadLeft: v(13, 0, 6), PadRight: v(14, 0, 6), Groups: g}
	if b[15] > 200 {
		s.Groups, s.C = s.K, s.K
	}
	return s, true
}

func TestImpossibleShape(t *testing.T) {
	for _, s := range []Shape{square(1, 4, 6, 3, 4, 1, 1).grouped(3), square(1, 4, 4, 0, 4, 1, 1), square(1, 4, 4, 3, 4, 1, -1)} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%+v did not panic", s)
				}
			}()
			NewForward(s)
		}()
	}
}
