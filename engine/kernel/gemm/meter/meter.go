// Package meter times work on a machine that others use too: it repeats it,
// counts the processor time of the thread alone, and keeps the best time of
// every part.
package meter

import (
	"runtime"
	"testing"
	"time"
)

// Meter holds the best time of every part.
type Meter struct {
	best []time.Duration
	next int
}

// Run repeats work, which names its parts by calls to Each, as b asks.
func Run(b *testing.B, work func(m *Meter)) *Meter {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var m Meter
	for b.Loop() {
		m.next = 0
		work(&m)
	}
	return &m
}

// Each runs and times the next n parts.
func (m *Meter) Each(n int, part func(i int)) {
	for i := range n {
		begin := clock()
		part(i)
		took := clock() - begin
		if m.next == len(m.best) {
			m.best = append(m.best, took)
		}
		m.best[m.next] = min(m.best[m.next], took)
		m.next++
	}
}

// Report adds the rate of so many floating point operations, and its share of
// peak (GFLOP/s) if there is one, to the results of b.
func (m *Meter) Report(b *testing.B, flops, peak float64) {
	var sum time.Duration
	for _, t := range m.best {
		sum += t
	}
	rate := flops / float64(max(sum.Nanoseconds(), 1))
	b.ReportMetric(rate, "GFLOP/s")
	if peak > 0 {
		b.ReportMetric(100*rate/peak, "%peak")
	}
}
