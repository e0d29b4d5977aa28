package curves

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/limner-ai/limner/train/sink"
)

func filled(n int, f func(i int) float64) *series {
	s := &series{}
	for i := range n {
		s.add(sink.Point{Step: int64(i), Value: f(i)})
	}
	return s
}

func near(a, b, tolerance float64) bool {
	return math.Abs(a-b) <= tolerance*max(1, math.Abs(a), math.Abs(b))
}

// Whatever the length, nothing is lost but resolution: counts, sums and
// extremes of the buckets are those of the values, in order.
func TestSeriesKeepsWhatItThins(t *testing.T) {
	for _, n := range []int{1, 7, maxBuckets, 2 * maxBuckets, 2*maxBuckets + 1, 12345} {
		r := rand.New(rand.NewPCG(1, uint64(n)))
		values := make([]float64, n)
		for i := range values {
			values[i] = r.NormFloat64()
		}
		s := filled(n, func(i int) float64 { return values[i] })
		if len(s.buckets) > 2*maxBuckets {
			t.Errorf("%d values: %d buckets are kept", n, len(s.buckets))
		}
		for _, buckets := range [][]bucket{s.buckets, s.drawn()} {
			at := 0
			for i, b := range buckets {
				var sum, steps float64
				low, high := math.Inf(1), math.Inf(-1)
				for j := at; j < at+b.n; j++ {
					sum += values[j]
					steps += float64(j)
					low, high = min(low, values[j]), max(high, values[j])
				}
				k := float64(b.n)
				if !near(b.mean, sum/k, 1e-9) || !near(b.step, steps/k, 1e-9) || b.low != low || b.high != high {
					t.Fatalf("%d values, bucket %d is %+v; mean %v, step %v, low %v, high %v", n, i, b, sum/k, steps/k, low, high)
				}
				at += b.n
			}
			if at != n {
				t.Errorf("%d values, buckets hold %d", n, at)
			}
		}
		if d := len(s.drawn()); d > maxBuckets {
			t.Errorf("%d values: %d buckets are drawn", n, d)
		}
		if n <= maxBuckets && len(s.drawn()) != n {
			t.Errorf("%d values were thinned to %d", n, len(s.drawn()))
		}
		if s.last != values[n-1] {
			t.Errorf("last %v", s.last)
		}
	}
}

func TestSeriesSkipsWhatIsNoNumber(t *testing.T) {
	s := &series{}
	for i, v := range []float64{1, math.Inf(1), math.NaN(), 3, math.Inf(-1)} {
		s.add(sink.Point{Step: int64(10 * i), Value: v})
	}
	if len(s.buckets) != 2 || s.last != 3 || !s.lost || s.lostAt != 10 {
		t.Errorf("%+v", s)
	}
	if got := s.summary(); got != "3.000, NaN at step 10" {
		t.Errorf("%q", got)
	}
	only := &series{}
	only.add(sink.Point{Value: math.NaN()})
	if got := only.summary(); got != "NaN" {
		t.Errorf("%q", got)
	}
}

// A local line through points of a line is that line, at both ends too, and
// the same holds for exponentials on a logarithmic axis.
func TestSmoothIsExactOnLines(t *testing.T) {
	for _, n := range []int{1, 2, smoothBelow - 1, smoothBelow, 900} {
		s := filled(n, func(i int) float64 { return 3 - 0.25*float64(i) })
		for i, p := range smooth(s.drawn(), false) {
			if p.x != float64(i) || !near(p.y, 3-0.25*p.x, 1e-9) {
				t.Fatalf("n = %d: %v", n, p)
			}
		}
		s = filled(n, func(i int) float64 { return math.Exp(3 - 0.01*float64(i)) })
		for _, p := range smooth(s.drawn(), true) {
			if !near(p.y, math.Exp(3-0.01*p.x), 1e-9) {
				t.Fatalf("n = %d, log: %v", n, p)
			}
		}
	}
}

func TestSmoothTakesNoiseAway(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	wave := func(x float64) float64 { return math.Sin(x / 120) }
	s := filled(900, func(i int) float64 { return wave(float64(i)) + 0.3*r.NormFloat64() })
	var sum float64
	for _, p := range smooth(s.drawn(), false) {
		sum += (p.y - wave(p.x)) * (p.y - wave(p.x))
	}
	if rms := math.Sqrt(sum / 900); rms > 0.08 { // the noise was 0.3
		t.Errorf("error %v", rms)
	}
}

func TestSmoothAtOneStep(t *testing.T) {
	s := &series{}
	for i := range 50 {
		s.add(sink.Point{Step: 5, Value: float64(i % 2)})
	}
	for _, p := range smooth(s.drawn(), false) {
		if !(p.y > -0.1 && p.y < 1.1) {
			t.Fatalf("%v", p)
		}
	}
}

func TestScale(t *testing.T) {
	wave := func(mid, swing float64) func(int) float64 {
		return func(i int) float64 { return mid + swing*math.Sin(float64(i)/30) }
	}
	for name, c := range map[string]struct {
		lines     []*series
		log       bool
		low, high float64
	}{
		"flat":           {[]*series{filled(9, wave(5, 0))}, false, 4.5, 5.5},
		"flat at 0":      {[]*series{filled(9, wave(0, 0))}, false, 0, 1e-3},
		"from 0":         {[]*series{filled(600, wave(6, 5))}, false, 0, 11.44},
		"far from 0":     {[]*series{filled(600, wave(100, 5))}, false, 94.6, 105.4},
		"negative":       {[]*series{filled(600, wave(0, 5))}, false, -5.4, 5.4},
		"decades":        {[]*series{filled(300, wave(2, 0)), filled(300, wave(200, 0))}, true, 2 / 1.15, 230},
		"decades with 0": {[]*series{filled(300, wave(0, 0)), filled(300, wave(200, 0))}, false, 0, 208},
		"one spike": {[]*series{filled(20000, func(i int) float64 {
			if i == 7000 {
				return 1e4
			}
			return wave(0, 5)(i)
		})}, false, -5.76, 14.76}, // not 1e4
		"nothing": {[]*series{{}}, false, 0, 1},
	} {
		log, low, high := panel{lines: c.lines}.scale()
		if log != c.log || !near(low, c.low, 0.02) || !near(high, c.high, 0.02) {
			t.Errorf("%s: log %v from %v to %v; want %+v", name, log, low, high, c)
		}
	}
}
