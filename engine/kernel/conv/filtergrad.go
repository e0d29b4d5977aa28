package conv

import (
	"github.com/limner-ai/limner/engine/kernel/gemm/tile"
	"github.com/limner-ai/limner/engine/kernel/isa"
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
	units      int // panels of all groups
	blocks     int // shares of the units
	runs       []run
	pixels     []int // where the output pixels of a visit meet the first tap
	taps       []int // where the taps lie, channel by channel
	cOff       []int // rows of dw
	edgeOff    []int
}

// run is a set of consecutive rows of dw whose inputs are contiguous.
type run struct{ a, row, rows int }

const (
	visitPixels = 256 // K between two visits to a tile of dw
	blockCols   = 64
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
	return p.src.size() + len(p.pixels)*nr + p.kn.MR()*nr
}

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

	edge, scratch := scratch[:p.kn.MR()*nr], scratch[p.kn.MR()*nr:]
	panel, scratch := scratch[:len(p.pixels)*nr], scratch[len(p.pixels)*nr:]
	a := p.src.fill(scratch, x, n0, n1, y0*s.StrideH-s.PadTop, u0/panels, (u1-1)/panels+1)
	for u := u0; u < u1; u++ {
		g, j := u/panels, u%panels*nr
		cols := min(nr, p.out-j)
		args := tile.Args{KOff: &p.pixels[0], SegLen: pixels, B: tile.Pointer(panel, 0), BStep: nr}
		if p.depthwise && cols == nr {
			args.B, args.BStep = tile.Pointer(dy, j), s.K
		} else {
			p.kn.Copy(panel, dy[g*p.out+j:], pixels, cols, s.K)
		}
		t := target{dw: dw, edge: edge, first: g*p.out + j, cols: cols, add: add}
		if p.depthwise {
			p.depths(&args, t, a[j:])
			continue
		}
		for _, r := range p.runs {
			p.product(&args, t, a[g*p.src.group+r.a:], r)
		}
	}
}

// target says which columns of dw a panel adds to.
type target struct {
	dw, edge    []float32
	first, cols int
	add         bool
}

// product adds one run of rows for one panel.
func (p *FilterGrad) product(args *tile.Args, t target, a []float32, r run) {
	mr := p.kn.MR()
	for m := 0; m < r.rows; m += mr {
		args.A, args.Rows = tile.Pointer(a, m), min(mr, r.rows-m)
		p.tile(args, t, (r.row+m)*p.s.K)
	}
}

// depths adds all taps of one panel of channels.
func (p *FilterGrad) depths(args *tile.Args, t target, a []float32) {
	args.A = tile.Pointer(a, 0)
	for m := 0; m < len(p.taps); m += p.kn.DepthRows() {
		args.Rows, args.AOff = min(p.kn.DepthRows(), len(p.taps)-m), &p.taps[m]
		p.tile(args, t, m*p.s.K)
	}
}

// tile runs one micro-kernel into the rows of dw that begin at row.
func (p *FilterGrad) tile(args *tile.Args, t target, row int) {
	if t.cols == p.kn.NR() {
		args.C, args.COff, args.Acc = tile.Pointer(t.dw, row+t.first), &p.cOff[0], 0
		if t.add {
			args.Acc = 1
		}
		p.kernel(args)
		return
	}
	args.C, args.COff, args.Acc = tile.Pointer(t.edge, 0), &p.edgeOff[0], 0
	p.kernel(args)
	spread(t.dw[row:], p.cOff[:args.Rows], t.first, t.edge, p.kn.NR(), t.cols, t.add)
}

func (p *FilterGrad) kernel(args *tile.Args) {
	if p.depthwise {
		p.kn.Depth(args)
	} else {
		p.kn.Outer(args)
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
