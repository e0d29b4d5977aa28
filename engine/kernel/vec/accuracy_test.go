package vec

import (
	"math"
	"testing"

	"github.com/limner-ai/limner/engine/kernel/isa"
)

// specials are the values at which kernels go wrong: zeros, denormals, the
// largest and smallest numbers, infinities, NaN, and both sides of every
// border between two cases of an algorithm.
func specials() []float32 {
	xs := []float64{0, 1e-45, 1e-40, math.Ldexp(1, -126), 1e-30, 1e-8, 5.9604645e-08, 1e-4, 0.25, math.Sqrt2 / 2, math.Sqrt2,
		0.34657359, 0.5, 0.75, 0.92, 1, 1.5, math.Ln2, math.E, 2, 3, 3.95, 4, 8, 9.01, 9.1, 10, 16.5, 17, 20, 23, 24,
		math.Pi / 4, math.Pi / 2, math.Pi, 3 * math.Pi / 4, 1e4, 9999.999, 1e5, 1e6, 1000001, 0.25, 90, 110, 8388607.5, 8388608, 1e9, 1e20, 1e38,
		86.5, 87, 87.33654, 88, 88.02969, 88.37626, 88.72283, 88.73, 89, 95, 100, 103, 103.27893, 103.97208, 104, 105,
		math.MaxFloat32, math.Inf(1), math.NaN()}
	var out []float32
	for _, x := range xs {
		f := float32(x)
		for _, y := range []float32{f, math.Nextafter32(f, 0), math.Nextafter32(f, math.MaxFloat32)} {
			out = append(out, y, -y)
		}
	}
	return out
}

// dense is the specials, numbers of every magnitude, and the interval where
// elementary functions change, evenly.
func dense() []float32 {
	out := specials()
	stride, n := uint64(1<<16+77), 12000
	if testing.Short() {
		stride, n = 1<<20+77, 800
	}
	for b := uint64(0); b < 1<<32; b += stride {
		out = append(out, math.Float32frombits(uint32(b)))
	}
	for _, r := range []float64{1.1, 5, 20, 110, 12000} {
		for i := range n + 1 {
			out = append(out, float32(-r+2*r*float64(i)/float64(n)))
		}
	}
	// Near the multiples of π/2 the sine and cosine cancel.
	for i := -6400; i <= 6400; i += 7 {
		out = append(out, float32(float64(i)*math.Pi/2))
	}
	return out
}

func TestAccuracy(t *testing.T) {
	a := dense()
	want := make([]float64, len(a))
	for _, k := range kernels {
		if k.uses != "a" {
			continue
		}
		const s, u = 1.25, -0.375
		for i := range a {
			want[i] = k.at(i, a, a, a, s, u)
		}
		eachLevel(t, func(t *testing.T, l isa.Level) {
			got := make([]float32, len(a))
			k.run(got, a, a, a, s, u)
			worst, at, sum := 0.0, 0, 0.0
			for i, g := range got {
				e := ulps(g, want[i])
				if e > worst {
					worst, at = e, i
				}
				sum += e
			}
			if k.ulps > half {
				t.Logf("%s: largest error %.3f ulp (at %g), mean %.3f", k.name, worst, a[at], sum/float64(len(a)))
			}
			if worst > k.ulps {
				t.Errorf("%s(%g) = %g, want %g: %.3f ulp off, at most %g allowed", k.name, a[at], got[at], want[at], worst, k.ulps)
			}
		})
	}
}

// TestSpecials pairs the special values with each other: NaN, infinities and
// zeros must come out as the documentation has them.
func TestSpecials(t *testing.T) {
	xs := specials()
	thin := 5 // the values come in groups of six alike
	if testing.Short() {
		thin = 37
	}
	var a, b, c []float32
	for i, x := range xs {
		for j, y := range xs {
			if (i+j*len(xs))%thin != 0 {
				continue
			}
			a, b, c = append(a, x), append(b, y), append(c, xs[(i*7+j*3)%len(xs)])
		}
	}
	scalars := []float32{0, 1, -2.5, float32(math.Inf(1)), float32(math.NaN())}
	base := make([]float32, len(a))
	got := make([]float32, len(a))
	eachLevel(t, func(t *testing.T, l isa.Level) {
		for _, k := range kernels {
			for i, s := range scalars {
				u := scalars[(i+2)%len(scalars)]
				k.run(got, a, b, c, s, u)
				for j, g := range got {
					if e := ulps(g, k.at(j, a, b, c, s, u)); e > k.ulps {
						t.Fatalf("%s of %g, %g, %g and %g, %g = %g, want %g", k.name, a[j], b[j], c[j], s, u, g, k.at(j, a, b, c, s, u))
					}
				}
				if k.ulps > half {
					continue
				}
				level := active
				active = &generic
				k.run(base, a, b, c, s, u)
				active = level
				for j, g := range got {
					if math.Float32bits(g) != math.Float32bits(base[j]) && g == g {
						t.Fatalf("%s of %g, %g, %g and %g, %g = %g, portable %g", k.name, a[j], b[j], c[j], s, u, g, base[j])
					}
				}
			}
		}
	})
}
