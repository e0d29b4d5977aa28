package bench

import (
	"time"

	"github.com/limner-ai/limner/engine/cpu"
)

// Scaling is how much faster a case is with several threads than with one.
type Scaling struct {
	Name    string  `json:"name"`
	Threads int     `json:"threads"`
	One     float64 `json:"one_seconds"` // medians
	Several float64 `json:"several_seconds"`
	Ratio   float64 `json:"ratio"` // median of turns
}

// Scale runs a case in turns with one thread and with those of the pool.
func Scale(c Case, pool *cpu.Pool, budget time.Duration) (Scaling, error) {
	single := cpu.NewPool(1)
	defer single.Close()
	pools := [2]*cpu.Pool{single, pool}
	var its [2]*Iteration
	for i, p := range pools {
		it, err := c.Load(p)
		if err != nil {
			return Scaling{}, err
		}
		if err := it.repeat(2); err != nil {
			return Scaling{}, err
		}
		its[i] = it
	}
	var times [2][]float64
	var ratios []float64
	for begin := time.Now(); len(ratios) < 5 || time.Since(begin) < budget; {
		for i, it := range its {
			t := time.Now()
			if err := it.Run(); err != nil {
				return Scaling{}, err
			}
			times[i] = append(times[i], time.Since(t).Seconds())
		}
		last := len(ratios)
		ratios = append(ratios, times[0][last]/times[1][last])
	}
	return Scaling{c.Name, pool.Threads(), Median(times[0]), Median(times[1]), Median(ratios)}, nil
}
