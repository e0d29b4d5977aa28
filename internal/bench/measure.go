package bench

import (
	"runtime"
	"slices"
	"time"
)

// Result is what a case costs.
type Result struct {
	Name        string  `json:"name"`
	Seconds     float64 `json:"seconds"` // median
	Fastest     float64 `json:"fastest_seconds"`
	FLOPs       int64   `json:"flops"`         // of contractions, counted as direct sums
	GFLOPS      float64 `json:"gflops"`        // at the median
	GBS         float64 `json:"gbs,omitempty"` // of a case without contractions: inputs and outputs moved once
	Share       float64 `json:"roof_share"`    // of the roof measured in the same run
	Allocations uint64  `json:"allocations"`   // on the Go heap, in one run
	Memory      int64   `json:"memory"`        // bytes of states, inputs and arena
}

// Measure runs a loaded case for about the given time, at least five times.
func Measure(name string, it *Iteration, roof Roof, budget time.Duration) (Result, error) {
	if err := it.repeat(2); err != nil {
		return Result{}, err
	}
	r := Result{Name: name, FLOPs: it.FLOPs, Memory: it.Memory}
	var times []float64
	for begin := time.Now(); len(times) < 5 || time.Since(begin) < budget; {
		t := time.Now()
		if err := it.Run(); err != nil {
			return Result{}, err
		}
		times = append(times, time.Since(t).Seconds())
	}
	r.Allocations = allocations(func() { _ = it.Run() })
	r.Seconds, r.Fastest = Median(times), slices.Min(times)
	r.rate(it, roof)
	return r, nil
}

// rate fills in what the work and its time give.
func (r *Result) rate(it *Iteration, roof Roof) {
	if it.FLOPs == 0 {
		r.GBS = float64(it.Bytes) / r.Seconds / 1e9
		r.Share = over(r.GBS, roof.GBS)
		return
	}
	r.GFLOPS = float64(it.FLOPs) / r.Seconds / 1e9
	r.Share = over(r.GFLOPS, roof.GFLOPS)
}

// over is a ratio, 0 where it has no meaning.
func over(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

// Median is the middle of some numbers.
func Median(x []float64) float64 {
	x = slices.Sorted(slices.Values(x))
	if n := len(x); n%2 == 0 {
		return (x[n/2-1] + x[n/2]) / 2
	}
	return x[len(x)/2]
}

// allocations counts those of one call of f, the fewest of three: other
// goroutines count too.
func allocations(f func()) uint64 {
	least := ^uint64(0)
	for range 3 {
		var a, b runtime.MemStats
		runtime.ReadMemStats(&a)
		f()
		runtime.ReadMemStats(&b)
		least = min(least, b.Mallocs-a.Mallocs)
	}
	return least
}
