package sampler

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/limner-ai/limner/engine/tensor"
)

func told(t *testing.T, s *Sampler, prompts ...string) []*Reading {
	t.Helper()
	r, err := s.Read(prompts...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func paint(t *testing.T, s *Sampler, q Request) *tensor.Tensor {
	t.Helper()
	x, err := s.Paint(q)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// far is the largest error of pictures that should be mu + σ·noise.
func far(x, noise *tensor.Tensor, mu float64) (worst float64) {
	for i, v := range x.Data {
		worst = max(worst, math.Abs(float64(v)-mu-sigma*float64(noise.Data[i])))
	}
	return worst
}

// Euler's error falls with the step and Heun's with its square.
func TestOrder(t *testing.T) {
	s := open(t, gauss{})
	noise := s.Noise(1, 0, 1)
	at := func(m Method, steps int) float64 {
		return far(paint(t, s, Request{Noise: noise, Prompts: told(t, s, "30"), Options: Options{Steps: steps, Method: m, Guidance: 1}}), noise, 3)
	}
	for _, c := range []struct {
		m        Method
		lo, hi   float64
		accuracy float64
	}{{Euler, 1.8, 2.3, .05}, {Heun, 3.3, 5, .002}} {
		a, b := at(c.m, 32), at(c.m, 64)
		if a/b < c.lo || a/b > c.hi || b > c.accuracy {
			t.Errorf("%s: errors %v in 32 steps and %v in 64", c.m, a, b)
		}
	}
}

// The velocity is affine in μ, so that guidance w from a negative ν paints
// ν + w(μ − ν).
func TestGuidance(t *testing.T) {
	s := open(t, gauss{})
	noise := s.Noise(1, 3, 2)
	q := Request{Noise: noise, Prompts: told(t, s, "20", "20"), Options: Options{Steps: 200, Method: Heun, Guidance: 3}}
	if e := far(paint(t, s, q), noise, 6); e > .01 {
		t.Errorf("away from nothing: error %v", e)
	}
	q.Negative = told(t, s, "04")[0]
	if e := far(paint(t, s, q), noise, 4+3*(2-4)); e > .01 {
		t.Errorf("away from a negative prompt: error %v", e)
	}
	q.Guidance = 0
	if e := far(paint(t, s, q), noise, 4); e > .01 {
		t.Errorf("the negative prompt alone: error %v", e)
	}
}

// A picture is the same whatever is made with it.
func TestAlone(t *testing.T) {
	s := open(t, gauss{})
	prompts := []string{"10", "", "25", "31", "10", "77", "02", "11", "40", "98"}
	noise := s.Noise(9, 0, len(prompts))
	options := Options{Steps: 5, Guidance: 2.5}
	all := paint(t, s, Request{Noise: noise, Prompts: told(t, s, prompts...), Options: options})
	for i, p := range prompts {
		one := paint(t, s, Request{Noise: s.Noise(9, i, 1), Prompts: told(t, s, p), Options: options})
		if !slices.Equal(one.Data, all.Row(i)) {
			t.Errorf("picture %d is another alone", i)
		}
	}
}

func TestStrengthAndMask(t *testing.T) {
	s := open(t, gauss{})
	noise, start := s.Noise(1, 0, 1), s.Noise(2, 0, 1)
	q := Request{Noise: noise, Prompts: told(t, s, "50"), Start: start, Options: Options{Steps: 20, Guidance: 1}}
	if x := paint(t, s, q); !slices.Equal(x.Data, start.Data) {
		t.Error("strength 0 is not the picture itself")
	}
	last := 0.
	for _, strength := range []float64{.2, .4, .6, .8, 1} {
		q.Strength = strength
		d := 0.
		for i, v := range paint(t, s, q).Data {
			d += math.Pow(float64(v-start.Data[i]), 2)
		}
		if d <= last {
			t.Errorf("strength %v lies at %v, less at %v", strength, d, last)
		}
		last = d
	}
	fresh := q
	fresh.Start = nil
	if !slices.Equal(paint(t, s, q).Data, paint(t, s, fresh).Data) {
		t.Error("strength 1 does not ignore the picture")
	}
	q.Mask = tensor.New(1, 2, 3, 1)
	q.Mask.Data[2], q.Mask.Data[3] = 1, 1
	x := paint(t, s, q)
	for i, v := range x.Data {
		if inside := q.Mask.Data[i/4] == 1; inside == (v == start.Data[i]) {
			t.Errorf("place %d, inside %v: %v, was %v", i/4, inside, v, start.Data[i])
		}
	}
}

// Noise that was found for a picture leads back to it.
func TestInvert(t *testing.T) {
	s := open(t, gauss{})
	noise := s.Noise(1, 0, 10)
	prompts := told(t, s, slices.Repeat([]string{"30"}, 10)...)
	x := tensor.New(noise.Shape...)
	for i, v := range noise.Data {
		x.Data[i] = 3 + sigma*v
	}
	got, err := s.Invert(context.Background(), x, prompts, 64)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range got.Data {
		if d := math.Abs(float64(v - noise.Data[i])); d > .02 {
			t.Fatalf("noise %v was found as %v", noise.Data[i], v)
		}
	}
}

// Few steps of a model that was taught strides are told their length.
func TestStrides(t *testing.T) {
	s, plain := open(t, gauss{strides: true}), open(t, gauss{})
	noise := s.Noise(1, 0, 1)
	q := Request{Noise: noise, Prompts: told(t, s, "30"), Options: Options{Steps: 4, Guidance: 1}}
	a, b := paint(t, s, q), paint(t, plain, q)
	// Four steps of ¼ that each go ¼ further for every ¼, but for what the
	// velocity takes back of it.
	if d := a.Data[0] - b.Data[0]; !(d < -.05) {
		t.Errorf("the length of steps made no difference: %v", d)
	}
	q.Steps = 30
	if a, b := paint(t, s, q), paint(t, plain, q); !slices.Equal(a.Data, b.Data) {
		t.Error("short steps were told a length")
	}
	if w := s.Sampling(4); w.Guidance != 1 || w.Sampler != "euler" || w.Steps != 4 {
		t.Errorf("long steps are sampled by %+v", w)
	}
	if w := s.Sampling(0); w.Steps != 12 || w.Guidance != 2 || w.Sampler != "heun" {
		t.Errorf("the maker's choice became %+v", w)
	}
}

func TestBetween(t *testing.T) {
	a := &Reading{States: []float32{1, 2, 3, 4}, Pooled: []float32{0, 10}, Present: []float32{1, 1}}
	b := &Reading{States: []float32{3, 4, 99, 99}, Pooled: []float32{10, 0}, Present: []float32{1, 0}}
	if Between(a, b, 0) != a || Between(a, b, 1) != b {
		t.Error("the ends are not themselves")
	}
	r := Between(a, b, .25)
	if !slices.Equal(r.Pooled, []float32{2.5, 7.5}) || !slices.Equal(r.States, []float32{1.5, 2.5, 3, 4}) || !slices.Equal(r.Present, []float32{1, 1}) {
		t.Errorf("%+v", r)
	}
}

func TestRefusals(t *testing.T) {
	s := open(t, gauss{})
	good := func() Request {
		return Request{Noise: s.Noise(1, 0, 1), Prompts: told(t, s, "1"), Options: Options{Steps: 2, Guidance: 1}}
	}
	for want, change := range map[string]func(*Request){
		"noise":     func(q *Request) { q.Noise = tensor.New(1, 2, 3, 5) },
		"0 prompts": func(q *Request) { q.Prompts = nil },
		"start":     func(q *Request) { q.Start = tensor.New(2, 2, 3, 4) },
		"strength":  func(q *Request) { q.Start, q.Strength = tensor.New(1, 2, 3, 4), math.NaN() },
		"without":   func(q *Request) { q.Mask = tensor.New(1, 2, 3, 1) },
		"mask of":   func(q *Request) { q.Start, q.Mask = tensor.New(1, 2, 3, 4), tensor.New(1, 2, 3, 4) },
		"steps":     func(q *Request) { q.Steps = MaxSteps + 1 },
		"sampler":   func(q *Request) { q.Method = "ddim" },
		"guidance":  func(q *Request) { q.Guidance = math.Inf(1) },
	} {
		q := good()
		change(&q)
		if _, err := s.Paint(q); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
	stop := errors.New("enough")
	q := good()
	seen := 0
	q.Each = func(first, step, of int, clean *tensor.Tensor) error {
		if seen++; first != 0 || step != 0 || of != 2 || !clean.Shape.Equal(q.Noise.Shape) {
			t.Errorf("step %d of %d of %d, %v", step, of, first, clean.Shape)
		}
		return stop
	}
	if _, err := s.Paint(q); !errors.Is(err, stop) || seen != 1 {
		t.Errorf("stopped by %v after %d steps", err, seen)
	}
}

func TestDecode(t *testing.T) {
	s := open(t, gauss{})
	x := tensor.New(11, 4, 6, 1)
	for i := range x.Data {
		x.Data[i] = float32(i)
	}
	z, err := s.Encode(x)
	if err != nil {
		t.Fatal(err)
	}
	back, err := s.Decode(z)
	if err != nil || !slices.Equal(back.Data, x.Data) {
		t.Errorf("%v: pictures came back as %v", err, back.Data[:24])
	}
}
