package gemm

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

// checkBFloat16 compares both forms of rounded operands, on every instruction
// set, with the naive product of rounded operands.
func checkBFloat16(t *testing.T, m, n, k int, transA, transB bool) {
	t.Helper()
	r := rand.New(rand.NewPCG(uint64(m*1000+n), uint64(k)))
	a, b := random(t, r, m*k), random(t, r, k*n)
	want := naive(m, n, k, transA, transB, nearest(a), nearest(b))
	for _, level := range isa.Available() {
		for _, form := range []tile.Form{tile.Rounded, tile.Paired} {
			if form == tile.Paired && m*n*k > 1<<20 && !isa.BFloat16(level) && level != isa.Generic {
				continue // the same kernels, and slow ones
			}
			p := newIn(form, level, m, n, k, transA, transB)
			c, again := fence.Floats(t, m*n), fence.Floats(t, m*n)
			multiply(t, p, r, c, a, b)
			tol := 1e-5 * math.Sqrt(float64(k)+1)
			for i, w := range want {
				if !(math.Abs(float64(c[i])-w) <= tol) {
					t.Fatalf("%s form %d %d×%d×%d %v %v: C[%d,%d] = %v, want %v", level, form, m, n, k, transA, transB, i/n, i%n, c[i], w)
				}
			}
			multiply(t, p, r, again, a, b)
			if !slices.Equal(c, again) {
				t.Fatalf("%s form %d %d×%d×%d %v %v: another order of tasks gives other bits", level, form, m, n, k, transA, transB)
			}
		}
	}
}

func TestBFloat16(t *testing.T) {
	for _, s := range shapes {
		for trans := range 4 {
			t.Run(fmt.Sprintf("%dx%dx%d/%d", s[0], s[1], s[2], trans), func(t *testing.T) {
				checkBFloat16(t, s[0], s[1], s[2], trans&1 != 0, trans&2 != 0)
			})
		}
	}
}

func FuzzBFloat16(f *testing.F) {
	f.Add(uint16(6), uint16(16), uint16(8), uint8(0))
	f.Add(uint16(13), uint16(33), uint16(65), uint8(3))
	f.Fuzz(func(t *testing.T, m, n, k uint16, trans uint8) {
		checkBFloat16(t, int(m%260), int(n%300), int(k%700), trans&1 != 0, trans&2 != 0)
	})
}

// Operands really are rounded: one and a little more is one.
func TestBFloat16Rounds(t *testing.T) {
	for _, c := range []struct{ value, want float32 }{{1.001, 1}, {1.01, 1.0078125}, {-3, -3}} {
		p := NewBFloat16(1, 1, 1, false, false)
		one, x, y := []float32{1}, []float32{c.value}, make([]float32, 1)
		r := rand.New(rand.NewPCG(1, 2))
		multiply(t, p, r, y, one, x)
		if y[0] != c.want {
			t.Errorf("1·%v is %v, want %v", c.value, y[0], c.want)
		}
		multiply(t, p, r, y, x, one)
		if y[0] != c.want {
			t.Errorf("%v·1 is %v, want %v", c.value, y[0], c.want)
		}
	}
}

func TestBFloat16AllocatesNothing(t *testing.T) {
	for _, form := range []tile.Form{tile.Rounded, tile.Paired} {
		p := newIn(form, isa.Active(), 30, 70, 90, true, true)
		a, b, c := make([]float32, 30*90), make([]float32, 90*70), make([]float32, 30*70)
		packed, scratch := make([]float32, p.PackSize()), make([]float32, p.ScratchSize())
		if n := testing.AllocsPerRun(5, func() {
			for i := range p.PackTasks() {
				p.Pack(i, packed, a, b)
			}
			for i := range p.Tasks() {
				p.Run(i, c, a, b, packed, scratch)
			}
		}); n != 0 {
			t.Errorf("form %d: %v allocations", form, n)
		}
	}
}
