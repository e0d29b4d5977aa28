package fidelity

import (
	"fmt"
	"math"
	"slices"

	"github.com/limner-ai/limner/engine/tensor"
	"gonum.org/v1/gonum/mat"
)

// SlicedWasserstein is the sliced 2-Wasserstein distance (Bonneel et al.,
// "Sliced and Radon Wasserstein Barycenters of Measures", 2015, section 2):
// the root of the mean, over random directions, of the squared distance of
// the samples' projections. It has the unit of a feature. It sees what the
// Fréchet distance cannot, the shape of a distribution beyond its covariance.
func SlicedWasserstein(x, y *tensor.Tensor, directions int, seed uint64) (float64, error) {
	if directions < 1 {
		return 0, fmt.Errorf("sliced Wasserstein distance: %d directions, want at least 1", directions)
	}
	if err := checkPair(x, y, 1); err != nil {
		return 0, fmt.Errorf("sliced Wasserstein distance: %w", err)
	}
	u := unitVectors(directions, x.Shape[1], seed)
	p, q := project(u, x), project(u, y)
	sum := 0.0
	for i := range directions {
		sum += wasserstein2(p.RawRowView(i), q.RawRowView(i))
	}
	return math.Sqrt(sum / float64(directions)), nil
}

// unitVectors is uniform on the sphere.
func unitVectors(n, d int, seed uint64) *mat.Dense {
	t := tensor.New(n, d)
	tensor.Philox{Seed: seed, Stream: tensor.StreamOf("fidelity directions")}.Normal(t.Data, 0)
	u := newPoints(t, nil).dense()
	for i := range n {
		row := u.RowView(i).(*mat.VecDense)
		row.ScaleVec(1/mat.Norm(row, 2), row)
	}
	return u
}

// project is a row of sorted projections for every direction.
func project(u *mat.Dense, x *tensor.Tensor) *mat.Dense {
	var p mat.Dense
	p.Mul(u, newPoints(x, nil).dense().T())
	for i := range p.RawMatrix().Rows {
		slices.Sort(p.RawRowView(i))
	}
	return &p
}

// wasserstein2 is the squared 2-Wasserstein distance of two sorted samples on
// a line, the integral of the squared difference of their quantile functions.
func wasserstein2(a, b []float64) float64 {
	// The functions are steps of width 1/n and 1/m: walk both in units of
	// 1/(n m), which are whole.
	n, m := len(a), len(b)
	sum, at := 0.0, 0
	for i, j := 0, 0; i < n && j < m; {
		end := min((i+1)*m, (j+1)*n)
		d := a[i] - b[j]
		sum += d * d * float64(end-at)
		at = end
		if end == (i+1)*m {
			i++
		}
		if end == (j+1)*n {
			j++
		}
	}
	return sum / (float64(n) * float64(m))
}
