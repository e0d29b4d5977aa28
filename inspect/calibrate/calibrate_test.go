package calibrate

import (
	"math"
	"math/rand/v2"
	"testing"
)

func normals(n int, mean float64, seed uint64) []float64 {
	r := rand.New(rand.NewPCG(seed, 0))
	out := make([]float64, n)
	for i := range out {
		out[i] = mean + r.NormFloat64()
	}
	return out
}

// The scores of two normal distributions whose means lie 1.5 apart are told
// apart with Φ(1.5/√2), and the chance of the upper one at a score is logistic.
func TestNormals(t *testing.T) {
	sound, faulty := normals(4000, 0, 1), normals(1000, 1.5, 2)
	if got, want := AUROC(sound, faulty), .5*math.Erfc(-1.5/2); math.Abs(got-want) > .012 {
		t.Errorf("AUROC %v, want %v", got, want)
	}
	s, err := Fit(sound, faulty, 12, .05)
	if err != nil || s.Curve.Check() != nil || len(s.Curve.Score) > 12 {
		t.Fatalf("%+v, %v", s, err)
	}
	l, err := Platt(sound, faulty)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []float64{-1, 0, .75, 1.5, 2.5} {
		want := 1 / (1 + math.Exp(-1.5*x+1.125))
		if got := s.Curve.At(x); math.Abs(got-want) > .07 {
			t.Errorf("isotonic at %v: %v, want %v", x, got, want)
		}
		if got := l.At(x); math.Abs(got-want) > .03 {
			t.Errorf("Platt at %v: %v, want %v", x, got, want)
		}
	}
	if s.FalseShare > .05 || s.FalseShare < .049 || math.Abs(s.Threshold-1.645) > .1 {
		t.Errorf("threshold %v with %v", s.Threshold, s.FalseShare)
	}
	if e := Error(s.Curve, normals(3000, 0, 3), normals(3000, 1.5, 4)); e > .03 {
		t.Errorf("calibration error %v", e)
	}
	if e := Error(Logistic{0, -4}, sound, faulty); e < .4 {
		t.Errorf("calibration error of nonsense %v", e)
	}
	if p, bad := s.Judge(s.Threshold); bad || p <= 0 {
		t.Errorf("at the threshold: %v, %v", p, bad)
	}
	if p, bad := s.Judge(9); !bad || p < .9 || p > 1 {
		t.Errorf("far above: %v, %v", p, bad)
	}
}

func TestIsotonicPools(t *testing.T) {
	// By weight: 1 sound at 0, then faulty at 1 before sound at 2 (pooled), then faulty.
	c, err := Isotonic([]float64{0, 2}, []float64{1, 3}, 4)
	if err != nil || c.Check() != nil || len(c.Score) != 3 || c.Score[1] != 1.5 || math.Abs(c.Probability[1]-.5) > 1e-12 {
		t.Errorf("%+v, %v", c, err)
	}
	if c, err = Isotonic([]float64{5, 5, 5}, []float64{5, 5}, 4); err != nil || len(c.Score) != 1 || math.Abs(c.At(7)-.5) > 1e-12 {
		t.Errorf("of one score: %+v, %v", c, err)
	}
}

func TestMeasures(t *testing.T) {
	if v := AUROC([]float64{1, 2, 2}, []float64{2, 3}); v != (2./3*.5+1./3+1)/2 {
		t.Errorf("AUROC with ties %v", v)
	}
	if v := AUROC([]float64{3, 4}, []float64{1, 2}); v != 0 {
		t.Errorf("the wrong way round: %v", v)
	}
	if !math.IsNaN(AUROC(nil, []float64{1})) {
		t.Error("AUROC of nothing")
	}
	scores := []float64{5, 1, 4, 2, 3}
	for share, want := range map[float64]float64{0: 5, .2: 4, .39: 4, .4: 3, 1: 1} {
		if v := Threshold(scores, share); v != want || Above(scores, v) > share {
			t.Errorf("threshold for %v: %v, want %v", share, v, want)
		}
	}
	if v := IoU([]float32{.9, .9, 0, .1}, []float32{1, 0, 1, 0}, .5); v != 1./3 {
		t.Errorf("IoU %v", v)
	}
	if IoU([]float32{0}, []float32{0}, .5) != 1 {
		t.Error("nothing overlaps nothing")
	}
}

func TestRefused(t *testing.T) {
	for _, bad := range [][2][]float64{{nil, {1, 2}}, {{1, 2}, {1}}, {{1, math.NaN()}, {1, 2}}, {{1, 2}, {1, math.Inf(1)}}} {
		if _, err := Fit(bad[0], bad[1], 4, .05); err == nil {
			t.Errorf("fitted on %v", bad)
		}
		if _, err := Platt(bad[0], bad[1]); err == nil {
			t.Errorf("Platt's fitted on %v", bad)
		}
	}
	for _, c := range []Curve{{}, {[]float64{1}, nil}, {[]float64{1, 1}, []float64{0, 1}}, {[]float64{1, 2}, []float64{1, 0}}, {[]float64{1}, []float64{2}}, {[]float64{math.NaN()}, []float64{.5}}} {
		if c.Check() == nil {
			t.Errorf("the curve %+v is in order", c)
		}
	}
}
