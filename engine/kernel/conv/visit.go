package conv

import (
	"unsafe"

	"github.com/limner-ai/limner/engine/kernel/gemm/tile"
)

// visit is the work of a task on one set of pixels.
type visit struct {
	*directGrad
	pixels              int
	a, dy               []float32 // the strip; dy from the first pixel on
	edge, tiles, panels []float32 // scratch
	dw                  []float32 // dw, or a partial sum, perhaps transposed
	add                 bool
}

// visit adds the products of one set of pixels to the units u0 to u1 of dw.
func (p *directGrad) visit(c, u0, u1 int, add bool, dw, x, dy, scratch []float32) {
	s, nr := p.s, p.kn.NR()
	down := ceil(p.outH, p.height)
	n0, y0 := c/down*p.src.images, c%down*p.height
	n1, y1 := min(n0+p.src.images, s.N), min(y0+p.height, p.outH)

	v := visit{directGrad: p, pixels: (n1 - n0) * (y1 - y0) * p.outW, dw: dw, add: add, dy: dy[(n0*p.outH+y0)*p.outW*s.K:]}
	v.edge, scratch = cut(scratch, p.kn.MR()*nr)
	v.tiles, scratch = cut(scratch, p.tilesSize())
	v.panels, scratch = cut(scratch, p.panelsSize())
	each := max(p.units/p.groups, 1) // units of a group
	v.a = p.src.fill(scratch, x, n0, n1, y0*s.StrideH-s.PadTop, u0/each, (u1-1)/each+1)
	switch p.way {
	case depthwise:
		for u := u0; u < u1; u++ {
			v.depths(u * nr)
		}
	case turned:
		for g := u0; g < u1; g++ {
			v.turned(g)
		}
	case placed:
		v.kn.Copy(v.panels, v.dy[u0*nr:], v.pixels, (u1-u0)*nr, v.s.K, v.pixels*nr)
		v.round(v.panels, u1-u0, nr, v.pixels*nr)
		for u := u0; u < u1; u++ {
			v.placed(u, each, v.panels[(u-u0)*v.pixels*nr:])
		}
	default:
		for u0 < u1 {
			end := min(u1, (u0/each+1)*each)
			v.packed(u0/each, u0%each*nr, min((u0%each+end-u0)*nr, p.out))
			u0 = end
		}
	}
}

func cut(s []float32, n int) (head, tail []float32) { return s[:n], s[n:] }

// packed adds columns j0 to j1 of a group. The rows of a run are packed some
// tiles at a time, which all panels then meet.
func (v *visit) packed(g, j0, j1 int) {
	mr, nr := v.kn.MR(), v.kn.NR()
	size := v.pixels*mr + tileSlack
	v.kn.Copy(v.panels, v.dy[g*v.out+j0:], v.pixels, j1-j0, v.s.K, v.pixels*nr)
	v.round(v.panels, ceil(j1-j0, nr), nr, v.pixels*nr)
	for _, r := range v.runs {
		for m0 := 0; m0 < r.rows; m0 += v.directGrad.tiles * mr {
			rows := min(v.directGrad.tiles*mr, r.rows-m0)
			v.kn.Gather(v.tiles, v.a[g*v.src.group+r.a+m0:], v.directGrad.pixels[:v.pixels], rows, size)
			if v.form == tile.Paired { // else they are rounded
				v.round(v.tiles, ceil(rows, mr), mr, size)
			}
			for j := j0; j < j1; j += nr {
				args := tile.Args{B: tile.Pointer(v.panels, (j-j0)*v.pixels), AStep: mr, BStep: nr, SegLen: v.steps()}
				args.A, args.ATile, args.Rows = tile.Pointer(v.tiles, 0), size, rows
				v.tile(&args, (r.row+m0)*v.s.K+g*v.out+j, min(nr, j1-j))
			}
		}
	}
}

// placed adds panel u of dy, of so many of a group.
func (v *visit) placed(u, each int, panel []float32) {
	args := tile.Args{KOff: &v.directGrad.pixels[0], ATile: v.kn.MR(), B: tile.Pointer(panel, 0), BOff: &v.bOff[0], SegLen: v.pixels}
	for _, r := range v.runs {
		args.A, args.Rows = tile.Pointer(v.a, u/each*v.src.group+r.a), r.rows
		v.tile(&args, r.row*v.s.K+u*v.kn.NR(), v.kn.NR())
	}
}

// turned adds a group to the transpose of dw. What a tile reads beyond a run is
// not used.
func (v *visit) turned(g int) {
	mr, nr := v.kn.MR(), v.kn.NR()
	size := v.pixels*mr + tileSlack
	args := tile.Args{KOff: &v.kOff[0], BOff: &v.directGrad.pixels[0], SegLen: v.pixels}
	v.kn.Gather(v.tiles, v.dy[g*v.out:], v.dyOff[:v.pixels], v.out, size)
	v.round(v.tiles, ceil(v.out, mr), mr, size)
	for _, r := range v.runs {
		for m := 0; m < r.rows; m += nr {
			args.B = tile.Pointer(v.a, g*v.src.group+r.a+m)
			args.A, args.ATile, args.Rows = tile.Pointer(v.tiles, 0), size, v.out
			v.tile(&args, g*v.out*v.directGrad.rows()+r.row+m, min(nr, r.rows-m))
		}
	}
}

// depths adds all taps of the panel of channels from j on.
func (v *visit) depths(j int) {
	cols := min(v.kn.NR(), v.out-j)
	args := tile.Args{A: tile.Pointer(v.a, j), B: tile.Pointer(v.dy, j), BStep: v.s.K, KOff: &v.directGrad.pixels[0], SegLen: v.pixels}
	if cols < v.kn.NR() || v.form != tile.Float32 {
		v.kn.Copy(v.panels, v.dy[j:], v.pixels, cols, v.s.K, 0)
		v.round(v.panels, 1, v.kn.NR(), 0)
		args.B, args.BStep = tile.Pointer(v.panels, 0), v.kn.NR()
	}
	for m := 0; m < len(v.taps); m += v.kn.DepthRows() {
		args.Rows, args.AOff = min(v.kn.DepthRows(), len(v.taps)-m), &v.taps[m]
		v.tile(&args, m*v.s.K+j, cols)
	}
}

// tile runs a micro-kernel into cols columns of the tiles of dw that begin at c.
func (v *visit) tile(args *tile.Args, c, cols int) {
	mr, nr := v.kn.MR(), v.kn.NR()
	if cols == nr {
		args.C, args.COff, args.Acc = tile.Pointer(v.dw, c), &v.cOff[0], 0
		if v.add {
			args.Acc = 1
		}
		v.kernel(args)
		return
	}
	args.C, args.COff, args.Acc = tile.Pointer(v.edge, 0), &v.edgeOff[0], 0
	for rows := args.Rows; ; {
		args.Rows = min(rows, mr)
		v.kernel(args)
		spread(v.dw[c:], v.cOff[:args.Rows], 0, v.edge, nr, cols, v.add)
		if rows -= mr; rows <= 0 {
			return
		}
		args.A = unsafe.Add(args.A, 4*args.ATile)
		c += v.cOff[mr]
	}
}

func (v *visit) kernel(args *tile.Args) {
	switch {
	case v.way == depthwise:
		v.kn.Depth(args)
	case v.form == tile.Paired:
		v.kn.OuterPaired(args)
	case v.way == turned || v.way == placed:
		v.kn.Walk(args)
	default:
		v.kn.Outer(args)
	}
}
