package conv

import "github.com/limner-ai/limner/engine/kernel/gemm/tile"

// PackSize is the number of floats of the packed filter, which all tasks share.
func (c *correlation) PackSize() int { return c.packed }

const packUnit = 16 << 10 // floats worth a task

// PackTasks is the number of calls to Pack, in any order, before Run.
func (c *correlation) PackTasks() int {
	if c.packed == 0 {
		return 0
	}
	return min(c.units, max(c.packed/packUnit, 1), maxTasks)
}

// WorkSize is the number of floats that the tasks share besides.
func (c *correlation) WorkSize() int { return 0 }

// ScratchSize is the number of floats that Run needs for itself.
func (c *correlation) ScratchSize() int { return c.src.size() + c.kn.MR()*c.kn.NR() }

// Tasks is the number of calls to Run, in any order, after Pack.
func (c *correlation) Tasks() int { return ceil(c.n, c.images) * len(c.chunks) }

func (c *correlation) task(task int) (ch chunk, index, n0, n1 int) {
	index = task % len(c.chunks)
	n0 = task / len(c.chunks) * c.images
	return c.chunks[index], index, n0, min(n0+c.images, c.n)
}

// Range is the part of the output that a task writes. The ranges are disjoint
// and make up the output.
func (c *correlation) Range(task int) (lo, hi int) {
	ch, _, n0, n1 := c.task(task)
	row := c.outW * c.out * c.groups
	return (n0*c.outH + ch.row0) * row, ((n1-1)*c.outH + ch.row1) * row
}

// run writes a task's range of the output y.
func (c *correlation) run(task int, y, x, packed, scratch []float32) {
	ch, index, n0, n1 := c.task(task)
	edge, scratch := scratch[:c.kn.MR()*c.kn.NR()], scratch[c.kn.MR()*c.kn.NR():]
	a := c.src.fill(scratch, x, n0, n1, ch.top, 0, c.src.groups)
	y = y[n0*c.outH*c.outW*c.out*c.groups:]
	for i := range c.phases {
		p := &c.phases[i]
		t := p.tables[index]
		count := t.perImage * (n1 - n0)
		switch {
		case count == 0:
		case p.depth == 0:
			for _, o := range t.c[:count] {
				clear(y[o : o+c.out*c.groups])
			}
		case c.depthwise:
			c.depths(p, t, count, y, a, packed[p.packed:], edge)
		case c.few:
			for g := range c.groups {
				c.dotProducts(p, t, count, g, y, a, packed)
			}
		default:
			for g := range c.groups {
				c.products(p, t, count, g, y, a, packed, edge)
			}
		}
	}
}

const (
	fetchMin  = 64 << 10 // floats
	callTiles = 96       // of one call, lest the collector wait for its end
)

// products computes the output channels of a group for all pixels in a table.
func (c *correlation) products(p *phase, t table, count, g int, y, a, packed, edge []float32) {
	nr := c.kn.NR()
	for _, s := range p.steps {
		for j := 0; j < c.out; j += nr {
			args := tile.Args{
				A: tile.Pointer(a, g*c.src.group+s.a), Segs: s.segs, SegLen: s.segLen, ASkip: s.skip,
				B: tile.Pointer(packed, p.packed+(g*c.kn.Panels(c.out)*nr+j)*p.depth+s.k0*nr),
			}
			c.fetch(&args, p, s, count)
			c.column(&args, t, count, y, g*c.out+j, min(nr, c.out-j), s.k0 > 0, edge)
		}
	}
}

// fetch has the tiles of this panel bring the next one closer, if the filter is
// too large to stay in a second-level cache.
func (c *correlation) fetch(args *tile.Args, p *phase, s step, count int) {
	if c.packed < fetchMin {
		return
	}
	nr := c.kn.NR()
	args.Fetch = uintptr(args.B) + uintptr(4*p.depth*nr)
	args.Lines = ceil((s.k1-s.k0)*nr, 16*ceil(count, c.kn.MR()))
}

// dotProducts computes the few output channels of a group for all pixels in a
// table.
func (c *correlation) dotProducts(p *phase, t table, count, g int, y, a, packed []float32) {
	for _, s := range p.steps {
		args := tile.Args{
			A: tile.Pointer(a, g*c.src.group+s.a), Segs: s.segs, SegLen: s.segLen, ASkip: s.skip,
			B: tile.Pointer(packed, p.packed+g*c.out*p.depth+s.k0), BStep: p.depth,
			C: tile.Pointer(y, g*c.out), CStep: 1, Acc: min(s.k0, 1),
		}
		for i := 0; i < count; i += c.dots.MR() {
			args.Rows, args.AOff, args.COff = min(c.dots.MR(), count-i), &t.a[i], &t.c[i]
			c.dots.Dot(&args)
		}
	}
}

// column computes nr output channels from the one at first on, of which cols
// exist.
func (c *correlation) column(args *tile.Args, t table, count int, y []float32, first, cols int, add bool, edge []float32) {
	mr, nr := c.kn.MR(), c.kn.NR()
	if cols == nr {
		args.C = tile.Pointer(y, first)
		if add {
			args.Acc = 1
		}
		for i := 0; i < count; i += callTiles * mr {
			args.Rows, args.AOff, args.COff = min(callTiles*mr, count-i), &t.a[i], &t.c[i]
			c.rows(args)
			args.Fetch += uintptr(64 * args.Lines * callTiles)
		}
		return
	}
	args.C, args.COff = tile.Pointer(edge, 0), &c.edgeOff[0]
	for i := 0; i < count; i += mr {
		args.Rows, args.AOff = min(mr, count-i), &t.a[i]
		c.rows(args)
		spread(y, t.c[i:i+args.Rows], first, edge, nr, cols, add)
	}
}

// spread writes the first cols columns of a tile to rows of y.
func spread(y []float32, rows []int, first int, edge []float32, nr, cols int, add bool) {
	for r, o := range rows {
		dst, src := y[o+first:o+first+cols], edge[r*nr:r*nr+cols]
		if !add {
			copy(dst, src)
			continue
		}
		for n, v := range src {
			dst[n] += v
		}
	}
}

// depths computes all channels, each from its own, for all pixels in a table.
func (c *correlation) depths(p *phase, t table, count int, y, a, packed, edge []float32) {
	nr, most := c.kn.NR(), c.kn.DepthRows()
	args := tile.Args{SegLen: p.depth, KOff: &p.taps[0], BStep: c.src.width}
	for j := 0; j < c.out; j += nr {
		args.A, args.B = tile.Pointer(a, j), tile.Pointer(packed, j)
		cols := min(nr, c.out-j)
		for i := 0; i < count; i += most {
			args.Rows, args.AOff = min(most, count-i), &t.a[i]
			if cols == nr {
				args.C, args.COff = tile.Pointer(y, j), &t.c[i]
				c.kn.Depth(&args)
				continue
			}
			args.C, args.COff = tile.Pointer(edge, 0), &c.edgeOff[0]
			c.kn.Depth(&args)
			spread(y, t.c[i:i+args.Rows], j, edge, nr, cols, false)
		}
	}
}
