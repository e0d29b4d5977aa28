package fidelity

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/limner-ai/limner/engine/tensor"
)

// recipe draws a sample as internal/golden/fidelity.py does, bit by bit.
type recipe struct {
	Seed               uint64
	N, D               int
	Shift, Scale, Tilt float64
}

func (r recipe) draw() *tensor.Tensor {
	state := r.Seed
	next := func() uint64 {
		state += 0x9E3779B97F4A7C15
		z := state
		z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
		z = (z ^ z>>27) * 0x94D049BB133111EB
		return z ^ z>>31
	}
	t := tensor.New(r.N, r.D)
	x := make([]float64, r.D)
	for i := range r.N {
		for j := range x {
			s := 0.0
			for range 12 {
				s += float64(next()>>40) * 0x1p-24
			}
			x[j] = s - 6
		}
		for j := 1; j < r.D; j++ {
			x[j] += float64(r.Tilt * x[j-1]) // the conversion keeps the product from being fused
		}
		for j, v := range x {
			t.Row(i)[j] = float32(float64(v*r.Scale) + r.Shift)
		}
	}
	return t
}

type golden struct {
	Samples []struct {
		Name         string
		X, Y         recipe
		K            int
		Frechet, KID float64
		Overlap      Overlap
		Wasserstein2 float64
	}
	Modes []struct {
		Counts []int
		KL     float64
	}
}

func readGolden(t *testing.T) (g golden) {
	t.Helper()
	b, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &g); err != nil {
		t.Fatal(err)
	}
	return g
}

// near fails unless got is within tol of want, absolutely or relatively.
func near(t *testing.T, what string, got, want, tol float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tol*max(1, math.Abs(want))) {
		t.Errorf("%s = %v, want %v ± %v", what, got, want, tol)
	}
}

func TestGolden(t *testing.T) {
	for _, c := range readGolden(t).Samples {
		t.Run(c.Name, func(t *testing.T) {
			x, y := c.X.draw(), c.Y.draw()
			f, err := Frechet(fit(t, x), fit(t, y))
			if err != nil {
				t.Fatal(err)
			}
			near(t, "Fréchet distance", f, c.Frechet, 1e-6) // scipy's sqrtm is no better on singular matrices
			k, se, err := KID(x, y, 1, 0)
			if err != nil || se != 0 {
				t.Fatalf("KID: standard error %v of one block, %v", se, err)
			}
			// Far from the origin the kernel is s³ with s = |x|²/d + 1, and so
			// are the sums whose difference this is.
			s := 1 + c.X.Shift*c.X.Shift
			near(t, "KID", k, c.KID, 1e-11*s*s*s)
			o, err := MeasureOverlap(x, y, c.K)
			if err != nil {
				t.Fatal(err)
			}
			near(t, "precision", o.Precision, c.Overlap.Precision, 1e-12)
			near(t, "recall", o.Recall, c.Overlap.Recall, 1e-12)
			near(t, "density", o.Density, c.Overlap.Density, 1e-12)
			near(t, "coverage", o.Coverage, c.Overlap.Coverage, 1e-12)
			e1 := tensor.New(1, c.X.D)
			e1.Data[0] = 1
			u := newPoints(e1, nil)
			w := wasserstein2(project(u.dense(), x).RawRowView(0), project(u.dense(), y).RawRowView(0))
			near(t, "squared Wasserstein distance of the first features", w, c.Wasserstein2, 1e-9)
		})
	}
}

func TestGoldenModes(t *testing.T) {
	for _, c := range readGolden(t).Modes {
		var labels []int
		covered := 0
		for class, n := range c.Counts {
			for range n {
				labels = append(labels, class)
			}
			if n > 0 {
				covered++
			}
		}
		m, err := CountModes(labels, len(c.Counts))
		if err != nil {
			t.Fatal(err)
		}
		near(t, "KL", m.KL, c.KL, 1e-12)
		if m.Covered != covered || m.N != len(labels) || m.Classes != len(c.Counts) {
			t.Errorf("%+v, want %d of %d classes from %d labels", m, covered, len(c.Counts), len(labels))
		}
	}
}
