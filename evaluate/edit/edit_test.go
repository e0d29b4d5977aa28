package edit

import (
	"errors"
	"math"
	"testing"

	"github.com/limner-ai/limner/engine/tensor"
)

// Against scipy.stats.spearmanr.
func TestSpearman(t *testing.T) {
	for _, c := range []struct {
		a, b []float64
		want float64
	}{
		{[]float64{1, 2, 3, 4, 5}, []float64{5, 6, 7, 8, 7}, 0.8207826816681233},
		{[]float64{0, 1, 2}, []float64{0, 1, 4}, 1},
		{[]float64{0, 1, 2}, []float64{3, 2, 1}, -1},
		{[]float64{0, 1, 2}, []float64{3, 3, 3}, 0},
	} {
		if got := spearman(c.a, c.b); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%v, %v: %v, want %v", c.a, c.b, got, c.want)
		}
	}
}

// mixer goes towards black by strength.
func mixer(leak float32) Painter {
	return func(image, mask *tensor.Tensor, s float64) (*tensor.Tensor, error) {
		made := tensor.New(image.Shape...)
		for i, v := range image.Data {
			made.Data[i] = v * float32(1-s)
			if mask != nil && mask.Data[i/3] == 0 {
				made.Data[i] = v + leak
			}
		}
		return made, nil
	}
}

func TestMeasure(t *testing.T) {
	x := tensor.New(3, 4, 6, 3)
	tensor.Philox{Seed: 1}.Uniform(x.Data, 0)
	r, err := Measure(mixer(0), x)
	if err != nil {
		t.Fatal(err)
	}
	if r.Spearman < .999999 || r.AtZero != 0 || r.Outside != 0 || r.Inside < .4 || r.Unrelated < .2 || r.N != 3 {
		t.Errorf("%+v", r)
	}
	if d := r.Distance; d[0] != 0 || math.Abs(d[5]-d[10]/2) > 1e-6 {
		t.Errorf("distances %v", d)
	}
	leaky, err := Measure(mixer(.25), x)
	if err != nil || math.Abs(leaky.Outside-.25) > 1e-6 {
		t.Errorf("%+v, %v", leaky, err)
	}
	// What ignores its strength is noticed.
	r, err = Measure(func(image, _ *tensor.Tensor, _ float64) (*tensor.Tensor, error) {
		return tensor.New(image.Shape...), nil
	}, x)
	if err != nil || r.Spearman != 0 || r.AtZero < .9 || r.Outside < .9 {
		t.Errorf("%+v, %v", r, err)
	}
	broken := errors.New("broken")
	for _, paint := range []Painter{
		func(*tensor.Tensor, *tensor.Tensor, float64) (*tensor.Tensor, error) { return nil, broken },
		func(*tensor.Tensor, *tensor.Tensor, float64) (*tensor.Tensor, error) {
			return tensor.New(1, 2, 2, 3), nil
		},
	} {
		if _, err := Measure(paint, x); err == nil {
			t.Error("no error")
		}
	}
	if _, err := Measure(mixer(0), tensor.New(1, 4, 4, 3)); err == nil {
		t.Error("one picture is too few")
	}
}
