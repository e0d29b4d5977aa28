package bench

import (
	"sync"
	"time"

	"github.com/limner-ai/limner/engine/kernel/gemm"
	"github.com/limner-ai/limner/engine/kernel/vec"
)

// Roof is what the processor can do with a number of threads, measured.
type Roof struct {
	GFLOPS float64 `json:"gflops"` // of multiply-adds on registers; 0 without vector kernels
	GBS    float64 `json:"gbs"`    // GB a second read and written by copies of 16 MiB
}

// MeasureRoof measures both limits with so many threads at once. No kernel
// can do more operations; one whose data are in a cache can pass the second.
func MeasureRoof(threads int) Roof {
	var r Roof
	copies := make([][2][]float32, threads)
	const n = 4 << 20
	for i := range copies {
		copies[i] = [2][]float32{make([]float32, n/threads), make([]float32, n/threads)}
		vec.Fill(copies[i][0], 1)
		vec.Fill(copies[i][1], 1)
	}
	for range 3 {
		r.GFLOPS = max(r.GFLOPS, together(threads, func(int) float64 { return gemm.Peak() }))
		r.GBS = max(r.GBS, together(threads, func(i int) float64 {
			best := 0.
			for range 5 {
				t := time.Now()
				vec.Copy(copies[i][1], copies[i][0])
				best = max(best, 8*float64(len(copies[i][0]))/float64(time.Since(t).Nanoseconds()))
			}
			return best
		}))
	}
	return r
}

// together adds up what threads reach at the same time.
func together(threads int, rate func(i int) float64) float64 {
	rates := make([]float64, threads)
	var wg sync.WaitGroup
	for i := range rates {
		wg.Go(func() { rates[i] = rate(i) })
	}
	wg.Wait()
	sum := 0.
	for _, r := range rates {
		sum += r
	}
	return sum
}
