package fidelity

import (
	"fmt"
	"math"
)

// Modes says how evenly a sample is spread over classes that are equally
// frequent in the data, as in the StackedMNIST test of mode collapse (Metz et
// al. 2017; Lin et al., "PacGAN", 2018): 1000 classes, 26 000 samples.
type Modes struct {
	N       int `json:"n"`       // samples
	Classes int `json:"classes"` // classes there are
	Covered int `json:"covered"` // classes seen at least once
	// KL is the divergence, in nats, of the sample's class frequencies from
	// the uniform distribution.
	KL float64 `json:"kl"`
	// Floor is the expectation of KL for a perfect generator, (K−1)/2N. A KL
	// far below it does not come from independent samples.
	Floor float64 `json:"floor"`
}

// CountModes counts the classes that a classifier gave to samples, each label
// within [0, classes).
func CountModes(labels []int, classes int) (Modes, error) {
	if len(labels) == 0 || classes < 1 {
		return Modes{}, fmt.Errorf("mode count: %d labels in %d classes, want at least one of each", len(labels), classes)
	}
	counts := make([]int, classes)
	for i, c := range labels {
		if c < 0 || c >= classes {
			return Modes{}, fmt.Errorf("mode count: label %d of sample %d is outside [0, %d)", c, i, classes)
		}
		counts[c]++
	}
	n := float64(len(labels))
	m := Modes{N: len(labels), Classes: classes, Floor: float64(classes-1) / (2 * n)}
	for _, c := range counts {
		if c > 0 {
			m.Covered++
			p := float64(c) / n
			m.KL += p * math.Log(p*float64(classes))
		}
	}
	return m, nil
}
