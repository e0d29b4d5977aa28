package conv

import (
	"math"

	"github.com/limner-ai/limner/engine/kernel/gemm/tile"
)

// correlation is what the convolution and its input gradient share: a picture
// is walked over with sub-filters, one for each phase of the output pixels.
type correlation struct {
	kn         tile.Kernel
	depthwise  bool
	few        bool // output channels: the lanes run along K
	dots       tile.Dots
	n          int // images
	groups     int
	in, out    int // channels of a group (all of them if depthwise); in counts words
	outH, outW int
	src        strip
	images     int // of a task
	chunks     []chunk
	phases     []phase
	packed     int // floats
	units      int // packable parts of the filter: phase, group, panel
	edgeOff    []int

	filter  filter
	flipped bool // B is the transpose of a tap's matrix

	form     tile.Form
	channels int // of a group of the source
}

// chunk is a share of the output rows of an image.
type chunk struct {
	row0, row1 int
	top        int // source row that its strip begins with
}

// phase is a set of output pixels that meet the same taps.
type phase struct {
	rows, cols axis
	steps      []step
	taps       []int   // of a channel-by-channel product: where they lie in the strip
	depth      int     // K of the product
	packed     int     // where its filter lies in the packed one
	tables     []table // one for each chunk
}

// table lists the pixels of a phase, image after image.
type table struct {
	a, c     []int // where they lie in the strip and in the output
	perImage int
}

// step is a share of K that a tile is visited with.
type step struct {
	a            int // offset in the strip
	segs, segLen int
	skip         int
	k0, k1       int
}

const (
	depthMax  = 320  // a panel of the packed filter stays in the first-level cache
	dotsDepth = 2048 // the same for few output channels
	dotsWorth = 16   // inputs side by side that pay for adding up the lanes
)

// newCorrelation plans the walk of rows × cols phases over images of h×w
// pixels.
func newCorrelation(c correlation, h, w int, rows, cols []axis, flops float64) *correlation {
	c.kn = c.kernel()
	nr := c.kn.NR()
	c.src = strip{kn: narrow(c.filter.level, c.in), h: h, w: w, c: c.channels * c.groups, groups: c.groups, width: c.in, form: c.form}
	if c.form == tile.Paired {
		c.src.kn = c.kn
	}
	if c.depthwise {
		c.src.width = ceil(c.in, nr) * nr
	}
	c.few = !c.depthwise && c.out <= tile.DotsMax && c.shortest(cols) >= dotsWorth
	if c.few {
		c.dots = tile.NewDots(c.filter.level, c.out)
	}
	var right int
	c.src.left, right = extent(cols, 0, c.outW)
	c.src.cols = max(right-c.src.left, 0)
	c.split(rows, len(rows)*len(cols), flops)
	inside := c.src.left >= 0 && right <= w
	for i := range c.chunks {
		ch := &c.chunks[i]
		top, bottom := extent(rows, ch.row0, ch.row1)
		ch.top = top
		c.src.rows = max(c.src.rows, bottom-top)
		inside = inside && top >= 0 && bottom <= h
	}
	c.src.images = c.images
	c.src.layout(inside)
	for _, r := range rows {
		for _, l := range cols {
			c.addPhase(r, l)
		}
	}
	for r := range c.kn.MR() {
		c.edgeOff = append(c.edgeOff, r*nr)
	}
	return &c
}

func (c *correlation) addPhase(rows, cols axis) {
	p := phase{rows: rows, cols: cols, packed: c.packed}
	taps := len(rows.taps) * len(cols.taps)
	if c.depthwise {
		p.depth = taps
		for r := range rows.taps {
			for l := range cols.taps {
				p.taps = append(p.taps, c.src.at(0, r*rows.step, l*cols.step)-c.src.at(0, 0, 0))
			}
		}
		c.packed += taps * c.src.width
		c.units++
	} else {
		p.depth = taps * c.in
		p.steps = c.steps(rows, cols)
	}
	switch {
	case c.depthwise:
	case c.few:
		c.packed += c.groups * c.out * p.depth
		c.units += c.groups
	default:
		c.packed += c.groups * c.kn.Panels(c.out) * p.depth * c.kn.NR()
		c.units += c.groups * c.kn.Panels(c.out)
	}
	for _, ch := range c.chunks {
		p.tables = append(p.tables, c.table(rows, cols, ch))
	}
	c.phases = append(c.phases, p)
}

// shortest is the length of the shortest run of inputs that lie side by side.
func (c *correlation) shortest(cols []axis) int {
	shortest := math.MaxInt
	for _, a := range cols {
		switch {
		case len(a.taps) == 0:
		case a.step > 1:
			shortest = min(shortest, c.in)
		default:
			shortest = min(shortest, len(a.taps)*c.in)
		}
	}
	return shortest
}

// table lists the pixels of one phase of a chunk. Their places in the output
// count from the first image of the task.
func (c *correlation) table(rows, cols axis, ch chunk) table {
	var t table
	all := c.out * c.groups
	for n := range c.images {
		for y := ch.row0; y < ch.row1; y++ {
			sy, ok := rows.first(y)
			if !ok {
				continue
			}
			for x := range c.outW {
				sx, ok := cols.first(x)
				if !ok {
					continue
				}
				t.a = append(t.a, c.src.at(n, sy-ch.top, sx-c.src.left))
				t.c = append(t.c, ((n*c.outH+y)*c.outW+x)*all)
			}
		}
		if n == 0 {
			t.perImage = len(t.a)
		}
	}
	return t
}

// steps divides K. Under one row of the filter the patch is contiguous if the
// columns are not dilated; else every tap is a segment.
func (c *correlation) steps(rows, cols axis) []step {
	run, runs, gap := len(cols.taps)*c.in, 1, 0
	if cols.step > 1 {
		run, runs, gap = c.in, len(cols.taps), (cols.step-1)*c.in
	}
	var steps []step
	depthMax := depthMax
	if c.few {
		depthMax = dotsDepth
	}
	if len(rows.taps)*len(cols.taps) == 0 {
		return steps
	}
	k := 0
	add := func(a, segs, segLen, skip int) {
		steps = append(steps, step{a, segs, segLen, skip, k, k + segs*segLen})
		k += segs * segLen
	}
	if runs == 1 && run <= depthMax { // several rows at a time
		rowGap := rows.step * c.src.pitch
		at := even(len(rows.taps), depthMax/run)
		for r := 0; r < len(rows.taps); r += at {
			add(r*rowGap, min(at, len(rows.taps)-r), run, rowGap-run)
		}
		return steps
	}
	for r := range rows.taps {
		a := r * rows.step * c.src.pitch
		if run <= depthMax {
			at := even(runs, depthMax/run)
			for l := 0; l < runs; l += at {
				add(a+l*(run+gap), min(at, runs-l), run, gap)
			}
			continue
		}
		part := (even(run, depthMax) + 7) &^ 7
		for l := range runs {
			for i := 0; i < run; i += part {
				add(a+l*(run+gap)+i, 1, min(part, run-i), 0)
			}
		}
	}
	return steps
}
