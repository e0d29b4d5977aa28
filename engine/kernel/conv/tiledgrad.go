package conv

import (
	"unsafe"

	"github.com/limner-ai/limner/engine/kernel/conv/winograd"
	"github.com/limner-ai/limner/engine/kernel/gemm/tile"
	"github.com/limner-ai/limner/engine/kernel/isa"
)

// tiledGrad computes a filter gradient in Winograd's way: tiles of x and dy are
// transformed, the products of each of the n² elements are added up over all
// tiles, for all pairs of channels, and the sums are transformed to taps.
// Blocks of channels and partial sums over tiles are its tasks.
type tiledGrad struct {
	lattice
	partials
	s       Shape
	in, out int // channels of a block, of a phase of x and of dy
	ins     int // blocks of x's channels, all phases
	outs    int
	at      int // tiles transformed at a time
	vStep   int // floats from one tile to the next
	eStep   int
	uStep   int // and from one channel of x to the next in the sums
	vPlane  int
	ePlane  int
	uPlane  int
	uOff    []int // rows of a micro-kernel's tile in the sums
	nothing []float32
}

const (
	inBlock   = 128
	outBlock  = 128
	gradTiles = 48
)

func newTiledGrad(level isa.Level, s Shape, m int) *tiledGrad {
	p := &tiledGrad{lattice: forwardLattice(level, s, m), s: s}
	kn := tile.New(level, s.K)
	lanes := p.kernel.Lanes()
	p.in, p.out = evenly(s.C, inBlock, lanes), evenly(s.K, outBlock, max(kn.NR(), lanes))
	p.ins, p.outs = ceil(s.C, p.in)*len(p.src.phases), ceil(s.K, p.out)
	want := int(min(max(s.flops()/taskFlops, 1), maxTasks/2))
	p.at = min(gradTiles, p.tiles())
	p.partials = newPartials(kn, s, partialSums(s, ceil(want, p.ins*p.outs), ceil(p.tiles(), p.at)))
	p.at = even(ceil(p.tiles(), p.count), p.at)

	p.uStep = kn.Panels(p.out) * kn.NR()
	p.vStep, p.eStep = p.in+planeSlack, p.uStep+planeSlack
	p.vPlane, p.ePlane, p.uPlane = p.at*p.vStep+planeSlack, p.at*p.eStep+planeSlack, p.in*p.uStep+planeSlack
	for r := range p.in {
		p.uOff = append(p.uOff, r*p.uStep)
	}
	p.nothing = make([]float32, max(p.in, p.out))
	return p
}

// evenly divides n into equal parts of at most limit, multiples of unit, and
// returns their size.
func evenly(n, limit, unit int) int { return ceil(even(n, limit), unit) * unit }

// WorkSize is the number of floats of the partial sums, which all tasks share.
func (p *tiledGrad) WorkSize() int {
	if p.count == 1 {
		return 0
	}
	return p.count * p.size
}

// ScratchSize is the number of floats that Run needs for itself.
func (p *tiledGrad) ScratchSize() int {
	return p.kernel.N() * p.kernel.N() * (p.vPlane + p.ePlane + p.uPlane)
}

// Tasks is the number of calls to Run, in any order.
func (p *tiledGrad) Tasks() int { return p.ins * p.outs * p.count }

// ReduceTasks is the number of calls to Reduce, in any order, after Run.
func (p *tiledGrad) ReduceTasks() int {
	if p.count == 1 {
		return 0
	}
	return ceil(p.size, reduceUnit)
}

// Reduce adds up the partial sums of a share of dw. It overwrites them.
func (p *tiledGrad) Reduce(task int, dw, work []float32) {
	lo := task * reduceUnit
	hi := min(lo+reduceUnit, p.size)
	p.sum(work[lo:], hi-lo)
	copy(dw[lo:hi], work[lo:hi])
}

// Run adds up a task's share of dw or of the partial sums.
func (p *tiledGrad) Run(task int, dw, x, dy, work, scratch []float32) {
	blocks, n2 := p.ins*p.outs, p.kernel.N()*p.kernel.N()
	part, block := task/blocks, task%blocks
	if p.count > 1 {
		dw = work[part*p.size:][:p.size]
	}
	v, scratch := cut(scratch, n2*p.vPlane)
	e, u := cut(scratch, n2*p.ePlane)
	perPhase := p.ins / len(p.src.phases)
	phase, c := block/p.outs/perPhase, block/p.outs%perPhase*p.in
	k := block % p.outs * p.out
	first, last := part*p.tiles()/p.count, (part+1)*p.tiles()/p.count
	for t := first; t < last; t += p.at {
		count := min(p.at, last-t)
		p.transform(v, x, &p.src, phase, c, min(p.in, p.s.C-c), t, count)
		p.transform(e, dy, &p.dst, 0, k, min(p.out, p.s.K-k), t, count)
		p.multiply(u, v, e, count, min(p.in, p.s.C-c), t > first)
	}
	p.restore(dw, u, phase, c, k)
}

// transform writes the transformed tiles of channels of x or dy, plane after
// plane.
func (p *tiledGrad) transform(dst, picture []float32, s *side, phase, c, channels, first, count int) {
	var points [2][tablePoints]unsafe.Pointer
	lanes := p.kernel.Lanes()
	args := winograd.Args{PointStep: lanes, BaseStep: lanes, Count: channels / lanes}
	size, step := p.kernel.N(), p.vStep
	args.Plane = p.vPlane
	if s == &p.dst {
		size, step, args.Plane = p.kernel.M(), p.eStep, p.ePlane
	}
	for t := range count + 1 {
		p.locate(&points[t%2], s, size, picture, tile.Pointer(p.nothing, 0), first+min(t, count-1), phase, c)
		if t == 0 {
			continue
		}
		args.Points, args.Next = &points[1-t%2][0], &points[t%2][0]
		args.Base = tile.Pointer(dst, (t-1)*step)
		if s == &p.dst {
			p.kernel.Grad(&args)
		} else {
			p.kernel.Input(&args)
		}
	}
}

// multiply adds the products of some tiles to the sums.
func (p *tiledGrad) multiply(u, v, e []float32, count, channels int, add bool) {
	nr := p.kn.NR()
	args := tile.Args{Rows: channels, ATile: p.kn.MR(), AStep: p.vStep, BStep: p.eStep, COff: &p.uOff[0], SegLen: count}
	if add {
		args.Acc = 1
	}
	for i := range p.kernel.N() * p.kernel.N() {
		for j := 0; j < p.out; j += nr {
			args.B = tile.Pointer(e, i*p.ePlane+j)
			args.A, args.C = tile.Pointer(v, i*p.vPlane), tile.Pointer(u, i*p.uPlane+j)
			p.kn.Outer(&args)
		}
	}
}

// restore transforms the sums to taps.
func (p *tiledGrad) restore(dw, u []float32, phase, c, k int) {
	var points [tablePoints]unsafe.Pointer
	lanes, r := p.kernel.Lanes(), p.kernel.R()
	args := winograd.Args{Points: &points[0], Plane: p.uPlane, PointStep: lanes, BaseStep: lanes,
		Count: min(p.out, p.s.K-k) / lanes}
	for i := range min(p.in, p.s.C-c) {
		for t := range r * r {
			kh, kw := p.taps[phase].y+t/r*p.stride, p.taps[phase].x+t%r*p.stride
			points[t] = unsafe.Pointer(&dw[((kh*p.s.KW+kw)*p.s.C+c+i)*p.s.K+k])
		}
		args.Base = tile.Pointer(u, i*p.uStep)
		p.kernel.FilterGrad(&args)
	}
}
