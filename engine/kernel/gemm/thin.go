package gemm

import (
	"github.com/limner-ai/limner/engine/kernel/gemm/tile"
	"github.com/limner-ai/limner/engine/kernel/isa"
)

// thin says which side of C has too few elements for the lanes of a vector,
// while both operands can be had with K contiguous.
type thin int

const (
	neither thin = iota
	columns
	rows
)

const (
	thinDepth = 1 << 15 // steps of K between two visits to a tile
	thinWorth = 16      // steps of K that pay for adding up the lanes
)

func (p *Plan) chooseThin(level isa.Level) {
	switch {
	case min(p.m, p.n) == 0 || p.k < thinWorth:
	case p.n <= tile.DotsMax && !p.transA:
		p.thin, p.dots = columns, tile.NewDots(level, p.n)
	case p.m <= tile.DotsMax && p.transB:
		p.thin, p.dots = rows, tile.NewDots(level, p.m)
	}
}

// splitThin divides the long side of C.
func (p *Plan) splitThin(want int) {
	p.rows, p.cols = p.m, p.n
	for r := range p.dots.MR() {
		p.aOff = append(p.aOff, r*p.k)
	}
	long := &p.rows
	if p.thin == rows {
		long = &p.cols
	}
	*long = even(*long, max(ceil(*long, max(want, 1)), 8*p.dots.MR()), p.dots.MR())
}

// thinScratch is room for the short operand with K contiguous.
func (p *Plan) thinScratch() int {
	if p.thin == columns && !p.transB {
		return p.n * p.k
	}
	if p.thin == rows && p.transA {
		return p.m * p.k
	}
	return 0
}

// runThin computes a block of C by dot products: of the rows of A with the
// columns of B, or, for few rows, the other way round.
func (p *Plan) runThin(c, a, b []float32, row0, row1, col0, col1 int, scratch []float32) {
	long, short, few, turn := a[row0*p.k:], b, p.n, !p.transB
	count, step, colStep := row1-row0, p.n, 1
	c = c[row0*p.n:]
	if p.thin == rows {
		long, short, few, turn = b[col0*p.k:], a, p.m, p.transA
		count, step, colStep = col1-col0, 1, p.n
		c = c[col0:]
	}
	if turn {
		for k := range p.k {
			for i := range few {
				scratch[i*p.k+k] = short[k*few+i]
			}
		}
		short = scratch
	}
	var cOff [16]int
	for r := range p.dots.MR() {
		cOff[r] = r * step
	}
	args := tile.Args{AOff: &p.aOff[0], COff: &cOff[0], Segs: 1, BStep: p.k, CStep: colStep}
	for k0 := 0; k0 < p.k; k0 += thinDepth {
		args.B, args.SegLen, args.Acc = tile.Pointer(short, k0), min(thinDepth, p.k-k0), min(k0, 1)
		for i := 0; i < count; i += p.dots.MR() {
			args.Rows = min(p.dots.MR(), count-i)
			args.A, args.C = tile.Pointer(long, i*p.k+k0), tile.Pointer(c, i*step)
			p.dots.Dot(&args)
		}
	}
}
