package generate

import (
	"math"
	"testing"
)

func TestSlerp(t *testing.T) {
	got := make([]float32, 2)
	slerp(got, []float32{2, 0}, []float32{0, 4}, .5)
	near(t, got, []float32{3 * math.Sqrt2 / 2, 3 * math.Sqrt2 / 2})
	slerp(got, []float32{1, 0}, []float32{3, 0}, .5) // one direction
	near(t, got, []float32{2, 0})
	slerp(got, []float32{1, 0}, []float32{-1, 0}, .25) // opposite
	near(t, got, []float32{.5, 0})
	slerp(got, []float32{0, 0}, []float32{2, 2}, .5)
	near(t, got, []float32{1, 1})
	slerp(got, []float32{1, 2}, []float32{3, 4}, 1)
	near(t, got, []float32{3, 4})
}
