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
	gather     bool
	flat       bool // the tiles are those of the transpose of dw
	units      int  // panels of all groups
	blocks     int  // shares of the units
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
	gatherMin   = 48 // columns that pay for packing the rows
	flatMax     = 4  // columns that are better taken for rows
	flatPixels  = 512
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
	p.src = strip{kn: tile.New(level, p.in), h: s.H, w: s.W, c: s.C, groups: groups, width: p.in, left: -s.PadLeft}
	if p.depthwise {
		p.src.width = ceil(p.in, nr) * nr
	}
	p.units = groups * p.kn.Panels(p.out)
	p.gather = !p.depthwise && p.out >= gatherMin
	if s.Groups == 1 && p.out <= flatMax {
		p.flat, p.units = true, 1
		p.kn = tile.NewFlat(level, p.out, s.KW*p.in)
	}
	p.split(groups)
	p.layout()
	return p
}

// split chooses visits, blocks and partial sums by the shape.
func (p *FilterGrad) split(groups int) {
	s, nr := p.s, p.kn.NR()
	images, pixels := 1, visitPixels
	if p.flat {
		pixels = flatPixels
	}
	p.height = max(even(p.outH, pixels/max(p.outW, 1)), 1)
	if p.height >= p.outH {
		p.height = max(p.outH, 1)
		images = even(s.N, pixels/max(p.outH*p.outW, 1))
	}
	p.src.images = images
	p.src.rows = (p.height-1)*s.StrideH + (s.KH-1)*s.DilH + 1
	p.src.cols = (max(p.outW, 1)-1)*s.StrideW + (s.KW-1)*s.DilW + 1
	if p.outW > 0 {
		p.chunks = ceil(s.N, images) * ceil(p.outH, p.height)
	}
	want := int(min(max(s.flops()/taskFlops, 1), maxTasks))
	for cols := blockCols; ; cols /= 2 {
		p.blocks = min(ceil(p.units, max(cols/nr, 1)), want)
		p.partials = max(min(ceil(want, p.blocks), p.chunks/2, partialsMax/max(s.FilterSize(), 1)), 1)
		if p.blocks*p.partials >= min(want, tasksGood) || cols <= nr {
			return
		}
	}
}

// layout fills the tables.
func (p *FilterGrad) layout() {
	s := p.s
	inside := s.PadTop+s.PadBottom+s.PadLeft+s.PadRight == 0 && p.outH*p.outW > 0
	p.src.layout(inside && !(p.flat && p.in%p.kn.NR() != 0))
	for n := range p.src.images {
		for y := range p.height {
			for x := range p.outW {
				step := p.kn.MR() // of a packed tile
				if p.flat {
					step = s.K
				}
				p.kOff = append(p.kOff, len(p.pixels)*step)
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
	for r := range max(p.kn.MR(), p.kn.NR(), len(p.taps)) {
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
	return p.kn.MR()*nr + p.tilesSize() + p.panelsSize() + p.src.size() + nr
}

// tilesSize is the room for packed rows and what packing them spills.
func (p *FilterGrad) tilesSize() int {
	if !p.gather {
		return 0
	}
	return p.tiles * (len(p.pixels)*p.kn.MR() + tileSlack)
}

// panelsSize is the room for the packed columns of a block.
func (p *FilterGrad) panelsSize() int {
	if p.flat {
		return 0
	}
	return ceil(p.units, p.blocks) * len(p.pixels) * p.kn.NR()
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
