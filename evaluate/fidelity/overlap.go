package fidelity

import (
	"fmt"
	"math"
	"sync/atomic"

	"github.com/limner-ai/limner/engine/tensor"
)

// Overlap compares two samples as unions of balls, each ball reaching from a
// row to its k-th nearest neighbour in the same sample. For two large samples
// of one distribution precision and recall are equal and depend on d, the
// expectation of density is 1, and that of coverage tends to 1 − 2⁻ᵏ.
type Overlap struct {
	// Precision is the share of generated rows inside the real balls, Recall
	// the share of real rows inside the generated balls: Kynkäänniemi et al.,
	// "Improved Precision and Recall Metric" (2019), eq. 1 and 2.
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
	// Density is the mean number of real balls around a generated row, over
	// k; Coverage the share of real balls with a generated row inside: Naeem
	// et al., "Reliable Fidelity and Diversity Metrics" (2020), eq. 3 and 4.
	Density  float64 `json:"density"`
	Coverage float64 `json:"coverage"`
}

// MeasureOverlap compares a generated with a real sample, [n, d] and [m, d],
// each of more than k rows. k is 5 in most of the literature, 3 for
// precision and recall in their own paper.
func MeasureOverlap(real, gen *tensor.Tensor, k int) (Overlap, error) {
	if k < 1 {
		return Overlap{}, fmt.Errorf("precision and recall: %d neighbours, want at least 1", k)
	}
	if err := checkPair(real, gen, k+1); err != nil {
		return Overlap{}, fmt.Errorf("precision and recall with %d neighbours: %w", k, err)
	}
	origin := newPoints(real, nil).mean()
	return overlap(newBalls(real, origin, k), newBalls(gen, origin, k)), nil
}

// balls is a sample with the squared distance of each row to its k-th
// neighbour.
type balls struct {
	points
	k  int
	r2 []float64
}

func newBalls(x *tensor.Tensor, origin []float64, k int) balls {
	p := newPoints(x, origin)
	nearest := make([]float64, p.x.Rows*k) // the k least so far, ascending
	for i := range nearest {
		nearest[i] = math.Inf(1)
	}
	distances(p, p, func(i, j int, d2 []float64) {
		least := nearest[i*k:][:k]
		for l, v := range d2 {
			if v >= least[k-1] || i == j+l {
				continue
			}
			at := k - 1
			for at > 0 && least[at-1] > v {
				least[at] = least[at-1]
				at--
			}
			least[at] = v
		}
	})
	b := balls{p, k, make([]float64, p.x.Rows)}
	for i := range b.r2 {
		b.r2[i] = nearest[i*k+k-1]
	}
	return b
}

// overlap visits the distances between two samples once.
func overlap(real, gen balls) Overlap {
	around := make([]atomic.Int32, gen.x.Rows) // real balls around a generated row
	recalled, covered := make([]bool, real.x.Rows), make([]bool, real.x.Rows)
	distances(real.points, gen.points, func(i, j int, d2 []float64) {
		for l, v := range d2 {
			if v <= real.r2[i] {
				around[j+l].Add(1)
				covered[i] = true
			}
			if v <= gen.r2[j+l] {
				recalled[i] = true
			}
		}
	})
	var o Overlap
	for i := range around {
		c := around[i].Load()
		o.Density += float64(c)
		if c > 0 {
			o.Precision++
		}
	}
	for i := range recalled {
		if recalled[i] {
			o.Recall++
		}
		if covered[i] {
			o.Coverage++
		}
	}
	n, m := float64(real.x.Rows), float64(gen.x.Rows)
	o.Precision /= m
	o.Density /= m * float64(real.k)
	o.Recall /= n
	o.Coverage /= n
	return o
}
