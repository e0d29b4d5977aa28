package gemm

import "github.com/limner-ai/limner/engine/kernel/gemm/tile"

// Run writes a task's block of C, of sizes c [m·n], a [m·k], b [k·n], packed
// [PackSize] filled by Pack, and scratch [ScratchSize] of the caller alone.
func (p *Plan) Run(task int, c, a, b, packed, scratch []float32) {
	row0, row1, col0, col1 := p.Block(task)
	if p.k == 0 {
		for i := row0; i < row1; i++ {
			clear(c[i*p.n+col0 : i*p.n+col1])
		}
		return
	}
	mr, nr := p.kn.MR(), p.kn.NR()
	edge, scratch := scratch[:mr*nr], scratch[mr*nr:]
	panel, tiles := scratch[:p.depth*nr], scratch[p.depth*nr:]
	for k0 := 0; k0 < p.k; k0 += p.depth {
		k1 := min(k0+p.depth, p.k)
		p.packA(tiles, a, row0, row1, k0, k1)
		for j := col0; j < col1; j += nr {
			at := panel
			if p.shared {
				at = packed[j*p.k+k0*nr:]
			} else {
				p.panel(panel, b, j, k0, k1)
			}
			p.column(c, tiles, at, edge, row0, row1, j, k0, k1)
		}
	}
}

// packA lays out rows row0 to row1 of op(A), columns k0 to k1, tile by tile.
func (p *Plan) packA(tiles, a []float32, row0, row1, k0, k1 int) {
	mr := p.kn.MR()
	for i := row0; i < row1; i += mr {
		rows := min(mr, row1-i)
		if p.transA {
			for k := k0; k < k1; k++ {
				copy(tiles[(k-k0)*mr:], a[k*p.m+i:k*p.m+i+rows])
			}
		} else {
			p.kn.Transpose(tiles, a[i*p.k+k0:], k1-k0, rows, p.k, mr)
		}
		tiles = tiles[p.tileSize():]
	}
}

// column adds the product of the packed tiles with one panel to C.
func (p *Plan) column(c, tiles, panel, edge []float32, row0, row1, j, k0, k1 int) {
	mr, nr := p.kn.MR(), p.kn.NR()
	args := tile.Args{B: tile.Pointer(panel, 0), SegLen: k1 - k0, KOff: &p.kOff[0], BStep: nr}
	cols := min(nr, p.n-j)
	_ = panel[(k1-k0)*nr-1]
	for i := row0; i < row1; i += mr {
		args.Rows = min(mr, row1-i)
		args.A = tile.Pointer(tiles, (i-row0)/mr*p.tileSize())
		if cols == nr {
			args.C, args.COff, args.Acc = tile.Pointer(c, i*p.n+j), &p.cOff[0], min(k0, 1)
			p.kn.Outer(&args)
			continue
		}
		args.C, args.COff, args.Acc = tile.Pointer(edge, 0), &p.edgeOff[0], 0
		p.kn.Outer(&args)
		for r := range args.Rows {
			dst, src := c[(i+r)*p.n+j:(i+r)*p.n+p.n], edge[r*nr:r*nr+cols]
			if k0 == 0 {
				copy(dst, src)
				continue
			}
			for n, v := range src {
				dst[n] += v
			}
		}
	}
}
