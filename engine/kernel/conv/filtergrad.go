package conv

import (
	"github.com/limner-ai/limner/engine/kernel/gemm/tile"
	"github.com/limner-ai/limner/engine/kernel/isa"
	"os"
)

// FilterGrad computes dw from x and dy: K of the product are the output
// pixels. Column blocks of dw and, while it is small, a fixed number of partial
// sums over pixels are its tasks. It does not change after NewFilterGrad and
// may be used by several goroutines at once. It takes two rounds of tasks: Run
// for all of Tasks in any order, then Reduce for all of ReduceTasks.
type FilterGrad struct {
	s          Shape
	kn         tile.Kernel
	depthwise  bool
	in, out    int // channels of a group (all of them if depthwise)
	src        strip
	outH, outW int
	height     int // output rows of a visit
	chunks     int // visits to all pixels
	partials   int
	gather     bool
	units      int // panels of all groups
	blocks     int // shares of the units
	runs       []run
	pixels     []int // where the output pixels of a visit meet the first tap
	taps       []int // where the taps lie, channel by channel
	tiles      int   // packed at a time
	kOff, bOff []int // pixels in a packed tile and in a panel
	cOff       []int // rows of dw
	edgeOff    []int
}

// run is a set of consecutive rows of dw whose inputs are contiguous.
type run struct{ a, row, rows int }

const (
	visitPixels = 256 // K between two visits to a tile of dw
	blockCols   = 128
	blockRows   = 96 // packed at a time: with the pixels, a share of the second-level cache
	tileSlack   = 8
	gatherMin   = 96
	partialsMax = 8 << 20 // floats
)

// NewFilterGrad plans the filter gradient of the convolution s.
func NewFilterGrad(s Shape) *FilterGrad { return newFilterGrad(isa.Active(), s) }

func newFilterGrad(level isa.Level, s Shape) *FilterGrad {
	s = s.checked()
	p := &FilterGrad{s: s, in: s.C / s.Groups, out: s.K / s.Groups, outH: s.OutH(), outW: s.OutW()}
	groups := s.Groups
	if s.depthwise() {
		p.depthwise = true
		groups, p.in, p.out = 1, s.C, s.K
	}
	p.kn = tile.New(level, p.out)
	nr := p.kn.NR()
	p.src = strip{h: s.H, w: s.W, c: s.C, groups: groups, width: p.in, left: -s.PadLeft}
	if p.depthwise {
		p.src.width = ceil(p.in, nr) * nr
	}
	p.units = groups * p.kn.Panels(p.out)
	p.gather = p.out >= gatherMin
	if !p.gather && p.in%64 == 0 && os.Getenv("PADW") != "" {
		p.src.width += 16
	}
	p.split(groups)
	p.layout()
	return p
}

// split chooses visits, blocks and partial sums by the shape.
func (p *FilterGrad) split(groups int) {
	s, nr := p.s, p.kn.NR()
	images := 1
	p.height = max(even(p.outH, visitPixels/max(p.outW, 1)), 1)
	if p.height >= p.outH {
		p.height = max(p.outH, 1)
		images = even(s.N, visitPixels/max(p.outH*p.outW, 1))
	}
	p.src.images = images
	p.src.rows = (p.height-1)*s.StrideH + (s.KH-1)*s.DilH + 1
	p.src.cols = (max(p.outW, 1)-1)*s.StrideW + (s.KW-1)*s.DilW + 1
	if p.outW > 0 {
		p.chunks = ceil(s.N, images) * ceil(p.outH, p.height)
	}
	p.blocks = ceil(p.units, max(blockCols/nr, 1))
	want := int(min(max(s.flops()/taskFlops, 1), maxTasks))
	p.blocks = min(p.blocks, want)
	p.partials = max(min(ceil(want, p.blocks), p.chunks/2, partialsMax/max(s.FilterSize(), 1)), 1)
}

// layout fills the tables.
func (p *FilterGrad) layout() {
	s := p.s
	p.src.layout(s.PadTop+s.PadBottom+s.PadLeft+s.PadRight == 0 && p.outH*p.outW > 0)
	for n := range p.src.images {
		for y := range p.height {
			for x := range p.outW {
				p.kOff = append(p.kOff, len(p.pixels)*p.kn.MR())
				p.bOff = append(p.bOff, len(p.pixels)*p.kn.NR())
				p.pixels = append(p.pixels, p.src.at(n, y*s.StrideH, x*s.StrideW))
			}
		}
	}
	for kh := range s.KH {
		for kw := range s.KW {
			a := kh*s.DilH*p.src.pitch + kw*s.DilW*p.src.width
			p.taps = append(p.taps, a)
			row := (kh*s.KW + kw) * p.in
			if last := len(p.runs) - 1; last >= 0 && p.runs[last].a+p.runs[last].rows == a {
				p.runs[last].rows += p.in
				continue
			}
			p.runs = append(p.runs, run{a, row, p.in})
		}
	}
	for _, r := range p.runs {
		p.tiles = max(p.tiles, min(ceil(r.rows, p.kn.MR()), blockRows/p.kn.MR()))
	}
	for r := range max(p.kn.MR(), len(p.taps)) {
		p.cOff = append(p.cOff, r*s.K)
		p.edgeOff = append(p.edgeOff, r*p.kn.NR())
	}
}

// WorkSize is the number of floats of the partial sums, which all tasks share.
func (p *FilterGrad) WorkSize() int {
	if p.partials == 1 {
		return 0
	}
	return p.partials * p.s.FilterSize()
}

// ScratchSize is the number of floats that Run needs for itself.
func (p *FilterGrad) ScratchSize() int {
	nr := p.kn.NR()
	return p.kn.MR()*nr + p.tiles*p.tileSize() + p.blockUnits()*len(p.pixels)*nr + p.src.size()
}

// tileSize is the most floats of a packed tile and what packing spills.
func (p *FilterGrad) tileSize() int { return len(p.pixels)*p.kn.MR() + tileSlack }

// blockUnits is the largest number of panels in a block.
func (p *FilterGrad) blockUnits() int { return ceil(p.units, p.blocks) }

// Tasks is the number of calls to Run, in any order.
func (p *FilterGrad) Tasks() int { return p.blocks * p.partials }

// Run adds up a task's share of dw or of the partial sums, of sizes dw
// [FilterSize], x [InputSize], dy [OutputSize], work [WorkSize], and scratch
// [ScratchSize] of the caller alone.
func (p *FilterGrad) Run(task int, dw, x, dy, work, scratch []float32) {
	part, block := task/p.blocks, task%p.blocks
	if p.partials > 1 {
		dw = work[part*p.s.FilterSize():][:p.s.FilterSize()]
	}
	u0, u1 := block*p.units/p.blocks, (block+1)*p.units/p.blocks
	first, last := part*p.chunks/p.partials, (part+1)*p.chunks/p.partials
	if first == last { // no pixels at all
		clear(dw)
		return
	}
	for c := first; c < last; c++ {
		p.visit(c, u0, u1, c > first, dw, x, dy, scratch)
	}
}

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
	b.tiles, scratch = cut(scratch, p.tiles*p.tileSize())
	b.panels, scratch = cut(scratch, p.blockUnits()*len(p.pixels)*nr)
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
		j := u0 % panels * nr
		p.kn.Copy(b.panels, dy[g*p.out+j:], pixels, min((end-u0)*nr, p.out-j), s.K, pixels*nr)
		for _, r := range p.runs {
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

const reduceUnit = 16 << 10 // floats worth a task

// ReduceTasks is the number of calls to Reduce, in any order, after Run.
func (p *FilterGrad) ReduceTasks() int {
	if p.partials == 1 {
		return 0
	}
	return ceil(p.s.FilterSize(), reduceUnit)
}

// Reduce adds up the partial sums of a share of dw.
func (p *FilterGrad) Reduce(task int, dw, work []float32) {
	size := p.s.FilterSize()
	lo, hi := task*reduceUnit, min((task+1)*reduceUnit, size)
	copy(dw[lo:hi], work[lo:hi])
	for i := 1; i < p.partials; i++ {
		dst, src := dw[lo:hi], work[i*size+lo:i*size+hi]
		for j, v := range src {
			dst[j] += v
		}
	}
}
