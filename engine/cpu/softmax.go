package cpu

import (
	"github.com/limner-ai/limner/engine/compile"
	"github.com/limner-ai/limner/engine/kernel/vec"
)

// A softmax along rows, with its gradient or without, has kernels that take
// whole rows. Like activations it is found by its shape.
const (
	softmaxOutline = "reduce_max a→b; sub a b', exp 0, 1→c, reduce_sum 1→d; div c d', 0→e;"
	// The gradient is dy/s + Σ −dy·y/s, times the exponential.
	softmaxGradOutline = "reduce_max a→b; sub a b', exp 0, 1→c, reduce_sum 1→d; " +
		"div c d', mul e 0, div 1 d', neg 2, 0→f, reduce_sum 3→g; " +
		"div e d', add 0 g', mul 1 c, 2→h;"
	// The same if nothing else needs the softmax.
	softmaxGradAloneOutline = "reduce_max a→b; sub a b', exp 0, 1→c, reduce_sum 1→d; " +
		"div c d', mul e 0, div 1 d', neg 2, reduce_sum 3→f; " +
		"div e d', add 0 f', mul 1 c, 2→g;"
)

// softmax is y = softmax(x), and dx from dy if there is dy. Without y, each
// worker has room for the rows of a turn.
type softmax struct {
	x, y, dy, dx     []float32
	cols             int
	perTask, perTurn int // elements
}

// softmaxMost is the longest row that the kernels take.
const softmaxMost = chunkSize

// newSoftmax is the runner of the step, or nil if it is something else.
func newSoftmax(e *Executable, s *compile.Rows) runner {
	o := outlineOf(s)
	locals, r := "", &softmax{cols: o.cols}
	at := func(letter rune) []float32 { return o.memory(e, s, letter) }
	switch o.text {
	case softmaxOutline:
		locals = "bcd"
		r.x, r.y = at('a'), at('e')
	case softmaxGradOutline:
		locals = "bcdg"
		r.x, r.dy, r.y, r.dx = at('a'), at('e'), at('f'), at('h')
	case softmaxGradAloneOutline:
		locals = "bcdf"
		r.x, r.dy, r.dx = at('a'), at('e'), at('g')
	default:
		return nil
	}
	for _, l := range locals {
		if at(l) != nil {
			return nil // it is wanted itself
		}
	}
	if o.cols > softmaxMost {
		return nil
	}
	r.perTask = max(1, chunkSize/o.cols) * o.cols
	r.perTurn = r.perTask
	if r.dy != nil {
		r.perTurn = max(1, turnSize/o.cols) * o.cols
	}
	return r
}

func (r *softmax) needs() (int, int) {
	if r.y == nil {
		return r.perTurn, 0
	}
	return 0, 0
}

func (r *softmax) tasks() int { return (len(r.x) + r.perTask - 1) / r.perTask }

func (r *softmax) run(p *Pool) { p.do(r, r.tasks()) }

func (r *softmax) task(i int, w *worker) {
	last := min((i+1)*r.perTask, len(r.x))
	for lo := i * r.perTask; lo < last; lo += r.perTurn {
		hi := min(lo+r.perTurn, last)
		y := w.scratch[:min(len(w.scratch), hi-lo)]
		if r.y != nil {
			y = r.y[lo:hi]
		}
		vec.Softmax(y, r.x[lo:hi], r.cols)
		if r.dy != nil {
			vec.SoftmaxGrad(r.dx[lo:hi], y, r.dy[lo:hi], r.cols)
		}
	}
}
