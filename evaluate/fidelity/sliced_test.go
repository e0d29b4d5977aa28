package fidelity

import (
	"math"
	"testing"

	"github.com/limner-ai/limner/engine/tensor"
)

func sliced(t *testing.T, x, y *tensor.Tensor, directions int) float64 {
	t.Helper()
	w, err := SlicedWasserstein(x, y, directions, 1)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestSlicedWassersteinClosedForms(t *testing.T) {
	x := normals(1, 400, 12, 0, 1)
	moved, wide := x.Clone(), x.Clone()
	norm := 0.0
	for i := range moved.Shape[0] {
		for j := range 12 {
			moved.Row(i)[j] += float32(j)
		}
	}
	for j := range 12 {
		norm += float64(j * j)
	}
	for i := range wide.Data {
		wide.Data[i] *= 3
	}
	near(t, "to itself", sliced(t, x, x, 4), 0, 0)
	// E (u·v)² = |v|²/d over the sphere.
	near(t, "moved", sliced(t, x, moved, 5000), math.Sqrt(norm/12), .03*math.Sqrt(norm/12))
	// Every projection is scaled alike, and has a mean square near 1.
	near(t, "scaled by 3", sliced(t, x, wide, 500), 2, .1)
	// Repeating every row changes the size and not the distribution.
	twice := tensor.From(append(append([]float32{}, x.Data...), x.Data...), 800, 12)
	near(t, "to itself repeated", sliced(t, x, twice, 4), 0, 1e-12)
}

func TestUnitVectors(t *testing.T) {
	u := unitVectors(2000, 3, 5)
	var mean [3]float64
	for i := range 2000 {
		s := 0.0
		for j, v := range u.RawRowView(i) {
			s += v * v
			mean[j] += v / 2000
		}
		near(t, "length", s, 1, 1e-12)
	}
	for _, m := range mean {
		near(t, "mean", m, 0, .06) // 4.6 standard errors
	}
}

func TestSlicedWassersteinErrors(t *testing.T) {
	x := tensor.New(4, 2)
	if _, err := SlicedWasserstein(x, tensor.New(4, 3), 8, 1); err == nil {
		t.Error("2 and 3 features: no error")
	}
	if _, err := SlicedWasserstein(x, x, 0, 1); err == nil {
		t.Error("no directions: no error")
	}
	if _, err := SlicedWasserstein(x, tensor.New(0, 2), 8, 1); err == nil {
		t.Error("no rows: no error")
	}
}
