package fidelity

import (
	"fmt"
	"math"

	"github.com/limner-ai/limner/engine/tensor"
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"
)

// Gaussian accumulates the mean and the covariance of rows in float64, batch
// by batch. Batches are joined by the pairwise update of Chan, Golub and
// LeVeque (1979), so that features with a mean far above their spread lose no
// digits, and so that parts counted apart can be merged.
type Gaussian struct {
	n       int
	mean    []float64
	scatter blas64.Symmetric // Σ (x−mean)(x−mean)ᵀ, upper triangle
}

// NewGaussian returns an empty accumulator for rows of d features.
func NewGaussian(d int) *Gaussian {
	return &Gaussian{
		mean:    make([]float64, d),
		scatter: blas64.Symmetric{Uplo: blas.Upper, N: d, Stride: d, Data: make([]float64, d*d)},
	}
}

// Fit accumulates one whole matrix.
func Fit(x *tensor.Tensor) (*Gaussian, error) {
	if err := check("features", x, 0); err != nil {
		return nil, err
	}
	g := NewGaussian(x.Shape[1])
	return g, g.Add(x)
}

// Add accumulates the rows of a [n, d] batch.
func (g *Gaussian) Add(batch *tensor.Tensor) error {
	if err := check("batch", batch, 0); err != nil {
		return err
	}
	n, d := batch.Shape[0], batch.Shape[1]
	if err := sameWidth(d, len(g.mean)); err != nil {
		return err
	}
	if n == 0 {
		return nil
	}
	p := newPoints(batch, nil)
	b := NewGaussian(d)
	b.n, b.mean = n, p.mean()
	for i := range n {
		for j, m := range b.mean {
			p.x.Data[i*d+j] -= m
		}
	}
	blas64.Syrk(blas.Trans, 1, p.x, 0, b.scatter)
	return g.Merge(b)
}

// Merge adds the rows that another accumulator has seen.
func (g *Gaussian) Merge(o *Gaussian) error {
	if err := sameWidth(len(g.mean), len(o.mean)); err != nil {
		return err
	}
	if o.n == 0 {
		return nil
	}
	na, nb := float64(g.n), float64(o.n)
	d := len(g.mean)
	delta := make([]float64, d)
	for i, m := range o.mean {
		delta[i] = m - g.mean[i]
		g.mean[i] += delta[i] * nb / (na + nb)
	}
	for i := range d {
		for j := i; j < d; j++ {
			g.scatter.Data[i*d+j] += o.scatter.Data[i*d+j] + delta[i]*delta[j]*(na*nb/(na+nb))
		}
	}
	g.n += o.n
	return nil
}

// N is the number of rows seen.
func (g *Gaussian) N() int { return g.n }

// Mean is a copy of the mean of the rows, of length d.
func (g *Gaussian) Mean() []float64 { return append([]float64(nil), g.mean...) }

// Cov is the unbiased [d, d] covariance of the rows (divisor n−1). It is zero
// for fewer than two rows.
func (g *Gaussian) Cov() *mat.SymDense {
	d := len(g.mean)
	c := mat.NewSymDense(d, nil)
	for i := range d {
		for j := i; j < d; j++ {
			c.SetSym(i, j, g.scatter.Data[i*d+j]/float64(max(g.n-1, 1)))
		}
	}
	return c
}

// Frechet is the squared Fréchet distance of two Gaussians,
//
//	|μa−μb|² + tr(A) + tr(B) − 2 tr((A^½ B A^½)^½),
//
// that is FID when the features are Inception's: Heusel et al., "GANs Trained
// by a Two Time-Scale Update Rule" (2017), eq. 6. It has the unit of a squared
// feature. The estimate is biased upwards, more so for few rows and many
// features: compare only at the same number of rows.
func Frechet(a, b *Gaussian) (float64, error) {
	if err := sameWidth(len(a.mean), len(b.mean)); err != nil {
		return 0, err
	}
	if a.n < 2 || b.n < 2 {
		return 0, fmt.Errorf("squared Fréchet distance: samples of %d and %d rows, want at least 2 each", a.n, b.n)
	}
	sum := 0.0
	for i, m := range a.mean {
		sum += (m - b.mean[i]) * (m - b.mean[i])
	}
	A, B := a.Cov(), b.Cov()
	cross, err := traceRoot(A, B)
	if err != nil {
		return 0, err
	}
	return max(0, sum+mat.Trace(A)+mat.Trace(B)-2*cross), nil
}

// traceRoot is tr((A^½ B A^½)^½) of two covariances. With A = L Lᵀ and
// B = M Mᵀ it is the sum of the singular values of MᵀL. Singular values of a
// product of roots are exact to ε, where the roots of eigenvalues of A^½BA^½
// are only exact to √ε: that matters for the many directions in which a
// sample smaller than d has no spread.
func traceRoot(A, B *mat.SymDense) (float64, error) {
	L, err := root(A)
	if err != nil {
		return 0, err
	}
	M, err := root(B)
	if err != nil {
		return 0, err
	}
	if L == nil || M == nil {
		return 0, nil
	}
	var p mat.Dense
	p.Mul(M.T(), L)
	var svd mat.SVD
	if !svd.Factorize(&p, mat.SVDNone) {
		return 0, fmt.Errorf("squared Fréchet distance: the singular values of the covariances' roots did not converge")
	}
	sum := 0.0
	for _, s := range svd.Values(nil) {
		sum += s
	}
	return sum, nil
}

// root returns L with L Lᵀ = S, one column for every eigenvalue above
// rounding error; nil if there is none.
func root(S *mat.SymDense) (*mat.Dense, error) {
	var e mat.EigenSym
	if !e.Factorize(S, true) {
		return nil, fmt.Errorf("squared Fréchet distance: the eigenvalues of a covariance did not converge")
	}
	values := e.Values(nil) // ascending
	d := len(values)
	floor := values[d-1] * float64(d) * 0x1p-52
	from := 0
	for from < d && values[from] <= floor {
		from++
	}
	if from == d {
		return nil, nil
	}
	var V mat.Dense
	e.VectorsTo(&V)
	L := mat.DenseCopyOf(V.Slice(0, d, from, d))
	for j, v := range values[from:] {
		s := math.Sqrt(v)
		for i := range d {
			L.Set(i, j, s*L.At(i, j))
		}
	}
	return L, nil
}
