package conv

import "github.com/limner-ai/limner/engine/kernel/gemm/tile"

// partials are sums over shares of the pixels, each as large as the filter,
// that are added up in order.
type partials struct {
	kn      tile.Kernel
	count   int
	size    int // floats of one
	offsets []int
	ones    []float32
}

const (
	reduceUnit  = 16 << 10 // floats worth a task
	partialsMax = 8 << 20  // floats of all
)

// partialSums is how many partial sums to make if that many are wanted and so
// many are worth their while.
func partialSums(s Shape, want, most int) int {
	return max(min(want, most, partialsMax/max(s.FilterSize(), 1)), 1)
}

func newPartials(kn tile.Kernel, s Shape, count int) partials {
	p := partials{kn: kn, count: count, size: s.FilterSize(), ones: make([]float32, kn.NR())}
	for i := range p.ones {
		p.ones[i] = 1
	}
	for i := range max(count, kn.MR()) {
		p.offsets = append(p.offsets, i*kn.NR())
	}
	return p
}

// sum adds to n floats of the first partial sum their like in all others.
func (p *partials) sum(work []float32, n int) {
	nr, most := p.kn.NR(), p.kn.DepthRows()
	if p.count == 1 {
		return
	}
	i := 0
	if n >= nr {
		var parts [maxTasks]int
		for q := range p.count - 1 {
			parts[q] = (q + 1) * p.size
		}
		args := tile.Args{B: tile.Pointer(p.ones, 0), KOff: &parts[0], SegLen: p.count - 1, Acc: 1,
			AOff: &p.offsets[0], COff: &p.offsets[0]}
		for ; i+nr <= n; i += args.Rows * nr {
			args.Rows = min(most, (n-i)/nr)
			args.A, args.C = tile.Pointer(work, i), tile.Pointer(work, i)
			p.kn.Depth(&args)
		}
	}
	for ; i < n; i++ {
		for q := 1; q < p.count; q++ {
			work[i] += work[q*p.size+i]
		}
	}
}

// ReduceTasks is the number of calls to Reduce, in any order, after Run.
func (p *directGrad) ReduceTasks() int {
	if p.count == 1 && p.way != turned {
		return 0
	}
	return ceil(p.rows(), p.reduceRows())
}

// reduceRows is the number of rows of dw that a task adds up.
func (p *directGrad) reduceRows() int { return ceil(ceil(reduceUnit, p.s.K), 16) * 16 }

// Reduce adds up the partial sums of a share of dw. It overwrites them.
func (p *directGrad) Reduce(task int, dw, work []float32) {
	k := p.s.K
	lo := task * p.reduceRows()
	hi := min(lo+p.reduceRows(), p.rows())
	if p.way != turned {
		p.sum(work[lo*k:], (hi-lo)*k)
		copy(dw[lo*k:hi*k], work[lo*k:])
		return
	}
	for j := range k {
		p.sum(work[j*p.rows()+lo:], hi-lo)
	}
	p.turn(dw[lo*k:hi*k], work[lo:], hi-lo)
}

// turn transposes n columns of the sum to rows of dw.
func (p *directGrad) turn(dw, sum []float32, n int) {
	k, ld := p.s.K, p.rows()
	if k%8 == 0 {
		p.kn.Transpose(dw, sum, n, k, ld, k)
		return
	}
	for j := range k {
		for i, v := range sum[j*ld : j*ld+n] {
			dw[i*k+j] = v
		}
	}
}
