package conv

import "time"

// meter keeps the best time of every task over many runs, which other work on
// the machine disturbs least.
type meter struct {
	best []time.Duration
	next int
}

// each runs the next n tasks.
func (m *meter) each(n int, task func(t int)) {
	for t := range n {
		begin := clock()
		task(t)
		took := clock() - begin
		if m.next == len(m.best) {
			m.best = append(m.best, took)
		}
		m.best[m.next] = min(m.best[m.next], took)
		m.next++
	}
}

// nanoseconds is the time of all tasks.
func (m *meter) nanoseconds() float64 {
	var sum time.Duration
	for _, t := range m.best {
		sum += t
	}
	return float64(sum.Nanoseconds())
}
