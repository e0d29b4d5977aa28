package autoencoder

import (
	"math"
	"testing"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/graph/reference"
	"github.com/limner-ai/limner/model/modeltest"
	"github.com/limner-ai/limner/nn"
)

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
	got := eval(t, in, over(nn.Premultiplied(x), b), overError(nn.Premultiplied(y).Sub(nn.Premultiplied(x)), b), deviations(nn.Premultiplied(x), nn.Premultiplied(y), b))
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
	grey := g.Input("grey", 1, 1, 1, 1)
	in["grey"] = reference.From([]float64{.3}, 1, 1, 1, 1)
	if got := eval(t, in, over(grey, nil))[0].Data[0]; got != .3 {
		t.Errorf("a picture without alpha looks %v", got)
	}
}
