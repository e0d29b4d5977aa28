package fidelity

import (
	"math"
	"slices"
	"testing"

	"github.com/limner-ai/limner/engine/tensor"
	"gonum.org/v1/gonum/mat"
)

func fit(t *testing.T, x *tensor.Tensor) *Gaussian {
	t.Helper()
	g, err := Fit(x)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// normals is n rows of d independent normals of mean m and deviation s.
func normals(seed uint64, n, d int, m, s float32) *tensor.Tensor {
	x := tensor.New(n, d)
	tensor.Philox{Seed: seed, Stream: 99}.Normal(x.Data, 0)
	for i := range x.Data {
		x.Data[i] = m + s*x.Data[i]
	}
	return x
}

// exactly is the Gaussian of the given mean and covariance.
func exactly(mean []float64, cov mat.Matrix) *Gaussian {
	g := NewGaussian(len(mean))
	g.n = 2 // the divisor of the covariance is then 1
	copy(g.mean, mean)
	for i := range mean {
		for j := i; j < len(mean); j++ {
			g.scatter.Data[i*len(mean)+j] = cov.At(i, j)
		}
	}
	return g
}

// turned is R diag(a, b) Rᵀ, R the rotation of the plane by an angle.
func turned(angle, a, b float64) *mat.Dense {
	s, c := math.Sincos(angle)
	r := mat.NewDense(2, 2, []float64{c, -s, s, c})
	var m mat.Dense
	m.Product(r, mat.NewDiagDense(2, []float64{a, b}), r.T())
	return &m
}

func TestFrechetClosedForms(t *testing.T) {
	zero := []float64{0, 0}
	check := func(what string, a, b *Gaussian, want float64) {
		t.Helper()
		for _, p := range [][2]*Gaussian{{a, b}, {b, a}} {
			got, err := Frechet(p[0], p[1])
			if err != nil {
				t.Fatal(err)
			}
			near(t, what, got, want, 1e-12)
		}
	}
	A := turned(.3, 9, 4)
	check("equal", exactly(zero, A), exactly(zero, A), 0)
	check("means", exactly([]float64{3, 0}, A), exactly([]float64{0, 4}, A), 25)
	// Commuting covariances: the sum of the squared differences of deviations.
	check("same axes", exactly(zero, A), exactly(zero, turned(.3, 1, 25)), 4+9)
	// In the plane tr (AB)^½ = (tr AB + 2 (det AB)^½)^½, by Cayley and Hamilton.
	B := turned(1.1, 2, .5)
	var AB mat.Dense
	AB.Mul(A, B)
	cross := math.Sqrt(mat.Trace(&AB) + 2*math.Sqrt(mat.Det(A)*mat.Det(B)))
	check("turned", exactly(zero, A), exactly(zero, B), 13+2.5-2*cross)
	// Without spread in one direction or in none the cross term is |a·b| or 0.
	line := turned(0, 4, 0)
	check("lines", exactly(zero, line), exactly(zero, turned(1, 9, 0)), 13-2*2*3*math.Cos(1))
	check("point", exactly(zero, A), exactly(zero, mat.NewDense(2, 2, nil)), 13)
	check("points", exactly(zero, mat.NewDense(2, 2, nil)), exactly([]float64{1, 1}, mat.NewDense(2, 2, nil)), 2)
}

// With fewer rows than features a sample is still at distance 0 from itself:
// roots of rounding errors must not add up.
func TestFrechetOfSingularSampleToItself(t *testing.T) {
	g := fit(t, normals(1, 40, 128, 0, 1))
	f, err := Frechet(g, g)
	if err != nil {
		t.Fatal(err)
	}
	if f > 1e-10 {
		t.Errorf("distance to itself %v", f)
	}
}

func TestGaussianParts(t *testing.T) {
	const n, d = 100, 5
	x := normals(2, n, d, 4096, 1) // a mean far above the spread
	parts := []*Gaussian{NewGaussian(d), NewGaussian(d), NewGaussian(d)}
	at := 0
	for i, rows := range []int{1, 0, 40, 2, 57} {
		part := tensor.From(x.Data[at*d:(at+rows)*d], rows, d)
		if err := parts[i%2].Add(part); err != nil {
			t.Fatal(err)
		}
		at += rows
	}
	whole := NewGaussian(d)
	for _, p := range parts { // the last is empty
		if err := whole.Merge(p); err != nil {
			t.Fatal(err)
		}
	}
	if whole.N() != n {
		t.Fatalf("%d rows, want %d", whole.N(), n)
	}
	mean, cov := whole.Mean(), whole.Cov()
	for i := range d {
		m := 0.0
		for r := range n {
			m += float64(x.Row(r)[i]) / n
		}
		near(t, "mean", mean[i], m, 1e-14)
	}
	for i := range d {
		for j := range d {
			c := 0.0
			for r := range n {
				c += (float64(x.Row(r)[i]) - mean[i]) * (float64(x.Row(r)[j]) - mean[j]) / (n - 1)
			}
			near(t, "covariance", cov.At(i, j), c, 1e-11)
		}
	}
	mean[0] = 0
	if slices.Equal(mean, whole.Mean()) {
		t.Error("Mean shares memory with the accumulator")
	}
}

func TestFrechetErrors(t *testing.T) {
	ten := fit(t, normals(1, 10, 3, 0, 1))
	if _, err := Frechet(ten, fit(t, normals(1, 10, 4, 0, 1))); err == nil {
		t.Error("3 and 4 features: no error")
	}
	if _, err := Frechet(ten, fit(t, normals(1, 1, 3, 0, 1))); err == nil {
		t.Error("one row: no error")
	}
	if err := ten.Merge(NewGaussian(2)); err == nil {
		t.Error("merged 2 features into 3")
	}
	if err := ten.Add(tensor.New(2, 2)); err == nil {
		t.Error("added rows of 2 features to 3")
	}
	if c := fit(t, normals(1, 1, 3, 0, 1)).Cov(); mat.Norm(c, 1) != 0 {
		t.Errorf("covariance of one row is %v", mat.Formatted(c))
	}
}
