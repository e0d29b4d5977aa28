package cpu

import (
	"strings"

	"github.com/limner-ai/limner/engine/compile"
	"github.com/limner-ai/limner/engine/kernel/vec"
)

// A function of rows that has kernels which take rows whole, for it and its
// gradient: a softmax, or a norm to mean 0 and variance 1. Like activations
// they are found by their shape, the outline.
type whole struct {
	x, y, dy, dx     []float32
	cols             int
	perTask, perTurn int // elements
	forward          func(y, x, each []float32, cols int)
	backward         func(dx, y, dy, each []float32, cols int)
}

// wholes says which letters of an outline are what. Nothing else that the step
// writes may be wanted by another.
var wholes = []struct {
	text         string
	x, y, dy, dx string // letters
	of           func(o *outline, w *whole) bool
}{
	{softmaxOf, "a", "e", "", "", softmax},
	{softmaxGradOf + "neg 2, 0→f, reduce_sum 3→g; div e d', add 0 g', mul 1 c, 2→h;", "a", "f", "e", "h", softmax},
	{softmaxGradOf + "neg 2, reduce_sum 3→f; div e d', add 0 f', mul 1 c, 2→g;", "a", "", "e", "g", softmax}, // alone
	{standardisedOf, "a", "g", "", "", standardisation},
	{standardisedGradOf + "mul d h', 0→j; mul f h', mul i' d, add 0 1, add 2 1, neg 3, 3→k, reduce_sum 4→l; " +
		"each mul l #0, 0→m; add k m', 0→n;", "a", "j", "f", "n", standardisation},
	{standardisedGradOf + "mul f h', mul i' d, add 0 1, add 2 1, neg 3, 3→j, reduce_sum 4→k; " +
		"each mul k #0, 0→l; add j l', 0→m;", "a", "", "f", "m", standardisation},
}

const (
	powersOf  = "reduce_max a→b; sub a b', exp 0, 1→c, reduce_sum 1→d; "
	softmaxOf = powersOf + "div c d', 0→e;"
	// The gradient is dy/s + Σ −dy·y/s, times the power.
	softmaxGradOf = powersOf + "div c d', mul e 0, div 1 d', "

	squaresOf      = "reduce_sum a→b; each mul b #0, 0→c; sub a c', mul 0 0, 0→d, reduce_sum 1→e; "
	standardisedOf = squaresOf + "each mul e #0, add 0 #1, rsqrt 1, 2→f; mul d f', 0→g;"
	// The gradient is that in the differences d from the mean, less its mean.
	standardisedGradOf = squaresOf + "mul f d, reduce_sum 0→g; each mul e #0, add 0 #1, rsqrt 1, " +
		"mul g #2, mul 2 2, mul 4 2, mul 3 5, mul 6 #0, 2→h, 7→i; "
)

func softmax(_ *outline, w *whole) bool {
	w.forward = func(y, x, _ []float32, cols int) { vec.Softmax(y, x, cols) }
	w.backward = func(dx, y, dy, _ []float32, cols int) { vec.SoftmaxGrad(dx, y, dy, cols) }
	return true
}

func standardisation(o *outline, w *whole) bool {
	if o.numbers[0] != 1/float32(o.cols) || len(o.numbers) > 2 && o.numbers[2] != -0.5 {
		return false
	}
	eps := o.numbers[1]
	w.forward = func(y, x, each []float32, cols int) { vec.Standardise(y, each, x, cols, eps) }
	w.backward = func(dx, y, dy, each []float32, cols int) { vec.StandardiseGrad(dx, y, each, dy, cols) }
	return true
}

// wholeMost is the longest row that the kernels take.
const wholeMost = chunkSize

// wholeTurn is how many elements a turn with a gradient has, if its rows are not
// longer. It has four streams, whose elements may lie in the same sets of the
// first-level cache, with what is fetched ahead of each.
const wholeTurn = turnSize / 4

// newWhole is the runner of the step, or nil if it is something else.
func newWhole(e *Executable, s *compile.Rows) runner {
	o := outlineOf(s)
	if o.text == "" || o.cols > wholeMost {
		return nil
	}
	for _, k := range wholes {
		r := &whole{cols: o.cols}
		if k.text != o.text || !k.of(&o, r) {
			continue
		}
		for i, b := range o.buffers {
			letter := string(rune('a' + i))
			if _, local := s.Local[b]; !local && !strings.Contains(k.x+k.y+k.dy+k.dx, letter) {
				return nil // it is wanted itself
			}
		}
		r.x, r.y = o.memory(e, s, k.x), o.memory(e, s, k.y)
		r.dy, r.dx = o.memory(e, s, k.dy), o.memory(e, s, k.dx)
		r.perTask = max(1, chunkSize/o.cols) * o.cols
		r.perTurn = r.perTask
		if r.dy != nil {
			r.perTurn = max(1, wholeTurn/o.cols) * o.cols
		}
		return r
	}
	return nil
}

// needs is a number a row of a turn, and its y where that is in no memory.
func (r *whole) needs() (int, int) {
	n := r.perTurn / r.cols
	if r.y == nil {
		n += r.perTurn
	}
	return n, 0
}

func (r *whole) tasks() int { return (len(r.x) + r.perTask - 1) / r.perTask }

func (r *whole) run(p *Pool) { p.do(r, r.tasks()) }

func (r *whole) task(i int, w *worker) {
	last := min((i+1)*r.perTask, len(r.x))
	for lo := i * r.perTask; lo < last; lo += r.perTurn {
		hi := min(lo+r.perTurn, last)
		each := w.scratch[:(hi-lo)/r.cols]
		y := r.y
		if y == nil {
			y = w.scratch[r.perTurn/r.cols:][:hi-lo]
		} else {
			y = y[lo:hi]
		}
		r.forward(y, r.x[lo:hi], each, r.cols)
		if r.dy != nil {
			r.backward(r.dx[lo:hi], y, r.dy[lo:hi], each, r.cols)
		}
	}
}
