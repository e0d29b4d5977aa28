package vec

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/limner-ai/limner/engine/kernel/fence"
	"github.com/limner-ai/limner/engine/kernel/isa"
)

var alongKernels = []struct {
	name string
	run  func(dst, a, s, c []float32, cols int)
	want func(a, s, c float64) float64
}{
	{"AddAlong", func(dst, a, s, _ []float32, cols int) { AddAlong(dst, a, s, cols) }, func(a, s, _ float64) float64 { return a + s }},
	{"SubAlong", func(dst, a, s, _ []float32, cols int) { SubAlong(dst, a, s, cols) }, func(a, s, _ float64) float64 { return a - s }},
	{"MulAlong", func(dst, a, s, _ []float32, cols int) { MulAlong(dst, a, s, cols) }, func(a, s, _ float64) float64 { return a * s }},
	{"DivAlong", func(dst, a, s, _ []float32, cols int) { DivAlong(dst, a, s, cols) }, func(a, s, _ float64) float64 { return a / s }},
	{"ExpAlong", func(dst, a, s, _ []float32, cols int) { ExpAlong(dst, a, s, cols) }, func(a, s, _ float64) float64 { return math.Exp(float64(float32(a) - float32(s))) }},
	{"MulAddAlong", MulAddAlong, func(a, s, c float64) float64 { return a*s + c }},
	{"MulAddTwiceAlong", MulAddTwiceAlong, func(a, s, c float64) float64 { return 2*a*s + c }},
}

func TestAlong(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	eachLevel(t, func(t *testing.T, l isa.Level) {
		for _, rows := range []int{0, 1, 2, 5} {
			for _, cols := range []int{1, 3, 7, 8, 9, 16, 31, 32, 33, 64, 100, 257, span/2 + 1} {
				a, c, dst := fence.Floats(t, rows*cols), fence.Floats(t, rows*cols), fence.Floats(t, rows*cols)
				s, folded := fence.Floats(t, rows), fence.Floats(t, rows)
				randomize(rng, a, c, s)
				for i := range s {
					s[i] += 5 // not 0
				}
				for _, k := range alongKernels {
					k.run(dst, a, s, c, cols)
					tolerance := 1e-7
					if k.name == "DivAlong" || k.name == "ExpAlong" {
						tolerance = 1.9e-7
					}
					for i, got := range dst {
						want := k.want(float64(a[i]), float64(s[i/cols]), float64(c[i]))
						if float32(want) != got && math.Abs(float64(got)-want) > tolerance*(math.Abs(want)+1e-7) {
							t.Fatalf("%s %d×%d, element %d: %v, want %v", k.name, rows, cols, i, got, want)
						}
					}
				}
				SumAlong(folded, a, cols)
				for r, got := range folded {
					var want, size float64
					for _, x := range a[r*cols : (r+1)*cols] {
						want += float64(x)
						size += math.Abs(float64(x))
					}
					if math.Abs(float64(got)-want) > 1e-7*(1+float64(cols)/128)*size+1e-9 {
						t.Fatalf("SumAlong %d×%d, row %d: %v, want %v", rows, cols, r, got, want)
					}
				}
				DotAlong(folded, a, c, cols)
				for r, got := range folded {
					var want, size float64
					for i, x := range a[r*cols : (r+1)*cols] {
						y := float64(x) * float64(c[r*cols+i])
						want += y
						size += math.Abs(y)
					}
					if math.Abs(float64(got)-want) > 1e-7*(1+float64(cols)/128)*size+1e-9 {
						t.Fatalf("DotAlong %d×%d, row %d: %v, want %v", rows, cols, r, got, want)
					}
				}
				MaxAlong(folded, a, cols)
				for r, got := range folded {
					if want := maxOfGeneric(a[r*cols : (r+1)*cols]); got != want {
						t.Fatalf("MaxAlong %d×%d, row %d: %v, want %v", rows, cols, r, got, want)
					}
				}
			}
		}
	})
}

func TestAlongNaN(t *testing.T) {
	eachLevel(t, func(t *testing.T, l isa.Level) {
		const rows, cols = 3, 21
		for at := range rows * cols {
			a, out := make([]float32, rows*cols), make([]float32, rows)
			a[at] = float32(math.NaN())
			for name, f := range map[string]func(dst, a []float32, cols int){"SumAlong": SumAlong, "MaxAlong": MaxAlong} {
				f(out, a, cols)
				for r, x := range out {
					if (x != x) != (r == at/cols) {
						t.Fatalf("%s with NaN at %d: %v", name, at, out)
					}
				}
			}
		}
	})
}

func TestAlongLengths(t *testing.T) {
	for name, f := range map[string]func(){
		"short":   func() { AddAlong(make([]float32, 6), make([]float32, 6), make([]float32, 2), 4) },
		"source":  func() { MulAlong(make([]float32, 8), make([]float32, 7), make([]float32, 2), 4) },
		"addend":  func() { MulAddAlong(make([]float32, 8), make([]float32, 8), make([]float32, 2), make([]float32, 9), 4) },
		"fold":    func() { SumAlong(make([]float32, 2), make([]float32, 9), 4) },
		"columns": func() { MaxAlong(make([]float32, 1), make([]float32, span+1), span+1) },
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

// A quotient is right where 1 over the divisor is not a normal number, too.
func TestDivAlongEdges(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	eachLevel(t, func(t *testing.T, l isa.Level) {
		for _, s := range []float32{1e-40, -1e-45, 1e-38, 0x1p-126, 0x1p125, 0x1p126, -3e38, inf, 0, nan, 7} {
			a := []float32{s, 2 * s, 1e-38, 1, 0, -inf, nan, 3e38, 5}
			out := make([]float32, 2*len(a))
			DivAlong(out, append(a, a...), []float32{s, 3}, len(a))
			for i, got := range out {
				x, y := a[i%len(a)], s
				if i >= len(a) {
					y = 3
				}
				if want := float64(x) / float64(y); ulps(got, want) > 1.51 {
					t.Errorf("%v / %v = %v, want %v", x, y, got, want)
				}
			}
		}
	})
}
