// Package calibrate turns an inspector's scores into probabilities, and measures
// how well scores tell faulty pictures from sound ones.
//
// Curves and thresholds are fitted offline, on pictures that were made faulty
// on purpose, and stored beside the inspector as numbers.
package calibrate

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
)

// Curve gives the chance that a picture is faulty by its score, on pictures half
// of which are: straight lines between knots, constant beyond the outer ones.
type Curve struct {
	Score       []float64 `json:"score"`       // rising
	Probability []float64 `json:"probability"` // never falling, from 0 to 1
}

// Scale is what is stored beside an inspector.
type Scale struct {
	Curve Curve `json:"curve"`
	// Threshold is the score above which a picture is called faulty.
	Threshold float64 `json:"threshold"`
	// FalseShare is the share of sound pictures above the threshold, of those it
	// was set on.
	FalseShare float64 `json:"false_share"`
	// Sound and Faulty are the numbers of pictures that it was fitted on.
	Sound  int `json:"sound"`
	Faulty int `json:"faulty"`
}

// At is the probability at a score.
func (c Curve) At(score float64) float64 {
	n := len(c.Score)
	if n == 0 || math.IsNaN(score) {
		return 0
	}
	i, _ := slices.BinarySearch(c.Score, score)
	switch {
	case i == 0:
		return c.Probability[0]
	case i == n:
		return c.Probability[n-1]
	}
	f := (score - c.Score[i-1]) / (c.Score[i] - c.Score[i-1])
	return c.Probability[i-1] + f*(c.Probability[i]-c.Probability[i-1])
}

// Check says what is wrong with a curve that was read from a file.
func (c Curve) Check() error {
	if len(c.Score) == 0 || len(c.Score) != len(c.Probability) {
		return fmt.Errorf("calibrate: a curve of %d scores and %d probabilities", len(c.Score), len(c.Probability))
	}
	for i := range c.Score {
		if !(c.Probability[i] >= 0 && c.Probability[i] <= 1) || math.IsNaN(c.Score[i]) ||
			i > 0 && !(c.Score[i] > c.Score[i-1] && c.Probability[i] >= c.Probability[i-1]) {
			return fmt.Errorf("calibrate: knot %d of a curve is out of order", i)
		}
	}
	return nil
}

// Judge is the probability at a score, and whether it is above the threshold.
func (s Scale) Judge(score float64) (probability float64, faulty bool) {
	return s.Curve.At(score), score > s.Threshold
}

// Fit makes a scale: a curve of at most the given number of knots, and the
// threshold that no more than the given share of the sound pictures exceed.
func Fit(sound, faulty []float64, knots int, falseShare float64) (Scale, error) {
	c, err := Isotonic(sound, faulty, knots)
	if err != nil {
		return Scale{}, err
	}
	t := Threshold(sound, falseShare)
	return Scale{c, t, Above(sound, t), len(sound), len(faulty)}, nil
}

var errFew = errors.New("calibrate: want at least 2 sound and 2 faulty scores, all of them numbers")

func checked(sound, faulty []float64) error {
	bad := func(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) }
	if len(sound) < 2 || len(faulty) < 2 || slices.ContainsFunc(sound, bad) || slices.ContainsFunc(faulty, bad) {
		return errFew
	}
	return nil
}

// Isotonic fits the never falling curve that is nearest to the outcomes in least
// squares, both classes weighing the same in all (pool adjacent violators: Ayer
// and others, 1955), over groups of neighbouring scores of the same weight, as
// many as there may be knots.
func Isotonic(sound, faulty []float64, knots int) (Curve, error) {
	if err := checked(sound, faulty); err != nil {
		return Curve{}, err
	}
	var points []block
	for _, v := range sound {
		points = append(points, block{v, .5 / float64(len(sound)), 0})
	}
	for _, v := range faulty {
		w := .5 / float64(len(faulty))
		points = append(points, block{v, w, w})
	}
	slices.SortStableFunc(points, func(a, b block) int { return cmp.Compare(a.score, b.score) })
	var pool []block
	for _, b := range grouped(points, max(knots, 2)) {
		for n := len(pool); n > 0 && pool[n-1].hit*b.weight >= b.hit*pool[n-1].weight; n = len(pool) {
			b, pool = pool[n-1].with(b), pool[:n-1]
		}
		pool = append(pool, b)
	}
	// A group never says more than its pictures can: Laplace's rule, with the
	// weight of two pictures of the smaller class.
	prior := 1 / float64(min(len(sound), len(faulty)))
	var c Curve
	for _, b := range pool {
		p := (b.hit + prior/2) / (b.weight + prior)
		if n := len(c.Score); n > 0 {
			p = max(p, c.Probability[n-1])
		}
		c.Score = append(c.Score, b.score)
		c.Probability = append(c.Probability, p)
	}
	return c, nil
}

// block is neighbouring scores: their mean, their weight, and that of the faulty.
type block struct{ score, weight, hit float64 }

func (a block) with(b block) block {
	w := a.weight + b.weight
	return block{(a.score*a.weight + b.score*b.weight) / w, w, a.hit + b.hit}
}

// grouped joins sorted points to at most n groups of about the same weight;
// points of one score stay together.
func grouped(points []block, n int) []block {
	var out []block
	done := 0.
	for i, p := range points {
		begin := i == 0 || p.score > points[i-1].score && int(done*float64(n)) > int((done-out[len(out)-1].weight)*float64(n)+1e-9)
		if begin {
			out = append(out, p)
		} else {
			out[len(out)-1] = out[len(out)-1].with(p)
		}
		done += p.weight
	}
	return out
}
