package copying

import (
	"math"

	"github.com/limner-ai/limner/engine/kernel/gemm"
)

// rows are points of equal length with their squared norms.
type rows struct {
	data []float32 // [n, dim]
	dim  int
	sq   []float32
}

func newRows(n, dim int) *rows {
	return &rows{data: make([]float32, n*dim), dim: dim, sq: make([]float32, n)}
}

func (r *rows) len() int            { return len(r.sq) }
func (r *rows) row(i int) []float32 { return r.data[i*r.dim : (i+1)*r.dim] }

// measure computes the norm of row i.
func (r *rows) measure(i int) {
	sum := 0.
	for _, v := range r.row(i) {
		sum += float64(v) * float64(v)
	}
	r.sq[i] = float32(sum)
}

// rowsOf are the rows of data, sharing memory.
func rowsOf(data []float32, dim int) *rows {
	r := &rows{data: data, dim: dim, sq: make([]float32, len(data)/dim)}
	for i := range r.sq {
		r.measure(i)
	}
	return r
}

// pick copies some rows.
func (r *rows) pick(index []int) *rows {
	p := newRows(len(index), r.dim)
	for i, k := range index {
		copy(p.row(i), r.row(k))
		p.sq[i] = r.sq[k]
	}
	return p
}

// distances are the squared distances [a, b] of all rows of a and b.
func distances(a, b *rows) []float32 {
	m, n := a.len(), b.len()
	d := make([]float32, m*n)
	product(d, a.data, b.data, m, n, a.dim)
	for i := range m {
		row := d[i*n : (i+1)*n]
		for j, v := range row {
			row[j] = max(0, a.sq[i]+b.sq[j]-2*v)
		}
	}
	return d
}

// product is c [m n] = a [m k] · bᵀ, b [n k].
func product(c, a, b []float32, m, n, k int) {
	p := gemm.New(m, n, k, false, true)
	packed, scratch := make([]float32, p.PackSize()), make([]float32, p.ScratchSize())
	for i := range p.PackTasks() {
		p.Pack(i, packed, a, b)
	}
	for i := range p.Tasks() {
		p.Run(i, c, a, b, packed, scratch)
	}
}

// least are the indices of the k least of d, nearest first; what skip says is
// left out. There may be fewer.
func least(d []float32, k int, skip func(i int) bool) []int {
	best := make([]int, 0, k+1)
	limit := float32(math.Inf(1))
	for i, v := range d {
		if v >= limit || skip != nil && skip(i) {
			continue
		}
		at := len(best)
		best = append(best, i)
		for at > 0 && d[best[at-1]] > v {
			best[at] = best[at-1]
			at--
		}
		best[at] = i
		if len(best) > k {
			best = best[:k]
		}
		if len(best) == k {
			limit = d[best[k-1]]
		}
	}
	return best
}
