package fidelity

import (
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/limner-ai/limner/engine/tensor"
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"
)

// points is a feature matrix in float64.
type points struct {
	x  blas64.General
	sq []float64 // |row|²
}

// newPoints copies x, less origin in every row. Distances do not depend on
// the origin, but they lose fewer digits near it. A nil origin is zero.
func newPoints(x *tensor.Tensor, origin []float64) points {
	n, d := x.Shape[0], x.Shape[1]
	p := points{blas64.General{Rows: n, Cols: d, Stride: d, Data: make([]float64, n*d)}, make([]float64, n)}
	for i := range n {
		row := p.x.Data[i*d:][:d]
		for j, v := range x.Row(i) {
			row[j] = float64(v)
			if origin != nil {
				row[j] -= origin[j]
			}
			p.sq[i] += row[j] * row[j]
		}
	}
	return p
}

// dense is the same matrix, sharing memory.
func (p points) dense() *mat.Dense { return mat.NewDense(p.x.Rows, p.x.Cols, p.x.Data) }

func (p points) mean() []float64 {
	m := make([]float64, p.x.Cols)
	for i := range p.x.Rows {
		for j := range m {
			m[j] += p.x.Data[i*p.x.Cols+j]
		}
	}
	for j := range m {
		m[j] /= float64(p.x.Rows)
	}
	return m
}

// slice is rows [from, to), sharing memory.
func (p points) slice(from, to int) points {
	q := p
	q.x.Rows = to - from
	q.x.Data = p.x.Data[from*p.x.Stride : to*p.x.Stride]
	q.sq = p.sq[from:to]
	return q
}

// A block of products is small enough for the second-level cache, and for
// the product to stay on the goroutine that asked for it.
const blockRows, blockCols = 64, 128

// products visits all scalar products of rows of a with rows of b, a part of
// a row at a time: dot[l] = a[i]·b[j+l]. The parts of one row come in order
// and never at the same time; different rows may be visited at once.
func products(a, b points, visit func(i, j int, dot []float64)) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), (a.x.Rows+blockRows-1)/blockRows) {
		wg.Go(func() {
			c := blas64.General{Stride: blockCols, Data: make([]float64, blockRows*blockCols)}
			for {
				i0 := int(next.Add(blockRows)) - blockRows
				if i0 >= a.x.Rows {
					return
				}
				rows := a.slice(i0, min(i0+blockRows, a.x.Rows))
				for j0 := 0; j0 < b.x.Rows; j0 += blockCols {
					cols := b.slice(j0, min(j0+blockCols, b.x.Rows))
					c.Rows, c.Cols = rows.x.Rows, cols.x.Rows
					blas64.Gemm(blas.NoTrans, blas.Trans, 1, rows.x, cols.x, 0, c)
					for i := range c.Rows {
						visit(i0+i, j0, c.Data[i*blockCols:][:c.Cols])
					}
				}
			}
		})
	}
	wg.Wait()
}

// distances visits all squared Euclidean distances, as products does.
func distances(a, b points, visit func(i, j int, d2 []float64)) {
	products(a, b, func(i, j int, dot []float64) {
		for l, v := range dot {
			dot[l] = max(0, a.sq[i]+b.sq[j+l]-2*v)
		}
		visit(i, j, dot)
	})
}
