package likelihood

import (
	"math"
	"testing"
)

func TestLogMean(t *testing.T) {
	var l logMean
	var sum, squares float64
	k := 0
	for _, part := range [][]float32{{-700, -699}, {-705}, {-690.5, -690}, {-698, float32(math.Inf(-1))}} {
		l.add(part)
		for _, x := range part {
			sum += math.Exp(float64(x) + 690)
			squares += math.Exp(2 * (float64(x) + 690))
			k++
		}
	}
	near(t, "log mean", l.value(), math.Log(sum/float64(k))-690, 1e-12)
	near(t, "effective", l.effective(), sum*sum/squares, 1e-12)

	var huge logMean // far above what exp can hold
	huge.add([]float32{2000})
	huge.add([]float32{3000, 3000, 3000})
	near(t, "log mean of huge numbers", huge.value(), 3000+math.Log(.75), 1e-12)

	var none, sick logMean
	none.add([]float32{float32(math.Inf(-1))})
	if v := none.value(); !math.IsInf(v, -1) && !math.IsNaN(v) {
		t.Errorf("no weight gives %v", v)
	}
	none.add([]float32{1, 1})
	near(t, "log mean after nothing", none.value(), 1+math.Log(2./3), 1e-12)
	sick.add([]float32{1, float32(math.NaN()), 2})
	sick.add([]float32{5})
	if !math.IsNaN(sick.value()) {
		t.Errorf("NaN gave %v", sick.value())
	}
}

func TestMoments(t *testing.T) {
	var m moments
	m.add(1e9)
	near(t, "error of one", m.error(), 0, 0)
	m.add(1e9 + 3)
	m.add(1e9 + 6)
	near(t, "mean", m.mean, 1e9+3, 1e-6)
	near(t, "error", m.error(), 3/math.Sqrt(3), 1e-6)
}
