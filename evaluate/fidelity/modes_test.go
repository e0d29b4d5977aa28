package fidelity

import (
	"math/rand/v2"
	"testing"
)

// A perfect generator meets the floor, and no independent sample is far below.
func TestModesFloor(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	labels := make([]int, 26000)
	for i := range labels {
		labels[i] = r.IntN(1000)
	}
	m, err := CountModes(labels, 1000)
	if err != nil {
		t.Fatal(err)
	}
	if m.Covered != 1000 {
		t.Errorf("%d classes covered", m.Covered)
	}
	near(t, "floor", m.Floor, .0192, 1e-4)
	near(t, "KL", m.KL, m.Floor, .003)
}

func TestModesErrors(t *testing.T) {
	for _, labels := range [][]int{nil, {3}, {0, -1}} {
		if _, err := CountModes(labels, 3); err == nil {
			t.Errorf("%v of 3 classes: no error", labels)
		}
	}
}
