package sampler

import (
	"math"
	"math/rand/v2"
	"testing"
)

// What projected guidance adds is at right angles to the clean picture, and
// together with what it leaves out it is guidance.
func TestProject(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	const n, w, at = 40, 5, .7
	draw := func() []float32 {
		v := make([]float32, n)
		for i := range v {
			v[i] = float32(r.NormFloat64())
		}
		return v
	}
	x, told, none, got := draw(), draw(), draw(), make([]float32, n)
	project(got, x, told, none, w, at)
	var dot, size, left, square float64
	for i := range n {
		clean := float64(x[i]) - at*float64(told[i])
		added := float64(got[i] - told[i])
		whole := (w - 1) * float64(told[i]-none[i])
		dot += added * clean
		size += added * added
		left += (whole - added) * clean
		square += clean * clean
	}
	if math.Abs(dot) > 1e-5*math.Sqrt(size*square) || size == 0 {
		t.Errorf("what is added has %v along the picture", dot/math.Sqrt(size*square))
	}
	for i := range n { // what was left out lies along the picture
		clean := float64(x[i]) - at*float64(told[i])
		want := (w-1)*float64(told[i]-none[i]) - left/square*clean
		if d := float64(got[i]-told[i]) - want; math.Abs(d) > 1e-4 {
			t.Errorf("%d: %v is added, want %v", i, got[i]-told[i], want)
		}
	}
	// A picture of nothing has no direction.
	project(got, make([]float32, n), make([]float32, n), none, 2, at)
	for i := range got {
		if got[i] != -none[i] {
			t.Fatalf("about nothing: %v, want %v", got[i], -none[i])
		}
	}
}
