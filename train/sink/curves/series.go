package curves

import (
	"math"
	"slices"

	"github.com/limner-ai/limner/train/sink"
)

// maxBuckets bounds a series in memory and on paper. A panel is some 700 pixels
// wide and shows the smallest and largest value of each bucket, so that no
// spike is lost.
const maxBuckets = 1000

// bucket stands for a few consecutive measurements.
type bucket struct {
	n         int
	step      float64 // mean
	mean      float64
	low, high float64
}

func (b *bucket) merge(c bucket) {
	if b.n == 0 {
		*b = c
		return
	}
	n := float64(b.n + c.n)
	b.step += (c.step - b.step) * float64(c.n) / n
	b.mean += (c.mean - b.mean) * float64(c.n) / n
	b.n += c.n
	b.low, b.high = min(b.low, c.low), max(b.high, c.high)
}

// series is one metric, thinned out as it grows: whenever there are 2 ×
// maxBuckets full buckets, neighbours are joined. So a value costs constant
// time and a run of any length constant memory.
type series struct {
	buckets []bucket
	each    int     // measurements in a full bucket
	last    float64 // the newest finite value
	// The first step that was NaN or infinite; those are not drawn.
	lost   bool
	lostAt int64
}

func (s *series) add(p sink.Point) {
	if math.IsNaN(p.Value) || math.IsInf(p.Value, 0) {
		if !s.lost {
			s.lost, s.lostAt = true, p.Step
		}
		return
	}
	s.last = p.Value
	one := bucket{1, float64(p.Step), p.Value, p.Value, p.Value}
	if n := len(s.buckets); n > 0 && s.buckets[n-1].n < s.each {
		s.buckets[n-1].merge(one)
		return
	}
	if len(s.buckets) == 2*maxBuckets {
		s.buckets = thin(s.buckets, 2)
		s.each *= 2
	}
	s.each = max(s.each, 1)
	s.buckets = append(s.buckets, one)
}

// thin joins every k neighbours.
func thin(buckets []bucket, k int) []bucket {
	var out []bucket
	for i, b := range buckets {
		if i%k == 0 {
			out = append(out, bucket{})
		}
		out[len(out)-1].merge(b)
	}
	return out
}

// drawn returns at most maxBuckets buckets.
func (s *series) drawn() []bucket {
	if len(s.buckets) <= maxBuckets {
		return s.buckets
	}
	return thin(s.buckets, 2)
}

// xy is a point of a line.
type xy struct{ x, y float64 }

// smoothBelow is how many measurements are shown as they are: an evaluation
// every few thousand steps is no noisy curve.
const smoothBelow = 24

// smooth fits a straight line around each point by least squares with Gaussian
// weights, in the logarithm of the values if log is set. Unlike a running mean
// it neither lags behind nor flattens the ends (Cleveland 1979, without the
// robust iterations).
func smooth(buckets []bucket, log bool) []xy {
	line := make([]xy, len(buckets))
	for i, b := range buckets {
		line[i] = xy{b.step, b.mean}
	}
	if len(line) < smoothBelow {
		return line
	}
	fit := slices.Clone(line)
	if log {
		for i := range fit {
			fit[i].y = math.Log(fit[i].y)
		}
	}
	sigma := max(1.5, float64(len(fit))/70)
	reach := int(3 * sigma)
	weight := make([]float64, reach+1)
	for d := range weight {
		weight[d] = math.Exp(-float64(d*d) / (2 * sigma * sigma))
	}
	for i, p := range fit {
		var w, wx, wxx, wy, wxy float64
		for j := max(0, i-reach); j <= min(len(fit)-1, i+reach); j++ {
			k := weight[max(i-j, j-i)]
			dx := fit[j].x - p.x
			w += k
			wx += k * dx
			wxx += k * dx * dx
			wy += k * fit[j].y
			wxy += k * dx * fit[j].y
		}
		y := wy / w
		if d := w*wxx - wx*wx; d > 1e-9*w*wxx { // else all at one step
			y = (wxx*wy - wx*wxy) / d
		}
		if log {
			y = math.Exp(y)
		}
		line[i].y = y
	}
	return line
}
