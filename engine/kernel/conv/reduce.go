package conv

import "github.com/limner-ai/limner/engine/kernel/gemm/tile"

const reduceUnit = 16 << 10 // floats worth a task

// ReduceTasks is the number of calls to Reduce, in any order, after Run.
func (p *FilterGrad) ReduceTasks() int {
	if p.partials == 1 && p.way != turned {
		return 0
	}
	return ceil(p.rows(), p.reduceRows())
}

// reduceRows is the number of rows of dw that a task adds up.
func (p *FilterGrad) reduceRows() int { return ceil(ceil(reduceUnit, p.s.K), 16) * 16 }

// Reduce adds up the partial sums of a share of dw. It overwrites them.
func (p *FilterGrad) Reduce(task int, dw, work []float32) {
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

// sum adds to n floats their like in all other partial sums.
func (p *FilterGrad) sum(work []float32, n int) {
	size, nr, most := p.s.FilterSize(), p.kn.NR(), p.kn.DepthRows()
	if p.partials == 1 {
		return
	}
	i := 0
	if n >= nr {
		var parts [maxTasks]int
		for q := range p.partials - 1 {
			parts[q] = (q + 1) * size
		}
		args := tile.Args{B: tile.Pointer(p.ones, 0), KOff: &parts[0], SegLen: p.partials - 1, Acc: 1,
			AOff: &p.edgeOff[0], COff: &p.edgeOff[0]}
		for ; i+nr <= n; i += args.Rows * nr {
			args.Rows = min(most, (n-i)/nr)
			args.A, args.C = tile.Pointer(work, i), tile.Pointer(work, i)
			p.kn.Depth(&args)
		}
	}
	for ; i < n; i++ {
		for q := 1; q < p.partials; q++ {
			work[i] += work[q*size+i]
		}
	}
}

// turn transposes n columns of the sum to rows of dw.
func (p *FilterGrad) turn(dw, sum []float32, n int) {
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
