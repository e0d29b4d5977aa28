package curate

import (
	"sync"
	"time"
)

// Progress is how far a run is.
type Progress struct {
	Done   int // copies that are dealt with, those of earlier runs among them
	Reused int // of which were dealt with by an earlier run
	Total  int // 0: not known
	// Rate is how many copies a second this run deals with, and Left how long
	// the rest will take at that rate; 0 if that is not known.
	Rate float64
	Left time.Duration
}

// meter counts copies and tells about it.
type meter struct {
	mu    sync.Mutex
	tell  func(Progress)
	began time.Time
	last  time.Time
	p     Progress
}

const tellEvery = 200 * time.Millisecond

func newMeter(total int, tell func(Progress)) *meter {
	now := time.Now()
	return &meter{tell: tell, began: now, last: now, p: Progress{Total: total}}
}

// picture counts one that was dealt with now.
func (m *meter) picture() { m.add(1, 0) }

// reuse counts those of a part that was there.
func (m *meter) reuse(n int) { m.add(n, n) }

func (m *meter) add(done, reused int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.p.Done += done
	m.p.Reused += reused
	if m.tell != nil && time.Since(m.last) >= tellEvery {
		m.report()
	}
}

// end tells the last state.
func (m *meter) end() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.tell != nil {
		m.report()
	}
}

func (m *meter) report() {
	m.last = time.Now()
	fresh := m.p.Done - m.p.Reused
	m.p.Rate = float64(fresh) / max(m.last.Sub(m.began).Seconds(), 1e-9)
	m.p.Left = 0
	if rest := m.p.Total - m.p.Done; rest > 0 && fresh > 0 {
		m.p.Left = time.Duration(float64(rest) / m.p.Rate * float64(time.Second))
	}
	m.tell(m.p)
}
