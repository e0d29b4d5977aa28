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
	group := scratch
	if !p.sharedB {
		scratch = scratch[p.depth*p.group:]
	}
	for k0 := 0; k0 < p.k; k0 += p.depth {
		k1 := min(k0+p.depth, p.k)
		var tiles []float32
		switch {
		case p.sharedA:
			tiles = packed[p.tileAt(row0, k0):]
		case p.packs:
			tiles = scratch
			p.packA(tiles, a, row0, row1, k0, k1)
		default:
			tiles = a[row0*p.k+k0:]
		}
		for j := col0; j < col1; j += nr {
			args := tile.Args{SegLen: k1 - k0, AStep: mr, BStep: nr}
			switch {
			case p.sharedB:
				args.B = tile.Pointer(packed, j*p.k+k0*nr)
				p.fetch(&args, j, k0, row1-row0, col0, col1)
			case p.direct && p.n-j >= nr:
				args.B, args.BStep = tile.Pointer(b, k0*p.n+j), p.n
			default:
				at := (j - col0) % p.group
				if at == 0 || p.direct {
					at = 0
					p.panels(group, b, j, min(p.group, col1-j), k0, k1, (k1-k0)*nr)
				}
				args.B = tile.Pointer(group, at*(k1-k0))
			}
			p.column(&args, c, tiles, edge, row0, row1, j, k0)
		}
	}
}

// fetch has the tiles of a shared panel bring the next one closer: it comes from
// the third-level cache, or from memory.
func (p *Plan) fetch(args *tile.Args, j, k0, rows, col0, col1 int) {
	nr := p.kn.NR()
	at, next := j*p.k+k0*nr, (j+nr)*p.k+k0*nr
	if j+nr >= col1 {
		next = col0*p.k + (k0+p.depth)*nr
	}
	args.Fetch = uintptr(args.B) + uintptr(4*(next-at))
	args.Lines = ceil(args.SegLen*nr, 16*ceil(rows, p.kn.MR()))
}

// column adds the product of a block's tiles with one panel to C.
func (p *Plan) column(args *tile.Args, c, tiles, edge []float32, row0, row1, j, k0 int) {
	mr, nr := p.kn.MR(), p.kn.NR()
	if p.packs {
		args.ATile = p.tileSize()
	} else {
		args.AOff, args.Segs = &p.aRow[0], 1
	}
	if p.n-j >= nr {
		args.A, args.Rows = tile.Pointer(tiles, 0), row1-row0
		args.C, args.COff, args.Acc = tile.Pointer(c, row0*p.n+j), &p.cOff[0], min(k0, 1)
		p.kernel(args)
		return
	}
	args.C, args.COff = tile.Pointer(edge, 0), &p.edgeOff[0]
	for i := row0; i < row1; i += mr {
		at := (i - row0) * p.k
		if p.packs {
			at = (i - row0) / mr * p.tileSize()
		}
		args.A, args.Rows = tile.Pointer(tiles, at), min(mr, row1-i)
		p.kernel(args)
		p.spread(c, edge, i, args.Rows, j, p.n-j, k0 > 0)
	}
}

// spread writes the part of a tile that does not overhang C, or adds it.
func (p *Plan) spread(c, edge []float32, i, rows, j, cols int, add bool) {
	nr := p.kn.NR()
	for r := range rows {
		dst, src := c[(i+r)*p.n+j:(i+r)*p.n+p.n], edge[r*nr:r*nr+cols]
		if !add {
			copy(dst, src)
			continue
		}
		for n, v := range src {
			dst[n] += v
		}
	}
}

func (p *Plan) kernel(args *tile.Args) {
	switch {
	case p.form == tile.Paired:
		p.kn.OuterPaired(args)
	case p.packs || p.direct:
		p.kn.Outer(args)
	default:
		p.kn.Rows(args)
	}
}
