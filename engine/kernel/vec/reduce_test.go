package vec

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/limner-ai/limner/engine/kernel/fence"
	"github.com/limner-ai/limner/engine/kernel/isa"
)

// counts are lengths that meet every branch of a reduction, and more than a
// block and a span.
func counts() []int {
	var ns []int
	for n := range 71 {
		ns = append(ns, n)
	}
	return append(ns, 127, 128, 129, 1000, block, block+1, 3*block+77, span+5)
}

func TestSums(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	fa, fb := fence.Floats(t, span+5), fence.Floats(t, span+5)
	randomize(rng, fa, fb)
	eachLevel(t, func(t *testing.T, l isa.Level) {
		for _, n := range counts() {
			a, b := fa[len(fa)-n:], fb[len(fb)-n:]
			var sum, mag, dot, dotMag float64
			for i, x := range a {
				x, y := float64(x), float64(b[i])
				sum += x
				mag += math.Abs(x)
				dot += x * y
				dotMag += math.Abs(x * y)
			}
			for _, c := range []struct {
				name      string
				got       float32
				want, mag float64
			}{
				{"Sum", Sum(a), sum, mag},
				{"Dot", Dot(a, b), dot, dotMag},
			} {
				// Half an ulp for the result, and 2⁻²³ of the magnitudes.
				if e := math.Abs(float64(c.got) - c.want); e > math.Ldexp(math.Abs(c.want), -24)+math.Ldexp(c.mag, -23) {
					t.Errorf("%s of %d elements = %g, want %g, off by %g of the magnitudes", c.name, n, c.got, c.want, e/c.mag)
				}
			}
			if Sum(a) != Sum(a) || Dot(a, b) != Dot(a, b) {
				t.Errorf("%d elements: a sum differs from itself", n)
			}
		}
	})
}

func TestSumsNaN(t *testing.T) {
	eachLevel(t, func(t *testing.T, l isa.Level) {
		for _, n := range []int{1, 7, 8, 70, 130, block + 3} {
			for i := 0; i < n; i += max(1, n/9) {
				a, ones := make([]float32, n), make([]float32, n)
				Fill(ones, 1)
				a[i] = float32(math.NaN())
				for _, x := range []float32{Sum(a), Dot(a, ones), Dot(ones, a), MaxOf(a)} {
					if x == x {
						t.Fatalf("NaN at %d of %d is lost: %g", i, n, x)
					}
				}
			}
		}
	})
}

func TestMaxOf(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	f := fence.Floats(t, span+5)
	eachLevel(t, func(t *testing.T, l isa.Level) {
		if got := MaxOf(nil); !math.IsInf(float64(got), -1) {
			t.Errorf("of nothing: %g", got)
		}
		for _, n := range counts()[1:] {
			a := f[len(f)-n:]
			for i := range a {
				a[i] = -1 - rng.Float32() // a masked lane of 0 would win
			}
			for _, i := range []int{0, n / 2, n - 1} {
				was := a[i]
				a[i] = -0.5
				if got := MaxOf(a); got != -0.5 {
					t.Errorf("largest of %d at %d = %g, want -0.5", n, i, got)
				}
				a[i] = was
			}
		}
	})
}

func TestRows(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	eachLevel(t, func(t *testing.T, l isa.Level) {
		for _, cols := range []int{0, 1, 3, 7, 8, 9, 15, 16, 31, 33, 64, 65, 127, 130, 200, 1024, 1100} {
			for _, rows := range []int{0, 1, 2, 5, panel, panel + 3} {
				if rows*cols > 40000 && cols != 1100 {
					continue
				}
				for _, ld := range []int{cols, cols + 5} {
					a := fence.Floats(t, max(0, (rows-1)*ld+cols))
					acc := fence.Floats(t, cols)
					top := fence.Floats(t, cols)
					b, dot := fence.Floats(t, len(a)), fence.Floats(t, cols)
					randomize(rng, a, b, acc)
					copy(top, acc)
					copy(dot, acc)
					product := make([]float64, cols)
					want := make([]float64, cols)
					best := make([]float32, cols)
					for i := range want {
						want[i], best[i], product[i] = float64(acc[i]), top[i], float64(acc[i])
						for r := range rows {
							want[i] += float64(a[r*ld+i])
							product[i] += float64(a[r*ld+i]) * float64(b[r*ld+i])
							best[i] = max(best[i], a[r*ld+i])
						}
					}
					AddRows(acc, a, rows, ld)
					DotRows(dot, a, b, rows, ld)
					MaxRows(top, a, rows, ld)
					for i := range want {
						if math.Abs(float64(acc[i])-want[i]) > 2e-6*float64(rows+1) {
							t.Fatalf("AddRows %d×%d (ld %d), column %d: %g, want %g", rows, cols, ld, i, acc[i], want[i])
						}
						if math.Abs(float64(dot[i])-product[i]) > 8e-6*float64(rows+1) {
							t.Fatalf("DotRows %d×%d (ld %d), column %d: %g, want %g", rows, cols, ld, i, dot[i], product[i])
						}
						if top[i] != best[i] {
							t.Fatalf("MaxRows %d×%d (ld %d), column %d: %g, want %g", rows, cols, ld, i, top[i], best[i])
						}
					}
				}
			}
		}
	})
}

func TestMaxRowsNaN(t *testing.T) {
	nan := float32(math.NaN())
	eachLevel(t, func(t *testing.T, l isa.Level) {
		const cols, rows = 75, 4
		for i := range cols {
			for r := range rows + 1 {
				a, acc := make([]float32, rows*cols), make([]float32, cols)
				if r < rows {
					a[r*cols+i] = nan
				} else {
					acc[i] = nan
				}
				MaxRows(acc, a, rows, cols)
				for j, x := range acc {
					if (x != x) != (j == i) {
						t.Fatalf("NaN in row %d, column %d: column %d is %g", r, i, j, x)
					}
				}
			}
		}
	})
}

func TestRowsLengthError(t *testing.T) {
	defer func() {
		if e, ok := recover().(*LengthError); !ok || e.Want != 24 || e.Got != 23 {
			t.Errorf("panic %v", e)
		}
	}()
	AddRows(make([]float32, 4), make([]float32, 23), 3, 10)
}

func TestTranspose(t *testing.T) {
	eachLevel(t, func(t *testing.T, l isa.Level) {
		for _, d := range [][2]int{{0, 0}, {0, 5}, {1, 1}, {1, 9}, {7, 7}, {8, 8}, {8, 16}, {16, 8}, {9, 17}, {24, 40}, {31, 33}, {40, 24}, {3, 600}, {20, 530}, {530, 20}} {
			rows, cols := d[0], d[1]
			src, dst := fence.Floats(t, rows*cols), fence.Floats(t, rows*cols)
			for i := range src {
				src[i] = float32(i)
			}
			Transpose(dst, src, rows, cols)
			for i, x := range dst {
				if r, c := i%max(1, rows), i/max(1, rows); x != float32(r*cols+c) {
					t.Fatalf("%d×%d: element %d,%d is %g", rows, cols, c, r, x)
				}
			}
		}
	})
}

func BenchmarkReduce(b *testing.B) {
	defer func(s *set) { active = s }(active)
	for _, n := range []int{64, 1024, 1 << 22} {
		x := make([]float32, n)
		Fill(x, 0.5)
		for _, l := range isa.Available() {
			active = implementations[l]
			for name, f := range map[string]func() float32{
				"Sum": func() float32 { return Sum(x) }, "Dot": func() float32 { return Dot(x, x) }, "MaxOf": func() float32 { return MaxOf(x) },
			} {
				b.Run(fmt.Sprintf("%s/%d/%s", name, n, l), func(b *testing.B) {
					for b.Loop() {
						sink = f()
					}
					perElement(b, n)
				})
			}
		}
	}
}

var sink float32
