package tile

import (
	"time"

	"github.com/limner-ai/limner/engine/kernel/isa"
)

// Peak measures the multiply-add ceiling of one processor core at a level, in
// GFLOP/s, with multiply-adds on registers alone. It takes about 20 ms. The
// portable kernels have no such ceiling of their own: for them it is 0.
func Peak(level isa.Level) float64 {
	if !assembly || level == isa.Generic {
		return 0
	}
	const rounds = 20000 // under 0.2 ms, so that the collector need not wait
	best := 0.0
	for start := time.Now(); time.Since(start) < 20*time.Millisecond; {
		t := time.Now()
		flops := peak(level, rounds)
		best = max(best, float64(flops)/float64(time.Since(t).Nanoseconds()))
	}
	return best
}
