package conv

import (
	"unsafe"

	"github.com/limner-ai/limner/engine/kernel/conv/winograd"
	"github.com/limner-ai/limner/engine/kernel/gemm/tile"
)

// tiled computes a correlation in Winograd's way, [winograd]: tiles of the
// source are transformed, each of the n² elements of a transformed tile is
// multiplied, over all channels, by a matrix of transformed filters, and the
// products are transformed to tiles of the result.
//
// A convolution of stride s is a sum of s² convolutions of stride 1 over the
// phases of its source, whose channels are laid side by side; its adjoint gives
// the s² phases of its result, which are as many output channels. Both have a
// tile of the other side in common.
type tiled struct {
	lattice
	kn      tile.Kernel
	filter  filter
	flipped bool // source channels are the filter's output channels
	depth   int  // source channels, all phases
	panels  int  // of a phase of the result
	group   int  // panels multiplied at a time; they never span phases
	groups  int
	packed  int // floats from one element's matrix of a group to the next
	vPlane  int // the same for the transformed source
	mPlane  int // and for the products
	at      int // tiles transformed at a time
	tasks   int
	aOff    []int // rows of a micro-kernel's tile in the transformed source
	cOff    []int // and in the products
	zeros   []float32
}

const (
	// Floats between planes beyond what they hold, lest the n² that a transform
	// writes at once fall on the same lines of the first-level cache.
	planeSlack = 16

	sourceMax   = 64 << 10 // floats of a transformed source, half of a second-level cache
	productsMax = 40 << 10 // floats of the products
	atLeast     = 24       // tiles, for which a panel of the filter is loaded
	atMost      = 96
)

// newTiled plans a correlation of the tiles of l.
func newTiled(l lattice, f filter, flipped bool) *tiled {
	p := &tiled{lattice: l, filter: f, flipped: flipped, kn: tile.New(f.level, l.dst.c)}
	n2, nr, mr := l.kernel.N()*l.kernel.N(), p.kn.NR(), p.kn.MR()
	p.depth = l.src.phases() * l.src.c
	p.panels = p.kn.Panels(l.dst.c)
	p.at = max(min(sourceMax/(n2*p.depth), atMost), atLeast) / mr * mr
	p.at = min(p.at, ceil(l.tiles(), mr)*mr)
	p.group = even(p.panels, productsMax/(n2*p.at*nr))
	p.groups = ceil(p.panels, p.group) * l.dst.phases()
	p.packed = p.group*p.depth*nr + planeSlack
	p.vPlane = p.at*p.depth + planeSlack
	p.mPlane = p.at*p.group*nr + planeSlack
	p.tasks = max(min(l.tiles()/p.at, maxTasks, l.rows()), 1)
	for r := range mr {
		p.aOff = append(p.aOff, r*p.depth)
		p.cOff = append(p.cOff, r*p.group*nr)
	}
	p.zeros = make([]float32, l.src.c)
	return p
}

// WorkSize is the number of floats that the tasks share besides.
func (p *tiled) WorkSize() int { return 0 }

// ScratchSize is the number of floats that Run needs for itself.
func (p *tiled) ScratchSize() int {
	n2 := p.kernel.N() * p.kernel.N()
	return n2*(p.vPlane+p.mPlane) + p.group*p.kn.NR()
}

// Tasks is the number of calls to Run, in any order, after Pack.
func (p *tiled) Tasks() int { return p.tasks }

// Range is the part of the output that a task writes.
func (p *tiled) Range(task int) (lo, hi int) {
	return p.begins(task * p.rows() / p.tasks), p.begins((task + 1) * p.rows() / p.tasks)
}

// run writes a task's range of the result y.
func (p *tiled) run(task int, y, x, packed, scratch []float32) {
	n2 := p.kernel.N() * p.kernel.N()
	v, scratch := cut(scratch, n2*p.vPlane)
	m, outside := cut(scratch, n2*p.mPlane)
	first, last := task*p.rows()/p.tasks*p.across, (task+1)*p.rows()/p.tasks*p.across
	for ; first < last; first += p.at {
		count := min(p.at, last-first)
		p.transform(v, x, first, count)
		for g := range p.groups {
			p.multiply(m, v, packed[g*n2*p.packed:], count)
			p.restore(y, m, outside, first, count, g)
		}
	}
}

// transform writes the transformed source of tiles from first on, plane after
// plane, tile after tile.
func (p *tiled) transform(v, x []float32, first, count int) {
	var points [tablePoints]unsafe.Pointer
	args := winograd.Args{Points: &points[0], Plane: p.vPlane, Count: p.src.c / p.kernel.Lanes(),
		PointStep: p.kernel.Lanes(), BaseStep: p.kernel.Lanes()}
	_ = v[p.kernel.N()*p.kernel.N()*p.vPlane-1]
	for t := range count {
		for phase := range p.src.phases() {
			p.locate(&points, &p.src, p.kernel.N(), x, tile.Pointer(p.zeros, 0), first+t, phase, 0)
			args.Base = tile.Pointer(v, t*p.depth+phase*p.src.c)
			p.kernel.Input(&args)
		}
	}
}

// multiply multiplies the transformed source by a group of panels.
func (p *tiled) multiply(m, v, packed []float32, count int) {
	nr, mr := p.kn.NR(), p.kn.MR()
	args := tile.Args{AOff: &p.aOff[0], COff: &p.cOff[0], Segs: 1}
	step := (even(p.depth, depthMax) + 7) &^ 7
	for e := range p.kernel.N() * p.kernel.N() {
		for k := 0; k < p.depth; k += step {
			args.SegLen, args.Acc = min(step, p.depth-k), min(k, 1)
			for j := range p.group {
				args.B = tile.Pointer(packed, e*p.packed+(j*p.depth+k)*nr)
				for i := 0; i < count; i += mr {
					args.Rows = min(mr, count-i)
					args.A = tile.Pointer(v, e*p.vPlane+i*p.depth+k)
					args.C = tile.Pointer(m, e*p.mPlane+(i*p.group+j)*nr)
					p.kn.Rows(&args)
				}
			}
		}
	}
}

// restore transforms the products of a group to the result.
func (p *tiled) restore(y, m, outside []float32, first, count, g int) {
	perPhase := p.groups / p.dst.phases()
	channel := g % perPhase * p.group * p.kn.NR()
	channels := min(p.group*p.kn.NR(), p.dst.c-channel)
	var points [tablePoints]unsafe.Pointer
	args := winograd.Args{Points: &points[0], Plane: p.mPlane, Count: channels / p.kernel.Lanes(),
		PointStep: p.kernel.Lanes(), BaseStep: p.kernel.Lanes()}
	for t := range count {
		p.locate(&points, &p.dst, p.kernel.M(), y, tile.Pointer(outside, 0), first+t, g/perPhase, channel)
		args.Base = tile.Pointer(m, t*p.group*p.kn.NR())
		p.kernel.Output(&args)
	}
}
