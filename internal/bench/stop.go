package bench

import (
	"math"
	"runtime"
	"runtime/metrics"
	"time"
)

// Stop says how long the garbage collector waited for all threads to stop
// while a case ran. The runtime counts in buckets: these are their upper
// bounds.
type Stop struct {
	Name    string  `json:"name"`
	Count   uint64  `json:"count"`
	P50     float64 `json:"p50_seconds"`
	P99     float64 `json:"p99_seconds"`
	Longest float64 `json:"max_seconds"`
}

const stopping = "/sched/pauses/stopping/gc:seconds"

// Stops runs a case again and again while another goroutine collects garbage.
func Stops(name string, it *Iteration, budget time.Duration) (Stop, error) {
	if err := it.repeat(2); err != nil {
		return Stop{}, err
	}
	before := histogram()
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-quit:
				return
			default:
				runtime.GC()
				time.Sleep(time.Millisecond)
			}
		}
	}()
	var err error
	for begin := time.Now(); err == nil && time.Since(begin) < budget; {
		err = it.Run()
	}
	close(quit)
	<-done
	s := Stop{Name: name}
	s.read(before, histogram())
	return s, err
}

func histogram() *metrics.Float64Histogram {
	sample := []metrics.Sample{{Name: stopping}}
	metrics.Read(sample)
	return sample[0].Value.Float64Histogram()
}

// read takes the quantiles of what came between two readings.
func (s *Stop) read(before, after *metrics.Float64Histogram) {
	for i, n := range after.Counts {
		s.Count += n - before.Counts[i]
	}
	bound := func(share float64) float64 {
		want, seen := uint64(math.Ceil(share*float64(s.Count))), uint64(0)
		for i, n := range after.Counts {
			if seen += n - before.Counts[i]; seen >= want && seen > 0 {
				return after.Buckets[i+1]
			}
		}
		return 0
	}
	s.P50, s.P99, s.Longest = bound(.5), bound(.99), bound(1)
}
