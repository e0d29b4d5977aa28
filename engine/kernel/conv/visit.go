package conv

import "github.com/limner-ai/limner/engine/kernel/gemm/tile"

// visit adds the products of one set of pixels to the panels u0 to u1 of dw.
func (p *FilterGrad) visit(c, u0, u1 int, add bool, dw, x, dy, scratch []float32) {
	s, nr, panels := p.s, p.kn.NR(), p.kn.Panels(p.out)
	down := ceil(p.outH, p.height)
	n0, y0 := c/down*p.src.images, c%down*p.height
	n1, y1 := min(n0+p.src.images, s.N), min(y0+p.height, p.outH)
	pixels := (n1 - n0) * (y1 - y0) * p.outW
	dy = dy[(n0*p.outH+y0)*p.outW*s.K:]

	var b buffers
	b.edge, scratch = cut(scratch, p.kn.MR()*nr)
	b.tiles, scratch = cut(scratch, p.tilesSize())
	b.panels, scratch = cut(scratch, p.panelsSize())
	a := p.src.fill(scratch, x, n0, n1, y0*s.StrideH-s.PadTop, u0/panels, (u1-1)/panels+1)
	if p.depthwise {
		for j := u0 * nr; j < min(u1*nr, p.out); j += nr {
			p.depths(target{dw, add, j, min(nr, p.out-j)}, a, dy, b, pixels)
		}
		return
	}
	for u0 < u1 { // group by group
		g := u0 / panels
		end := min(u1, (g+1)*panels)
		if j := u0 % panels * nr; !p.flat {
			p.kn.Copy(b.panels, dy[g*p.out+j:], pixels, min((end-u0)*nr, p.out-j), s.K, pixels*nr)
		}
		for _, r := range p.runs {
			if p.flat {
				p.flatProducts(r, target{dw: dw, add: add}, a[r.a:], dy, b, pixels)
				continue
			}
			p.products(r, u0, end, target{dw: dw, add: add}, a[g*p.src.group+r.a:], b, pixels)
		}
		u0 = end
	}
}

// buffers are the parts of the scratch.
type buffers struct{ edge, tiles, panels []float32 }

func cut(s []float32, n int) (head, tail []float32) { return s[:n], s[n:] }

// target says which columns of dw a panel adds to.
type target struct {
	dw          []float32
	add         bool
	first, cols int
}

// products adds one run of rows for the panels u0 to u1 of one group. The rows
// are packed some tiles at a time, which all panels then meet.
func (p *FilterGrad) products(r run, u0, u1 int, t target, a []float32, b buffers, pixels int) {
	mr, nr, panels := p.kn.MR(), p.kn.NR(), p.kn.Panels(p.out)
	size := pixels*mr + tileSlack
	for m0 := 0; m0 < r.rows; m0 += p.tiles * mr {
		rows := min(p.tiles*mr, r.rows-m0)
		if p.gather {
			p.kn.Gather(b.tiles, a[m0:], p.pixels[:pixels], rows, size)
		}
		for u := u0; u < u1; u++ {
			j := u % panels * nr
			t.first, t.cols = u/panels*p.out+j, min(nr, p.out-j)
			args := tile.Args{B: tile.Pointer(b.panels, (u-u0)*pixels*nr), BOff: &p.bOff[0], KOff: &p.kOff[0], SegLen: pixels}
			for m := 0; m < rows; m += mr {
				args.Rows = min(mr, rows-m)
				if p.gather {
					args.A = tile.Pointer(b.tiles, m/mr*size)
				} else {
					args.A, args.KOff = tile.Pointer(a, m0+m), &p.pixels[0]
				}
				p.tile(&args, t, (r.row+m0+m)*p.s.K, b.edge)
			}
		}
	}
}

// flatProducts adds one run of rows where there are few columns: they take the
// place of a tile's rows, and the lanes run along the inputs. What a tile reads
// beyond the run is not used.
func (p *FilterGrad) flatProducts(r run, t target, a, dy []float32, b buffers, pixels int) {
	nr := p.kn.NR()
	args := tile.Args{A: tile.Pointer(dy, 0), KOff: &p.kOff[0], BOff: &p.pixels[0], SegLen: pixels,
		C: tile.Pointer(b.edge, 0), COff: &p.edgeOff[0]}
	for m := 0; m < r.rows; m += nr {
		args.B = tile.Pointer(a, m)
		for j := 0; j < p.out; j += p.kn.MR() {
			args.A, args.Rows = tile.Pointer(dy, j), min(p.kn.MR(), p.out-j)
			p.kn.Outer(&args)
			for c := range args.Rows {
				for i, v := range b.edge[c*nr:][:min(nr, r.rows-m)] {
					o := &t.dw[(r.row+m+i)*p.s.K+j+c]
					if t.add {
						v += *o
					}
					*o = v
				}
			}
		}
	}
}

// depths adds all taps of one panel of channels.
func (p *FilterGrad) depths(t target, a, dy []float32, b buffers, pixels int) {
	args := tile.Args{A: tile.Pointer(a, t.first), B: tile.Pointer(dy, t.first), BStep: p.s.K, KOff: &p.pixels[0], SegLen: pixels}
	if t.cols < p.kn.NR() {
		p.kn.Copy(b.panels, dy[t.first:], pixels, t.cols, p.s.K, 0)
		args.B, args.BStep = tile.Pointer(b.panels, 0), p.kn.NR()
	}
	for m := 0; m < len(p.taps); m += p.kn.DepthRows() {
		args.Rows, args.AOff = min(p.kn.DepthRows(), len(p.taps)-m), &p.taps[m]
		p.tile(&args, t, m*p.s.K, b.edge)
	}
}

// tile runs one micro-kernel into the rows of dw that begin at row.
func (p *FilterGrad) tile(args *tile.Args, t target, row int, edge []float32) {
	whole := t.cols == p.kn.NR()
	if whole {
		args.C, args.COff, args.Acc = tile.Pointer(t.dw, row+t.first), &p.cOff[0], 0
		if t.add {
			args.Acc = 1
		}
	} else {
		args.C, args.COff, args.Acc = tile.Pointer(edge, 0), &p.edgeOff[0], 0
	}
	if p.depthwise {
		p.kn.Depth(args)
	} else {
		p.kn.Outer(args)
	}
	if !whole {
		spread(t.dw[row:], p.cOff[:args.Rows], t.first, edge, p.kn.NR(), t.cols, t.add)
	}
}
