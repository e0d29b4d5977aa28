package conv

import (
	"sync"
	"unsafe"

	"github.com/limner-ai/limner/engine/kernel/conv/winograd"
	"github.com/limner-ai/limner/engine/kernel/gemm/tile"
)

// PackSize is the number of floats of the transformed filter, which all tasks
// share.
func (p *tiled) PackSize() int { return len(p.dst.phases) * p.kernel.N() * p.kernel.N() * p.packed }

// PackTasks is the number of calls to Pack, in any order, before Run.
func (p *tiled) PackTasks() int {
	return min(p.packUnits(), max(p.PackSize()/packUnit, 1), maxTasks)
}

const (
	// Channels transformed at a time: what they are transformed to, n² rows for
	// each, nearly fills the first-level cache.
	packChannels = 16
	widestPanel  = 32
)

// turning holds the turned taps of some channels of a panel. The compiler cannot
// see that what points to it is gone before packPanel returns, and so would make
// a new one each time.
type turning [9 * packChannels * widestPanel]float32

var turnings = sync.Pool{New: func() any { return new(turning) }}

// packUnits is the number of separate parts of the filter: source channels of
// a panel of the result.
func (p *tiled) packUnits() int {
	return len(p.dst.phases) * p.panels * ceil(p.src.c, packChannels)
}

// Pack transforms a share of the filter w. A phase of the result is
// laid out element by element of the transform, in each panel by panel,
// [depth][NR].
func (p *tiled) Pack(task int, packed, w []float32) {
	tasks, units := p.PackTasks(), p.packUnits()
	parts := ceil(p.src.c, packChannels)
	for u := task * units / tasks; u < (task+1)*units/tasks; u++ {
		p.packPanel(packed, w, u/parts/p.panels, u/parts%p.panels, u%parts*packChannels)
	}
}

// packPanel transforms source channels from c on of one panel.
func (p *tiled) packPanel(packed, w []float32, phase, panel, c int) {
	var points [tablePoints]unsafe.Pointer
	var turned []float32
	if p.flipped {
		buffer := turnings.Get().(*turning)
		defer turnings.Put(buffer)
		turned = buffer[:]
	}
	nr, lanes, n2 := p.kn.NR(), p.kernel.Lanes(), p.kernel.N()*p.kernel.N()
	channels := min(packChannels, p.src.c-c)
	first := panel * nr
	cols := min(nr, p.dst.c-first)
	matrices := packed[phase*n2*p.packed:][:n2*p.packed]
	args := winograd.Args{Points: &points[0], Plane: p.packed, PointStep: p.filter.k, BaseStep: nr, Count: channels}
	if p.flipped {
		args.PointStep = nr
	}
	for in := range p.joined {
		at := (panel*p.depth + in*p.src.c + c) * nr
		for e := 0; e < n2 && cols < nr; e++ {
			clear(matrices[e*p.packed+at:][:channels*nr])
		}
		p.locateTaps(&points, turned, w, p.taps[phase*p.joined+in], first, cols, c, channels)
		for j := 0; j < cols; j += lanes {
			args.Base = tile.Pointer(matrices, at+j)
			p.kernel.Filter(&args)
			for i := 0; i < p.kernel.R()*p.kernel.R() && j+lanes < cols; i++ {
				points[i] = unsafe.Add(points[i], 4*lanes)
			}
		}
	}
}

// locateTaps finds the taps of a phase of the filter, for source channels from c
// on and the result's channels from first on. If the filter is flipped, they are
// turned first.
func (p *tiled) locateTaps(points *[tablePoints]unsafe.Pointer, turned, w []float32, at origin, first, cols, c, channels int) {
	r, f, nr := p.kernel.R(), p.filter, p.kn.NR()
	for i := range r * r {
		if !p.flipped {
			tap := (at.y+i/r*p.stride)*f.kw + at.x + i%r*p.stride
			points[i] = unsafe.Pointer(&w[(tap*f.c+c)*f.k+first])
			continue
		}
		tap := (at.y+(r-1-i/r)*p.stride)*f.kw + at.x + (r-1-i%r)*p.stride
		to := turned[i*packChannels*nr:]
		p.kn.Transpose(to, w[(tap*f.c+first)*f.k+c:], channels, cols, f.k, nr)
		points[i] = unsafe.Pointer(&to[0])
	}
}
