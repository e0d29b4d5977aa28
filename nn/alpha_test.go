package nn

import (
	"testing"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/graph/reference"
)

// Straight colours come back from premultiplied ones; what no one can see
// comes back as 0, and what overshoots is clipped.
func TestPremultiplied(t *testing.T) {
	run := newRun(t, nil)
	on := func(f func(x *graph.Value) *graph.Value, channels int, x ...float64) []float64 {
		in := graph.New().Input("x", len(x)/channels, 1, 1, channels)
		return run.eval(map[string]reference.Array{"x": array(x, len(x)/channels, 1, 1, channels)}, nil, f(in))[0]
	}
	there := func(x *graph.Value) *graph.Value { return Straight(Premultiplied(x)) }
	pixels := []float64{
		.2, .4, .6, 1,
		.2, .4, 1, .5,
		1, 1, 1, 1. / 255,
		0, 0, 0, 0,
	}
	near(t, "half of red 0.2", on(Premultiplied, 4, pixels...)[4:5], []float64{2*.2*.5 - 1}, 1e-9)
	near(t, "there and back", on(there, 4, pixels...), pixels, 1e-6)
	for _, c := range []struct{ in, want []float64 }{
		{[]float64{1, .5, -1, 0}, []float64{1, 1, 0, .5}},            // colour above alpha
		{[]float64{1, 1, 1, -1}, []float64{0, 0, 0, 0}},              // colour without alpha
		{[]float64{3, -3, 0, 9}, []float64{1, 0, .5, 1}},             // beyond the range
		{[]float64{-.999, -1, -1, -.9999}, []float64{0, 0, 0, 5e-5}}, // rounds to transparent
	} {
		near(t, "out of the range", on(Straight, 4, c.in...), c.want, 1e-6)
	}
	for _, channels := range []int{1, 3} {
		x := []float64{.3, .6, .9}[:channels]
		near(t, "without alpha", on(Premultiplied, channels, x...), []float64{-.4, .2, .8}[:channels], 1e-6)
		near(t, "without alpha, and back", on(there, channels, x...), x, 1e-6)
	}
}
