package calibrate

import (
	"math"
	"slices"
)

// AUROC is the chance that a faulty picture scores above a sound one, ties
// counting half: the area under the curve of hits by false alarms (Mann and
// Whitney's U). NaN if either is missing.
func AUROC(sound, faulty []float64) float64 {
	if len(sound) == 0 || len(faulty) == 0 {
		return math.NaN()
	}
	s := slices.Sorted(slices.Values(sound))
	sum := 0.
	for _, v := range faulty {
		below, _ := slices.BinarySearch(s, v)
		upTo, _ := slices.BinarySearchFunc(s, v, func(a, b float64) int {
			if a <= b {
				return -1
			}
			return 1
		})
		sum += float64(below) + float64(upTo-below)/2
	}
	return sum / float64(len(sound)) / float64(len(faulty))
}

// Threshold is the least of the scores that no more than a share of them exceed.
func Threshold(sound []float64, share float64) float64 {
	if len(sound) == 0 {
		return math.Inf(1)
	}
	s := slices.Sorted(slices.Values(sound))
	most := int(math.Floor(max(0, min(share, 1)) * float64(len(s))))
	return s[max(0, len(s)-1-most)]
}

// Above is the share of scores above a threshold.
func Above(scores []float64, threshold float64) float64 {
	if len(scores) == 0 {
		return 0
	}
	n := 0
	for _, v := range scores {
		if v > threshold {
			n++
		}
	}
	return float64(n) / float64(len(scores))
}

// IoU is the overlap of what a map has above a level and of what a mask has
// above a half, over what either has; 1 if neither has any. Both have the same
// length.
func IoU(heat, mask []float32, level float32) float64 {
	both, either := 0, 0
	for i, v := range heat {
		a, b := v > level, mask[i] > .5
		if a && b {
			both++
		}
		if a || b {
			either++
		}
	}
	if either == 0 {
		return 1
	}
	return float64(both) / float64(either)
}

// Error is the expected calibration error (Naeini and others, 2015): the mean
// distance between what was said and what is so, over ten equal bins of the
// probabilities, both classes weighing the same in all.
func Error(c interface{ At(float64) float64 }, sound, faulty []float64) float64 {
	const bins = 10
	var said, hit [bins]float64
	add := func(scores []float64, outcome float64) {
		w := .5 / float64(len(scores))
		for _, v := range scores {
			p := c.At(v)
			b := min(int(p*bins), bins-1)
			said[b] += w * p
			hit[b] += w * outcome
		}
	}
	add(sound, 0)
	add(faulty, 1)
	sum := 0.
	for b := range bins {
		sum += math.Abs(said[b] - hit[b])
	}
	return sum
}
