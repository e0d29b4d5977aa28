package cpu

import (
	"math"

	"github.com/limner-ai/limner/engine/compile"
	"github.com/limner-ai/limner/engine/kernel/vec"
)

// block is how many elements a loop's instructions work on at a time: small
// enough that a dozen vectors stay in the first-level cache.
const block = 1024

// argument is how a loop reads one operand a block at a time.
type argument struct {
	mode    mode
	memory  []float32
	dims    []int
	strides []int
	at      int // offset in scratch of a tiled or expanded argument
	period  int // of a tiled or repeated argument
	stretch int // elements over which a repeated argument keeps its tile
	window  window
}

// window is where memory stands for a part of a buffer: the buffer's element
// shift is the memory's first.
type window struct {
	shift, perRow int // elements; perRow 0: the memory is the whole buffer
}

// moveTo has the memory stand for the rows from row on.
func (w *window) moveTo(row int) { w.shift = row * w.perRow }

type mode uint8

const (
	direct   mode = iota // the block itself lies in memory
	single               // one number for the whole loop
	tiled                // repeats with a short period: copied out once a task
	expanded             // gathered into scratch for each block
	along                // one number a row; expanded if a block is not whole rows
	repeated             // tiled, with another tile after every stretch
)

// maxPeriod bounds what is worth tiling.
const maxPeriod = block

func newArgument(a compile.Access, memory []float32) argument {
	arg := argument{memory: memory, dims: a.Dims, strides: a.Strides}
	n := len(a.Dims)
	switch {
	case a.Direct():
	case n == 1 && a.Strides[0] == 0:
		arg.mode = single
	case n == 1 && a.Strides[0] == 1:
	case n == 2 && a.Strides[0] == 0 && a.Strides[1] == 1 && a.Dims[1] <= maxPeriod:
		arg.mode, arg.period = tiled, a.Dims[1]
	default:
		arg.mode = expanded
		arg.repeats()
	}
	return arg
}

// repeats looks for an axis along which the elements behind it repeat, often
// enough that a tile of them pays.
func (a *argument) repeats() {
	period := 1
	for k := len(a.dims) - 1; k >= 0; k-- {
		if stretch := period * a.dims[k]; a.strides[k] == 0 && period > 1 && stretch >= 4*block {
			a.mode, a.period, a.stretch = repeated, period, stretch
			return
		}
		if period *= a.dims[k]; period > maxPeriod {
			return
		}
	}
}

// room is how much scratch the argument needs.
func (a *argument) room() int {
	switch a.mode {
	case tiled:
		return block + a.period
	case expanded, along:
		return block
	case repeated:
		return 1 + block + a.period + block
	}
	return 0
}

// begin prepares the argument for a task.
func (a *argument) begin(scratch []float32) {
	switch a.mode {
	case tiled:
		copy(scratch[a.at:], a.memory[:a.period])
		a.repeat(scratch[a.at:])
	case repeated:
		scratch[a.at] = 0 // no tile yet
	}
}

// repeat copies the first tile until a block may begin anywhere in it.
func (a *argument) repeat(t []float32) {
	t = t[:block+a.period]
	for done := a.period; done < len(t); {
		done += copy(t[done:], t[:done])
	}
}

// tile returns elements [lo, lo+n) of a repeated argument. The tile at hand is
// noted before it, its stretch counted from 1, as the bits of a float.
func (a *argument) tile(scratch []float32, lo, n int) []float32 {
	t := scratch[a.at+1:]
	s := lo / a.stretch
	if (lo+n-1)/a.stretch != s { // two tiles
		dst := t[block+a.period:][:n]
		a.expand(dst, lo)
		return dst
	}
	if mark := uint32(s + 1); math.Float32bits(scratch[a.at]) != mark {
		scratch[a.at] = math.Float32frombits(mark)
		a.expand(t[:a.period], s*a.stretch)
		a.repeat(t)
	}
	return t[lo%a.period:][:n]
}

// read returns elements [lo, lo+n) of the loop's index space.
func (a *argument) read(scratch []float32, lo, n int) []float32 {
	switch a.mode {
	case direct:
		lo -= a.window.shift
		return a.memory[lo : lo+n]
	case tiled:
		at := a.at + lo%a.period
		return scratch[at : at+n]
	case repeated:
		return a.tile(scratch, lo, n)
	case expanded, along:
		dst := scratch[a.at : a.at+n]
		a.expand(dst, lo)
		return dst
	}
	return nil
}

// rows returns a number for each of the n rows from row lo on.
func (a *argument) rows(lo, n int) []float32 {
	lo -= a.window.shift
	return a.memory[lo : lo+n]
}

// expand gathers a strided access: an odometer over all axes but the last,
// along which runs are copied (stride 1), filled (stride 0) or picked.
func (a *argument) expand(dst []float32, lo int) {
	last := len(a.dims) - 1
	var index [8]int
	off, rest := -a.window.shift, lo
	for i := last; i >= 0; i-- {
		index[i] = rest % a.dims[i]
		rest /= a.dims[i]
		off += index[i] * a.strides[i]
	}
	inner, stride := a.dims[last], a.strides[last]
	for {
		n := min(inner-index[last], len(dst))
		switch {
		case stride == 0:
			if n < 8 {
				x := a.memory[off]
				for i := range dst[:n] {
					dst[i] = x
				}
			} else {
				vec.Fill(dst[:n], a.memory[off])
			}
		case stride == 1:
			copy(dst[:n], a.memory[off:off+n])
		default:
			for i := range dst[:n] {
				dst[i] = a.memory[off+i*stride]
			}
		}
		if dst = dst[n:]; len(dst) == 0 {
			return
		}
		off -= index[last] * stride
		index[last] = 0
		for i := last - 1; i >= 0; i-- {
			index[i]++
			off += a.strides[i]
			if index[i] < a.dims[i] {
				break
			}
			off -= a.dims[i] * a.strides[i]
			index[i] = 0
		}
	}
}
