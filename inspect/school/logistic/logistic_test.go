package logistic

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Of two normal classes with one deviation, the weights are known: the distance
// of the means over the variance.
func TestFit(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	draw := func(n int, mean ...float64) (rows [][]float64) {
		for range n {
			x := make([]float64, len(mean))
			for i, m := range mean {
				x[i] = m + r.NormFloat64()
			}
			rows = append(rows, x)
		}
		return rows
	}
	w, err := Fit(draw(30000, 0, 1, 0), draw(10000, 1.5, 0, 0), 0)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{1.5, -1, 0, (1 - 1.5*1.5) / 2} {
		if math.Abs(w[i]-want) > .08 {
			t.Errorf("weight %d is %.3f, want %.3f", i, w[i], want)
		}
	}
	shrunk, _ := Fit(draw(3000, 0, 1, 0), draw(1000, 1.5, 0, 0), 10)
	if math.Abs(shrunk[0]) > .1 {
		t.Errorf("decay leaves the weight %v", shrunk[0])
	}
}

// Classes that a line parts have no best weights; decay keeps them finite.
func TestParted(t *testing.T) {
	w, err := Fit([][]float64{{0}, {1}}, [][]float64{{2}, {3}}, .01)
	if err != nil || !(w[0] > 1) || math.IsInf(w[0], 0) || !(Score(w, []float64{3}) > 0) || !(Score(w, []float64{0}) < 0) {
		t.Errorf("%v, %v", w, err)
	}
	if _, err := Fit(nil, [][]float64{{1}}, 0); err == nil {
		t.Error("no sound pictures were accepted")
	}
}
