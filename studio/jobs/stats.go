package jobs

import "time"

// Stats are sums since the queue was opened, for metrics.
type Stats struct {
	Kinds map[string]KindStats
	// Fault is what the last attempt to write came to: nil if all is well. While
	// it is not, nothing is accepted, and what ends is kept in memory.
	Fault error
}

// KindStats are those of one kind of work.
type KindStats struct {
	Goes   int64         // runs of the worker
	Begun  int64         // jobs begun, those begun again too; Begun/Goes is the size of a go
	Waited time.Duration // of these, from their submission to their beginning, in all

	Done, Failed, Cancelled int64
	Worked                  time.Duration // of these, from their last beginning to their end, in all
}

func (s *KindStats) count(j Job) {
	switch j.State {
	case Done:
		s.Done++
	case Failed:
		s.Failed++
	case Cancelled:
		s.Cancelled++
	}
	if !j.Started.IsZero() {
		s.Worked += j.Ended.Sub(j.Started)
	}
}

// Stats returns the sums of now.
func (q *Queue) Stats() Stats {
	q.mu.Lock()
	defer q.mu.Unlock()
	all := Stats{Kinds: map[string]KindStats{}, Fault: q.writer.lastFault()}
	for name, k := range q.workers {
		all.Kinds[name] = k.stats
	}
	return all
}
