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
	if p.thin != neither {
		p.runThin(c, a, b, row0, row1, col0, col1, scratch)
		return
	}
	mr, nr := p.kn.MR(), p.kn.NR()
	edge, scratch := scratch[:mr*nr], scratch[mr*nr:]
	group, tiles := scratch[:p.depth*p.group], scratch[p.depth*p.group:]
	for k0 := 0; k0 < p.k; k0 += p.depth {
		k1 := min(k0+p.depth, p.k)
		if p.packs {
			p.packA(tiles, a, row0, row1, k0, k1)
		} else {
			tiles = a[row0*p.k+k0:]
		}
		for j := col0; j < col1; j += nr {
			switch {
			case p.shared:
				p.column(c, tiles, packed[j*p.k+k0*nr:], p.bOff, edge, row0, row1, j, k0, k1)
			case p.direct && p.n-j >= nr:
				p.column(c, tiles, b[k0*p.n+j:], p.bRow, edge, row0, row1, j, k0, k1)
			default:
				at := (j - col0) % p.group
				if at == 0 || p.direct {
					at = 0
					p.panels(group, b, j, min(p.group, col1-j), k0, k1)
				}
				p.column(c, tiles, group[at*(k1-k0):], p.bOff, edge, row0, row1, j, k0, k1)
			}
		}
	}
}

// packA lays out rows row0 to row1 of op(A), columns k0 to k1, tile by tile.
func (p *Plan) packA(tiles, a []float32, row0, row1, k0, k1 int) {
	mr := p.kn.MR()
	if p.transA {
		p.kn.Gather(tiles, a[k0*p.m+row0:], p.aOff[:k1-k0], row1-row0, p.tileSize())
		return
	}
	for i := row0; i < row1; i += mr {
		p.kn.Transpose(tiles, a[i*p.k+k0:], k1-k0, min(mr, row1-i), p.k, mr)
		tiles = tiles[p.tileSize():]
	}
}

// column adds the product of the packed tiles with one panel, whose rows lie at
// bOff, to C.
func (p *Plan) column(c, tiles, panel []float32, bOff []int, edge []float32, row0, row1, j, k0, k1 int) {
	mr, nr := p.kn.MR(), p.kn.NR()
	args := tile.Args{B: tile.Pointer(panel, 0), SegLen: k1 - k0, KOff: &p.kOff[0], BOff: &bOff[0]}
	cols := min(nr, p.n-j)
	_ = panel[bOff[k1-k0-1]+nr-1]
	for i := row0; i < row1; i += mr {
		args.Rows = min(mr, row1-i)
		if p.packs {
			args.A = tile.Pointer(tiles, (i-row0)/mr*p.tileSize())
		} else {
			args.A, args.AOff, args.Segs = tile.Pointer(tiles, (i-row0)*p.k), &p.aRow[0], 1
		}
		if cols == nr {
			args.C, args.COff, args.Acc = tile.Pointer(c, i*p.n+j), &p.cOff[0], min(k0, 1)
			p.kernel(&args)
			continue
		}
		args.C, args.COff, args.Acc = tile.Pointer(edge, 0), &p.edgeOff[0], 0
		p.kernel(&args)
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

func (p *Plan) kernel(args *tile.Args) {
	if p.packs || p.direct {
		p.kn.Outer(args)
	} else {
		p.kn.Rows(args)
	}
}
