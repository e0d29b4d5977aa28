package train

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/limner-ai/limner/engine/tensor"
)

// DivergedError stops a run whose losses or weights make no sense any more.
type DivergedError struct {
	Step int    // iterations completed when it was seen
	What string // which metric or weights, and what is wrong
}

func (e *DivergedError) Error() string { return fmt.Sprintf("step %d: %s", e.Step, e.What) }

// watch looks at every loss of every iteration. Metrics count as losses if
// their name begins so.
type watch struct {
	guard Guard
	loss  map[string]*losses
}

// losses is the recent past of one loss.
type losses struct {
	recent []float64 // a ring of at most guard.Window
	at     int
	seen   int
	median float64
	high   int // iterations in a row above the limit
	sorted []float64
}

// A loss near 0 may grow by any factor without harm, so medians count as at
// least this.
const leastMedian = .05

func newWatch(g Guard) *watch { return &watch{g, map[string]*losses{}} }

func isLoss(name string) bool { return strings.HasPrefix(name, "loss") }

// see takes the value of a metric after so many iterations.
func (w *watch) see(step int, name string, v float64) error {
	if !isLoss(name) {
		return nil
	}
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return &DivergedError{step, fmt.Sprintf("%s is %v", name, v)}
	}
	if w.guard.Factor == 0 {
		return nil
	}
	l := w.loss[name]
	if l == nil {
		l = &losses{recent: make([]float64, 0, w.guard.Window)}
		w.loss[name] = l
	}
	// A run is judged once it has a past as long as the patience with it.
	if l.seen >= w.guard.Steps && v-l.median > w.guard.Factor*max(math.Abs(l.median), leastMedian) {
		if l.high++; l.high >= w.guard.Steps {
			return &DivergedError{step, fmt.Sprintf("%s is %.4g, above %g times its running median of %.4g for %d iterations: lower train.rate, or see guard", name, v, w.guard.Factor, l.median, l.high)}
		}
	} else {
		l.high = 0
	}
	l.add(v, w.guard.Window)
	return nil
}

func (l *losses) add(v float64, window int) {
	if len(l.recent) < window {
		l.recent = append(l.recent, v)
	} else {
		l.recent[l.at] = v
	}
	l.at = (l.at + 1) % window
	l.seen++
	// The median moves slowly: sorting now and then costs nothing.
	if l.seen < 32 || l.seen%16 == 0 {
		l.sorted = append(l.sorted[:0], l.recent...)
		slices.Sort(l.sorted)
		l.median = l.sorted[len(l.sorted)/2]
	}
}

// finite says which state holds a number that is none.
func finite(step int, names []string, states map[string]*tensor.Tensor) error {
	for _, name := range names {
		for _, v := range states[name].Data {
			// v−v is 0 for every number and NaN for infinities and NaN.
			if v-v != 0 {
				return &DivergedError{step, fmt.Sprintf("the weights %q hold %v", name, v)}
			}
		}
	}
	return nil
}
