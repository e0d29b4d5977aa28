package conv

import (
	"math/bits"
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
// phases of its source, whose channels are laid side by side. Its adjoint is s²
// convolutions, one for each phase of its result.
//
// For normally distributed inputs, up to 256 channels, the error stays below 4e-6
// of the largest value, which a test holds.
type tiled struct {
	lattice
	kn      tile.Kernel
	filter  filter
	flipped bool // source channels are the filter's output channels
	joined  int  // phases of the source that make up one of the result
	depth   int  // their channels
	step    int  // of them that a panel of the filter is multiplied by at a time
	panels  int  // of a phase of the result
	packed  int  // floats from one element's matrix of a phase to the next
	vPlane  int  // the same for the transformed source
	mPlane  int  // and for the products
	at      int  // tiles transformed at a time
	tasks   int
	aOff    []int // rows of a micro-kernel's tile in the transformed source
	cOff    []int // and in the products
	zeros   []float32
}

const (
	// Floats between planes beyond what they hold, lest the n² that a transform
	// writes at once fall on the same lines of the first-level cache.
	planeSlack = 16

	// A transformed source and its products share a second-level cache, unless
	// so few tiles would not pay for loading the transformed filter: from the
	// third-level cache, or from memory.
	sourceMax  = 64 << 10 // floats
	filterMax  = 512 << 10
	tilesLeast = 24
	tilesDeep  = 48
	tilesMost  = 96
)

// newTiled plans a correlation of the tiles of l.
func newTiled(l lattice, f filter, flipped bool) *tiled {
	p := &tiled{lattice: l, filter: f, flipped: flipped, kn: tile.New(f.level, l.dst.c)}
	nr := p.kn.NR()
	p.joined = len(l.src.phases) / len(l.dst.phases)
	p.depth = p.joined * l.src.c
	p.step = (even(p.depth, depthMax) + 7) &^ 7
	p.panels = p.kn.Panels(l.dst.c)
	p.packed = p.panels*p.depth*nr + planeSlack
	p.split()
	p.vPlane = p.at*p.depth + planeSlack
	p.mPlane = p.at*p.panels*nr + planeSlack
	for r := range p.at {
		p.aOff = append(p.aOff, r*p.depth)
		p.cOff = append(p.cOff, r*p.panels*nr)
	}
	p.zeros = make([]float32, l.src.c)
	return p
}

// split chooses the tasks, rows of tiles, and how many tiles they transform at
// a time.
func (p *tiled) split() {
	n2 := p.kernel.N() * p.kernel.N()
	least := tilesLeast
	if p.PackSize() > filterMax {
		least = tilesDeep
	}
	most := max(min(sourceMax/(n2*max(p.depth, p.dst.c)), tilesMost), least)
	p.tasks = max(min(p.tiles()/most, maxTasks, p.rows()), 1)
	if p.tasks < tasksGood {
		p.tasks = max(min(p.tiles()/tilesLeast, tasksGood, p.rows()), 1)
		p.tasks = 1 << (bits.Len(uint(p.tasks)) - 1) // the same number for each worker
	}
	p.at = ceil(even(ceil(p.rows(), p.tasks)*p.across, most), p.kn.MR()) * p.kn.MR()
}

// WorkSize is the number of floats that the tasks share besides.
func (p *tiled) WorkSize() int { return 0 }

// ScratchSize is the number of floats that Run needs for itself.
func (p *tiled) ScratchSize() int {
	n2 := p.kernel.N() * p.kernel.N()
	return n2*(p.vPlane+p.mPlane) + p.dst.c
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
		for phase := range p.dst.phases {
			p.transform(v, x, first, count, phase)
			p.multiply(m, v, packed[phase*n2*p.packed:], count)
			p.restore(y, m, outside, first, count, phase)
		}
	}
}

// transform writes the transformed source of a phase of the result, plane after
// plane, tile after tile, for tiles from first on.
func (p *tiled) transform(v, x []float32, first, count, phase int) {
	var points [2][tablePoints]unsafe.Pointer
	args := winograd.Args{Plane: p.vPlane, Count: p.src.c / p.kernel.Lanes(), PointStep: p.kernel.Lanes(), BaseStep: p.kernel.Lanes()}
	_ = v[p.kernel.N()*p.kernel.N()*p.vPlane-1]
	for in := range p.joined {
		for t := range count + 1 {
			p.locate(&points[t%2], &p.src, p.kernel.N(), x, tile.Pointer(p.zeros, 0), first+min(t, count-1), phase*p.joined+in, 0)
			if t > 0 {
				args.Points, args.Next = &points[1-t%2][0], &points[t%2][0]
				args.Base = tile.Pointer(v, (t-1)*p.depth+in*p.src.c)
				p.kernel.Input(&args)
			}
		}
	}
}

// multiply multiplies the transformed source by a phase of the filter.
func (p *tiled) multiply(m, v, packed []float32, count int) {
	nr, mr := p.kn.NR(), p.kn.MR()
	args := tile.Args{AOff: &p.aOff[0], COff: &p.cOff[0], Segs: 1, Rows: count}
	for e := range p.kernel.N() * p.kernel.N() {
		for k := 0; k < p.depth; k += p.step {
			args.SegLen, args.Acc = min(p.step, p.depth-k), min(k, 1)
			for j := range p.panels {
				at := e*p.packed + (j*p.depth+k)*nr
				args.B = tile.Pointer(packed, at)
				args.Fetch = uintptr(args.B) + uintptr(4*(p.next(e, k, j)-at))
				args.Lines = ceil(args.SegLen*nr, 16*ceil(count, mr))
				args.A = tile.Pointer(v, e*p.vPlane+k)
				args.C = tile.Pointer(m, e*p.mPlane+j*nr)
				p.kn.Rows(&args)
			}
		}
	}
}

// next is where the share of a panel lies that is multiplied after this one.
func (p *tiled) next(e, k, j int) int {
	if j++; j == p.panels {
		j, k = 0, k+p.step
	}
	if k >= p.depth {
		k, e = 0, e+1
	}
	return e*p.packed + (j*p.depth+k)*p.kn.NR()
}

// restore transforms the products to a phase of the result.
func (p *tiled) restore(y, m, outside []float32, first, count, phase int) {
	var points [2][tablePoints]unsafe.Pointer
	args := winograd.Args{Plane: p.mPlane, Count: p.dst.c / p.kernel.Lanes(), PointStep: p.kernel.Lanes(), BaseStep: p.kernel.Lanes()}
	for t := range count + 1 {
		p.locate(&points[t%2], &p.dst, p.kernel.M(), y, tile.Pointer(outside, 0), first+min(t, count-1), phase, 0)
		if t > 0 {
			args.Points, args.Next = &points[1-t%2][0], &points[t%2][0]
			args.Base = tile.Pointer(m, (t-1)*p.panels*p.kn.NR())
			p.kernel.Output(&args)
		}
	}
}
