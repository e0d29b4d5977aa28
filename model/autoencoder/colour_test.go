package autoencoder

import (
	"math"
	"testing"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/graph/reference"
	"github.com/limner-ai/limner/model/modeltest"
)

// Straight colours come back from premultiplied ones; what no one can see
// comes back as 0, and what overshoots is clipped.
func TestPremultiplied(t *testing.T) {
	pixels := []float64{
		.2, .4, .6, 1,
		.2, .4, 1, .5,
		1, 1, 1, 1. / 255,
		0, 0, 0, 0,
	}
	g := graph.New()
	x := g.Input("x", 1, 2, 2, 4)
	in := modeltest.Inputs{"x": reference.From(pixels, 1, 2, 2, 4)}
	got := eval(t, in, inside(x), outside(inside(x)), outside(x))
	if p := got[0].Data[4]; math.Abs(p-(2*.2*.5-1)) > 1e-9 {
		t.Errorf("half of red 0.2 is %v inside", p)
	}
	for i, want := range pixels {
		if math.Abs(got[1].Data[i]-want) > 1e-6 {
			t.Errorf("value %d came back as %v, want %v", i, got[1].Data[i], want)
		}
	}
	for _, c := range []struct{ in, want []float64 }{
		{[]float64{1, .5, -1, 0}, []float64{1, 1, 0, .5}},            // colour above alpha
		{[]float64{1, 1, 1, -1}, []float64{0, 0, 0, 0}},              // colour without alpha
		{[]float64{3, -3, 0, 9}, []float64{1, 0, .5, 1}},             // beyond the range
		{[]float64{-.999, -1, -1, -.9999}, []float64{0, 0, 0, 5e-5}}, // rounds to transparent
	} {
		g := graph.New()
		got := eval(t, modeltest.Inputs{"x": reference.From(c.in, 1, 1, 1, 4)}, outside(g.Input("x", 1, 1, 1, 4)))[0].Data
		for i, want := range c.want {
			if math.Abs(got[i]-want) > 1e-6 {
				t.Errorf("%v came out as %v, want %v", c.in, got, c.want)
				break
			}
		}
	}
	for _, channels := range []int{1, 3} {
		g := graph.New()
		x := g.Input("x", 1, 1, 1, channels)
		in := modeltest.Inputs{"x": reference.From([]float64{.3, .6, .9}[:channels], 1, 1, 1, channels)}
		got := eval(t, in, inside(x), outside(inside(x)), over(inside(x), nil))
		if math.Abs(got[0].Data[0]+.4) > 1e-7 || math.Abs(got[1].Data[0]-.3) > 1e-7 || got[2].Data[0] != got[0].Data[0] {
			t.Errorf("%d channels: %v", channels, got)
		}
	}
}

// Compositing is c = αs + (1−α)b of straight colours s; the error of what is
// seen is the difference of two composites.
func TestOver(t *testing.T) {
	g := graph.New()
	x, y, b := g.Input("x", 2, 1, 1, 4), g.Input("y", 2, 1, 1, 4), g.Input("b", 2, 1, 1, 3)
	in := modeltest.Inputs{
		"x": reference.From([]float64{.2, .4, .6, .5, 1, 1, 1, 0}, 2, 1, 1, 4),
		"y": reference.From([]float64{.9, .1, .3, .25, .5, .5, .5, 1}, 2, 1, 1, 4),
		"b": reference.From([]float64{1, 0, .5, .1, .2, .3}, 2, 1, 1, 3),
	}
	got := eval(t, in, over(inside(x), b), overError(inside(y).Sub(inside(x)), b), deviations(inside(x), inside(y), b))
	for i := range 6 {
		n, k := i/3, i%3
		seen := func(name string) float64 {
			p := in[name].Data[4*n:]
			return 2*(p[k]*p[3]+(1-p[3])*in["b"].Data[i]) - 1
		}
		if math.Abs(got[0].Data[i]-seen("x")) > 1e-9 {
			t.Errorf("colour %d looks %v, want %v", i, got[0].Data[i], seen("x"))
		}
		if want := seen("y") - seen("x"); math.Abs(got[1].Data[i]-want) > 1e-9 || math.Abs(got[2].Data[7*n+4+k]-want) > 1e-9 {
			t.Errorf("error %d is %v, want %v", i, got[1].Data[i], want)
		}
	}
}
