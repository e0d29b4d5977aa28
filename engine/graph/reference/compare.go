package reference

import (
	"fmt"
	"math"
)

// Compare reports where got differs from want, element by element, by more
// than atol + rtol·|want|: how many elements do, and the one that exceeds
// its bound most. NaN agrees with NaN alone and an infinity with itself.
func Compare(got []float32, want []float64, rtol, atol float64) error {
	if len(got) != len(want) {
		return fmt.Errorf("%d values, want %d", len(got), len(want))
	}
	bad, at, worst := 0, 0, 0.
	for i, w := range want {
		g := float64(got[i])
		if g == w || math.IsNaN(g) && math.IsNaN(w) {
			continue
		}
		excess := math.Abs(g-w) / (atol + rtol*math.Abs(w))
		if math.IsNaN(excess) || math.IsInf(w, 0) {
			excess = math.Inf(1)
		}
		if excess > 1 {
			if bad++; excess > worst {
				at, worst = i, excess
			}
		}
	}
	if bad == 0 {
		return nil
	}
	return fmt.Errorf("%d of %d values differ, most at %d: %v, want %v (%.3g times the tolerance)",
		bad, len(want), at, got[at], want[at], worst)
}

// Largest is the largest magnitude in a, for tolerances that are relative to
// the whole array.
func Largest(a []float64) float64 {
	m := 0.
	for _, x := range a {
		m = max(m, math.Abs(x))
	}
	return m
}
