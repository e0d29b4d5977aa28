package gemm

import (
	"github.com/limner-ai/limner/engine/kernel/gemm/tile"
	"github.com/limner-ai/limner/engine/kernel/isa"
)

// NewBFloat16 plans a product of operands that are rounded to bfloat16, with
// sums in float32. The matrices are float32: rounding is part of packing, and
// both operands are packed. Where the processor multiplies bfloat16, packed
// operands are pairs of neighbours in K; elsewhere they are rounded floats, for
// the kernels of all other products.
func NewBFloat16(m, n, k int, transA, transB bool) *Plan {
	return newIn(tile.BFloat16(isa.Active()), isa.Active(), m, n, k, transA, transB)
}

// round has both operands packed, in words if they are pairs.
func (p *Plan) round(level isa.Level) {
	p.packs = true
	if p.form == tile.Paired {
		p.kn, p.k = tile.NewPaired(level, p.n), ceil(p.k, 2)
	}
}

// Steps of K that are packed as floats before they become pairs, and the room
// for them: the widest tile, and what packing spills.
const (
	foldSteps = 32
	foldRoom  = foldSteps*32 + 8
)

// panelsBFloat16 is panels, rounded.
func (p *Plan) panelsBFloat16(dst, b []float32, j, cols, k0, k1, step int) {
	nr := p.kn.NR()
	for ; cols > 0; cols, j = cols-nr, j+nr {
		p.rounded(dst, b, false, j, min(nr, cols), k0, k1)
		if cols > nr {
			dst = dst[step:]
		}
	}
}

// tilesBFloat16 is packA, rounded.
func (p *Plan) tilesBFloat16(tiles, a []float32, row0, row1, k0, k1 int) {
	mr := p.kn.MR()
	for i := row0; i < row1; i += mr {
		p.rounded(tiles, a, true, i, min(mr, row1-i), k0, k1)
		tiles = tiles[p.tileSize():]
	}
}

// rounded packs words k0 to k1 of a tile of A, of so many rows from i on, or of
// a panel of B, of so many columns.
func (p *Plan) rounded(dst, src []float32, isA bool, i, count, k0, k1 int) {
	width := p.kn.NR()
	if isA {
		width = p.kn.MR()
	}
	if p.form == tile.Rounded {
		p.floats(dst, src, isA, i, count, k0, k1-k0)
		p.kn.Round(dst[:(k1-k0)*width])
		return
	}
	var room [foldRoom]float32
	end := min(2*k1, p.span)
	for k := 2 * k0; k < end; k += foldSteps {
		steps := min(foldSteps, end-k)
		p.floats(room[:], src, isA, i, count, k, steps)
		p.kn.Fold(dst[(k/2-k0)*width:], room[:], steps, width, width)
	}
}

// floats packs steps of K from k on as they are.
func (p *Plan) floats(dst, src []float32, isA bool, i, count, k, steps int) {
	switch {
	case isA && p.transA:
		p.kn.Gather(dst, src[k*p.m+i:], p.aOff[:steps], count, 0)
	case isA:
		p.kn.Transpose(dst, src[i*p.span+k:], steps, count, p.span, p.kn.MR())
	case p.transB:
		p.kn.Transpose(dst, src[i*p.span+k:], steps, count, p.span, p.kn.NR())
	default:
		p.kn.Copy(dst, src[k*p.n+i:], steps, count, p.n, 0)
	}
}
