package bench

import (
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/limner-ai/limner/engine/kernel/gemm"
)

// Result is what a case costs.
type Result struct {
	Name        string  `json:"name"`
	Seconds     float64 `json:"seconds"` // median
	Fastest     float64 `json:"fastest_seconds"`
	FLOPs       int64   `json:"flops"`       // of contractions
	GFLOPS      float64 `json:"gflops"`      // at the median
	Peak        float64 `json:"peak_share"`  // of the processor's, measured in the same run
	Allocations uint64  `json:"allocations"` // on the Go heap, in one run
	Memory      int64   `json:"memory"`      // bytes of states, inputs and arena
}

// Peak measures fused multiply-adds on registers with the given number of
// threads at once, in GFLOP/s: no kernel can be faster.
func Peak(threads int) float64 {
	best := 0.
	for range 3 {
		rates := make([]float64, threads)
		var wg sync.WaitGroup
		for i := range rates {
			wg.Go(func() { rates[i] = gemm.Peak() })
		}
		wg.Wait()
		sum := 0.
		for _, r := range rates {
			sum += r
		}
		best = max(best, sum)
	}
	return best
}

// Measure runs a loaded case for about the given time, at least five times.
func Measure(name string, it *Iteration, peak float64, budget time.Duration) (Result, error) {
	for range 2 {
		if err := it.Run(); err != nil {
			return Result{}, err
		}
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
	r.GFLOPS = float64(it.FLOPs) / r.Seconds / 1e9
	r.Peak = r.GFLOPS / peak
	return r, nil
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
