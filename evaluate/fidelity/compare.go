package fidelity

import (
	"encoding/json"
	"fmt"
	"math"

	"github.com/limner-ai/limner/engine/tensor"
)

// What Compare fixes, so that its reports can be compared with each other.
const (
	Neighbours = 5    // k of precision, recall, density and coverage
	Directions = 128  // of the sliced Wasserstein distance
	BlockSize  = 1000 // rows of a KID block, as in its paper
	MinBlocks  = 4    // of KID, so that there is a standard error
	seed       = 1
)

// Metrics is one sample measured against another. Smaller is better for the
// distances, larger for the overlap.
type Metrics struct {
	Frechet           float64 `json:"frechet"`
	KID               float64 `json:"kid"`
	KIDError          float64 `json:"kid_error"` // standard error of KID
	SlicedWasserstein float64 `json:"sliced_wasserstein"`
	Overlap
}

// Ratio is a metric over its floor. It is not finite where the floor is zero,
// and null in JSON then.
type Ratio float64

// MarshalJSON writes null for what JSON cannot hold.
func (r Ratio) MarshalJSON() ([]byte, error) {
	if v := float64(r); !math.IsNaN(v) && !math.IsInf(v, 0) {
		return json.Marshal(v)
	}
	return []byte("null"), nil
}

// Ratios holds each metric of the generated sample over the same metric of
// the training sample: 1 is as good as more training data. KID has an
// expectation of zero at the floor, so its ratio is to the floor's magnitude
// or to its standard error, whichever is larger.
type Ratios struct {
	Frechet           Ratio `json:"frechet"`
	KID               Ratio `json:"kid"`
	SlicedWasserstein Ratio `json:"sliced_wasserstein"`
	Precision         Ratio `json:"precision"`
	Recall            Ratio `json:"recall"`
	Density           Ratio `json:"density"`
	Coverage          Ratio `json:"coverage"`
}

// Report is what Compare found. None of it means anything without N, or
// beside a number from another feature network.
type Report struct {
	N     int     `json:"n"`     // rows used of each of the three samples
	Dim   int     `json:"dim"`   // features
	Gen   Metrics `json:"gen"`   // generated against real
	Floor Metrics `json:"floor"` // ref against real
	Ratio Ratios  `json:"ratio"`
}

// Compare measures generated features gen against held-out features real, and
// beside it training features ref against real: the floor that a perfect
// generator would reach. Every estimate depends on the number of rows, so
// the larger samples are cut, at random but always alike, to the rows of the
// smallest: the least of N rows, at least 2·MinBlocks.
func Compare(real, ref, gen *tensor.Tensor) (Report, error) {
	samples := [3]*tensor.Tensor{real, ref, gen}
	n := math.MaxInt
	for i, name := range [...]string{"real", "ref", "gen"} {
		if err := check(name, samples[i], 2*MinBlocks); err != nil {
			return Report{}, fmt.Errorf("compare samples: %w", err)
		}
		if err := sameWidth(real.Shape[1], samples[i].Shape[1]); err != nil {
			return Report{}, fmt.Errorf("compare samples: real and %s: %w", name, err)
		}
		n = min(n, samples[i].Shape[0])
	}
	for i, s := range samples {
		if s.Shape[0] > n {
			samples[i] = rows(s, permutation(s.Shape[0], seed)[:n])
		}
	}
	real, ref, gen = samples[0], samples[1], samples[2]

	fit, err := Fit(real)
	if err != nil {
		return Report{}, err
	}
	origin := fit.Mean()
	around := newBalls(real, origin, Neighbours)
	measure := func(x *tensor.Tensor) (m Metrics, err error) {
		g, err := Fit(x)
		if err != nil {
			return m, err
		}
		if m.Frechet, err = Frechet(fit, g); err != nil {
			return m, err
		}
		if m.KID, m.KIDError, err = KID(real, x, max(MinBlocks, n/BlockSize), seed); err != nil {
			return m, err
		}
		if m.SlicedWasserstein, err = SlicedWasserstein(real, x, Directions, seed); err != nil {
			return m, err
		}
		m.Overlap = overlap(around, newBalls(x, origin, Neighbours))
		return m, nil
	}
	r := Report{N: n, Dim: real.Shape[1]}
	if r.Gen, err = measure(gen); err != nil {
		return Report{}, fmt.Errorf("generated against real: %w", err)
	}
	if r.Floor, err = measure(ref); err != nil {
		return Report{}, fmt.Errorf("training against real: %w", err)
	}
	r.Ratio = Ratios{
		Frechet:           Ratio(r.Gen.Frechet / r.Floor.Frechet),
		KID:               Ratio(r.Gen.KID / max(math.Abs(r.Floor.KID), r.Floor.KIDError)),
		SlicedWasserstein: Ratio(r.Gen.SlicedWasserstein / r.Floor.SlicedWasserstein),
		Precision:         Ratio(r.Gen.Precision / r.Floor.Precision),
		Recall:            Ratio(r.Gen.Recall / r.Floor.Recall),
		Density:           Ratio(r.Gen.Density / r.Floor.Density),
		Coverage:          Ratio(r.Gen.Coverage / r.Floor.Coverage),
	}
	return r, nil
}
