package conv

import (
	"github.com/limner-ai/limner/engine/kernel/gemm/tile"
	"github.com/limner-ai/limner/engine/kernel/isa"
)

// directGrad computes dw from x and dy in one product: K are the output pixels.
// Column blocks of dw and a fixed number of partial sums over pixels are its
// tasks.
type directGrad struct {
	partials
	s          Shape
	way        way
	form       tile.Form
	groups     int
	in, out    int // channels of a group (all of them if depthwise)
	src        strip
	outH, outW int
	height     int // output rows of a visit
	chunks     int // visits to all pixels
	units      int // what blocks consist of: panels of all groups, or groups
	blocks     int
	runs       []run
	tiles      int   // packed at a time
	pixels     []int // where the output pixels of a visit meet the first tap
	taps       []int // where the taps lie, channel by channel
	dyOff      []int // pixels in dy
	kOff, bOff []int // pixels in a packed tile and in a panel
	cOff       []int // rows of a tile of dw or of the partial sums
	edgeOff    []int
}

// way is how the product is laid out.
type way int

const (
	// packed tiles of inputs meet packed panels of dy.
	packed way = iota
	// turned computes the transpose of dw: packed tiles of dy meet inputs in
	// place, a vector of them at a time. It packs far less, but dw must be
	// turned back, so it is for filters with few output channels.
	turned
	// placed: inputs in place, a few at a time, meet packed panels of dy. It packs
	// as little and has nothing to turn back, but a tile reads a part of a pixel,
	// so it is for groups of few channels.
	placed
	// depthwise multiplies channel by channel.
	depthwise
)

// run is a set of consecutive rows of dw whose inputs are contiguous.
type run struct{ a, row, rows int }

const (
	// K between two visits to a tile of dw
	packedPixels = 256
	turnedPixels = 384
	placedPixels = 200 // with the inputs, a first-level cache

	blockCols = 128 // of packed panels
	blockRows = 96  // packed at a time: with the pixels, a share of the second-level cache
	tileSlack = 16  // floats, of which packing spills up to 7; the rest keeps tiles aligned
	turnedMax = 95  // output channels of a group
	turnedFew = 4   // so few are worth it even with fewer inputs than lanes
	placedMax = 32  // input channels of a group
)

func newDirectGrad(level isa.Level, s Shape) *directGrad {
	p := &directGrad{s: s, groups: s.Groups, in: s.C / s.Groups, out: s.K / s.Groups, outH: s.OutH(), outW: s.OutW()}
	p.kn = tile.New(level, p.in)
	if s.BFloat16 {
		p.form = formOf(level)
		if s.depthwise() || p.out <= turnedFew {
			p.form = tile.Rounded
		}
	}
	switch {
	case p.form == tile.Paired:
		p.kn = tile.NewPaired(level, p.out)
	case s.depthwise():
		p.way = depthwise
		p.groups, p.in, p.out = 1, s.C, s.K
		p.kn = tile.New(level, p.in)
	case p.out <= turnedFew:
		p.way = turned
		p.kn = tile.NewFlat(level, p.out, s.KW*p.in)
	case p.in <= placedMax && p.out%tile.New(level, p.out).NR() == 0:
		p.way = placed
		p.kn = tile.New(level, p.out)
	case p.out <= turnedMax && p.in%p.kn.NR() == 0:
		p.way = turned
	default:
		p.kn = tile.New(level, p.out)
	}
	p.src = strip{kn: narrow(level, s.C/s.Groups), h: s.H, w: s.W, c: s.C, groups: p.groups, width: p.in, left: -s.PadLeft}
	if p.way == depthwise {
		p.src.width = p.kn.Panels(p.in) * p.kn.NR()
	}
	if p.form == tile.Rounded {
		p.src.form = tile.Rounded
	}
	p.units = p.groups * p.kn.Panels(p.out)
	if p.way == turned {
		p.units = p.groups
	}
	p.split()
	p.partials = newPartials(p.kn, s, p.count)
	p.layout()
	return p
}

// split chooses visits, blocks and partial sums by the shape.
func (p *directGrad) split() {
	s := p.s
	images, pixels := 1, packedPixels
	switch p.way {
	case turned:
		pixels = turnedPixels
	case placed:
		pixels = placedPixels
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
	want := int(min(max(s.flops()/taskFlops, 1), maxTasks/2))
	width := p.kn.NR()
	if p.way == turned {
		width = p.out
	}
	for cols := blockCols; ; cols /= 2 {
		p.blocks = min(ceil(p.units, max(cols/width, 1)), want)
		p.count = partialSums(s, ceil(want, p.blocks), p.chunks/2)
		if p.blocks*p.count >= min(want, tasksGood) || cols <= width {
			return
		}
	}
}

// layout fills the tables.
func (p *directGrad) layout() {
	s := p.s
	inside := s.PadTop+s.PadBottom+s.PadLeft+s.PadRight == 0 && p.outH*p.outW > 0
	p.src.layout(inside && (p.way != turned || p.in%p.kn.NR() == 0))
	for n := range p.src.images {
		for y := range p.height {
			for x := range p.outW {
				i := len(p.pixels)
				p.dyOff = append(p.dyOff, i*s.K)
				p.kOff = append(p.kOff, i*p.kn.MR())
				p.bOff = append(p.bOff, i*p.kn.NR())
				p.pixels = append(p.pixels, p.src.at(n, y*s.StrideH, x*s.StrideW))
			}
		}
	}
	for kh := range s.KH {
		for kw := range s.KW {
			a := kh*s.DilH*p.src.pitch + kw*s.DilW*p.src.width
			p.taps = append(p.taps, a)
			if last := len(p.runs) - 1; last >= 0 && p.runs[last].a+p.runs[last].rows == a {
				p.runs[last].rows += p.in
				continue
			}
			p.runs = append(p.runs, run{a, (kh*s.KW + kw) * p.in, p.in})
		}
	}
	step := s.K // of a row of dw, or of its transpose
	rows := p.out
	if p.way == turned {
		step = p.rows()
	} else {
		rows = 0
		for _, r := range p.runs {
			rows = max(rows, r.rows)
		}
	}
	p.tiles = ceil(rows, p.kn.MR())
	switch p.way {
	case packed:
		p.tiles = min(p.tiles, blockRows/p.kn.MR())
	case placed, depthwise:
		p.tiles = 0
	}
	for r := range max(rows, p.kn.MR()+1, len(p.taps)) {
		p.cOff = append(p.cOff, r*step)
		p.edgeOff = append(p.edgeOff, r*p.kn.NR())
	}
}

// rows is the number of rows of dw.
func (p *directGrad) rows() int { return p.s.FilterSize() / p.s.K }

// WorkSize is the number of floats of the partial sums, which all tasks share.
func (p *directGrad) WorkSize() int {
	if p.ReduceTasks() == 0 {
		return 0
	}
	return p.count * p.s.FilterSize()
}

// ScratchSize is the number of floats that Run needs for itself.
func (p *directGrad) ScratchSize() int {
	return p.kn.MR()*p.kn.NR() + p.tilesSize() + p.panelsSize() + p.src.size() + p.kn.NR()
}

// tilesSize is the room for packed tiles and what packing them spills.
func (p *directGrad) tilesSize() int {
	if p.way == depthwise {
		return 0
	}
	return p.tiles * (len(p.pixels)*p.kn.MR() + tileSlack)
}

// panelsSize is the room for the packed columns of a block.
func (p *directGrad) panelsSize() int {
	if p.way == turned {
		return 0
	}
	return ceil(p.units, p.blocks) * len(p.pixels) * p.kn.NR()
}

// Tasks is the number of calls to Run, in any order.
func (p *directGrad) Tasks() int { return p.blocks * p.count }

// Run adds up a task's share of dw or of the partial sums.
func (p *directGrad) Run(task int, dw, x, dy, work, scratch []float32) {
	part, block := task/p.blocks, task%p.blocks
	if p.ReduceTasks() > 0 {
		dw = work[part*p.s.FilterSize():][:p.s.FilterSize()]
	}
	u0, u1 := block*p.units/p.blocks, (block+1)*p.units/p.blocks
	first, last := part*p.chunks/p.count, (part+1)*p.chunks/p.count
	if first == last { // no pixels at all
		clear(dw)
		return
	}
	for c := first; c < last; c++ {
		p.visit(c, u0, u1, c > first, dw, x, dy, scratch)
	}
}
