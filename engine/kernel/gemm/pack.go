package gemm

import "github.com/limner-ai/limner/engine/kernel/gemm/tile"

// What several tasks read is packed once, before they run: panels of B where
// C has more than one row of blocks, and tiles of A, if they are packed at
// all, where it has more than one column of them. The former are whole columns
// [panel][K][NR]; the latter lie behind them, [K/depth][tile][depth·MR+8].

// PackSize is the number of floats that Pack fills and all tasks share.
func (p *Plan) PackSize() int {
	n := p.sizeB()
	if p.sharedA {
		n += p.visits() * ceil(p.m, p.kn.MR()) * p.tileSize()
	}
	return n
}

func (p *Plan) sizeB() int {
	if !p.sharedB {
		return 0
	}
	return p.kn.Panels(p.n) * p.k * p.kn.NR()
}

// visits is how often a tile of C is added to.
func (p *Plan) visits() int { return ceil(p.k, p.depth) }

// PackTasks is the number of calls to Pack, in any order, before Run.
func (p *Plan) PackTasks() int {
	n := 0
	if p.sharedB {
		n += p.visits() * ceil(p.n, p.cols)
	}
	if p.sharedA {
		n += p.visits() * ceil(p.m, p.rows)
	}
	return n
}

// Pack lays out a share of op(A) and op(B) the way the kernels read it.
func (p *Plan) Pack(task int, packed, a, b []float32) {
	if p.sharedB {
		across := ceil(p.n, p.cols)
		if task < p.visits()*across {
			k0, j := task/across*p.depth, task%across*p.cols
			p.packB(packed, b, j, min(j+p.cols, p.n), k0, min(k0+p.depth, p.k))
			return
		}
		task -= p.visits() * across
	}
	down := ceil(p.m, p.rows)
	k0, i := task/down*p.depth, task%down*p.rows
	p.packA(packed[p.tileAt(i, k0):], a, i, min(i+p.rows, p.m), k0, min(k0+p.depth, p.k))
}

// tileAt is where the shared tile of row i and step k0 lies.
func (p *Plan) tileAt(i, k0 int) int {
	return p.sizeB() + (k0/p.depth*ceil(p.m, p.kn.MR())+i/p.kn.MR())*p.tileSize()
}

// packB fills rows k0 to k1 of the shared panels of columns j to end.
func (p *Plan) packB(packed, b []float32, j, end, k0, k1 int) {
	nr := p.kn.NR()
	for ; j < end; j += p.group {
		p.panels(packed[j*p.k+k0*nr:], b, j, min(p.group, end-j), k0, k1, p.k*nr)
	}
}

// panels packs cols columns of op(B) from j on, rows k0 to k1, a panel every
// step floats.
func (p *Plan) panels(dst, b []float32, j, cols, k0, k1, step int) {
	nr := p.kn.NR()
	if p.form != tile.Float32 {
		p.panelsBFloat16(dst, b, j, cols, k0, k1, step)
		return
	}
	if !p.transB {
		p.kn.Copy(dst, b[k0*p.n+j:], k1-k0, cols, p.n, step)
		return
	}
	for ; cols > 0; cols -= nr {
		p.kn.Transpose(dst, b[j*p.k+k0:], k1-k0, min(nr, cols), p.k, nr)
		if cols > nr {
			dst, j = dst[step:], j+nr
		}
	}
}

// packA lays out rows row0 to row1 of op(A), columns k0 to k1, tile by tile.
func (p *Plan) packA(tiles, a []float32, row0, row1, k0, k1 int) {
	mr := p.kn.MR()
	if p.form != tile.Float32 {
		p.tilesBFloat16(tiles, a, row0, row1, k0, k1)
		return
	}
	if p.transA {
		p.kn.Gather(tiles, a[k0*p.m+row0:], p.aOff[:k1-k0], row1-row0, p.tileSize())
		return
	}
	for i := row0; i < row1; i += mr {
		p.kn.Transpose(tiles, a[i*p.k+k0:], k1-k0, min(mr, row1-i), p.k, mr)
		tiles = tiles[p.tileSize():]
	}
}

// tileSize leaves room for what packing spills beyond a tile.
func (p *Plan) tileSize() int { return p.depth*p.kn.MR() + 8 }
