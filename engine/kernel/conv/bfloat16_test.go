package conv

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/limner-ai/limner/engine/kernel/fence"
	"github.com/limner-ai/limner/engine/kernel/gemm/tile"
	"github.com/limner-ai/limner/engine/kernel/isa"
)

// nearest rounds normally distributed numbers to eight bits, ties to even.
func nearest(x []float32) []float32 {
	out := slices.Clone(x)
	for i, v := range out {
		fraction, exponent := math.Frexp(float64(v))
		out[i] = float32(math.Ldexp(math.RoundToEven(fraction*256)/256, exponent))
	}
	return out
}

// checkBFloat16 compares all three operations, in both forms of rounded
// operands and on every instruction set, with the loops in float64 over rounded
// operands.
func checkBFloat16(t *testing.T, s Shape) {
	t.Helper()
	defer func() { formOf = tile.BFloat16 }()
	s = s.checked()
	s.BFloat16 = true
	r := rand.New(rand.NewPCG(uint64(s.H*100+s.C), uint64(s.K)))
	x, w, dy := random(t, r, s.InputSize()), random(t, r, s.FilterSize()), random(t, r, s.OutputSize())
	rx, rw, rdy := nearest(x), nearest(w), nearest(dy)
	y, dx, dw := make([]float64, len(dy)), make([]float64, len(x)), make([]float64, len(w))
	each(s, func(i, j, o int) {
		y[o] += float64(rx[i]) * float64(rw[j])
		dx[i] += float64(rdy[o]) * float64(rw[j])
		dw[j] += float64(rx[i]) * float64(rdy[o])
	})
	for _, level := range isa.Available() {
		for _, form := range []tile.Form{tile.Rounded, tile.Paired} {
			formOf = func(isa.Level) tile.Form { return form }
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
				got := fence.Floats(t, len(c.want))
				c.op(t, level, r, s, 0, got, c.a, c.b)
				tol := 1e-5 * math.Sqrt(float64(c.k)+1)
				for i, v := range c.want {
					if !(math.Abs(float64(got[i])-v) <= tol) {
						t.Fatalf("%s form %d %s of %+v: %d is %v, want %v", level, form, c.name, s, i, got[i], v)
					}
				}
			}
		}
	}
}

func TestBFloat16(t *testing.T) {
	for i, s := range shapes {
		t.Run(fmt.Sprint(i), func(t *testing.T) { checkBFloat16(t, s) })
	}
}

func FuzzBFloat16(f *testing.F) {
	f.Add([]byte{2, 8, 9, 3, 3, 3, 5, 1, 2, 1, 1, 1, 0, 1, 2, 1})
	f.Add([]byte{1, 5, 9, 3, 3, 2, 5, 3, 2, 2, 3, 1, 4, 1, 0, 3})
	f.Fuzz(func(t *testing.T, b []byte) {
		if s, ok := fuzzed(b); ok {
			checkBFloat16(t, s)
		}
	})
}

// Winograd's tiles are not for rounded operands.
func TestBFloat16IsDirect(t *testing.T) {
	s := square(8, 32, 64, 3, 64, 1, 1)
	for p := range pass(3) {
		if chooseTile(s, p) == 0 {
			t.Errorf("pass %d of %+v is direct", p, s)
		}
		s := s
		s.BFloat16 = true
		if m := chooseTile(s, p); m != 0 {
			t.Errorf("pass %d of %+v goes by tiles of %d", p, s, m)
		}
	}
}

func TestBFloat16AllocatesNothing(t *testing.T) {
	defer func() { formOf = tile.BFloat16 }()
	for _, form := range []tile.Form{tile.Rounded, tile.Paired} {
		formOf = func(isa.Level) tile.Form { return form }
		s := square(2, 9, 24, 3, 40, 1, 1)
		s.BFloat16 = true
		x, w, dy := make([]float32, s.InputSize()), make([]float32, s.FilterSize()), make([]float32, s.OutputSize())
		f, g := NewForward(s), NewFilterGrad(s)
		packed := make([]float32, f.PackSize())
		work, scratch := make([]float32, g.WorkSize()), make([]float32, max(f.ScratchSize(), g.ScratchSize()))
		if n := testing.AllocsPerRun(3, func() {
			for i := range f.PackTasks() {
				f.Pack(i, packed, w)
			}
			for i := range f.Tasks() {
				f.Run(i, dy, x, w, packed, nil, scratch)
			}
			for i := range g.Tasks() {
				g.Run(i, w, x, dy, work, scratch)
			}
		}); n != 0 {
			t.Errorf("form %d: %v allocations", form, n)
		}
	}
}
