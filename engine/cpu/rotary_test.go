package cpu

import (
	"fmt"
	"testing"

	"github.com/limner-ai/limner/engine/compile"
	"github.com/limner-ai/limner/engine/graph"
)

func TestRotary(t *testing.T) {
	for _, s := range []struct{ b, n, h, d, groups int }{{2, 3, 2, 32, 2}, {1, 5, 1, 6, 1}, {40, 64, 2, 32, 1}} {
		t.Run(fmt.Sprint(s), func(t *testing.T) {
			g := graph.New()
			c := s.h * s.d
			x, scale := g.Input("x", s.b, s.n, c), g.State("scale", s.d)
			cos, sin := g.Input("cos", s.n, s.d/2), g.Input("sin", s.n, s.d/2)
			y := graph.Rotary(x, scale, cos, sin, graph.RotaryAttr{Heads: s.h, Groups: s.groups, Eps: .01})
			ct := g.Input("ct", s.b, s.n, c)
			d := graph.VJP(y, ct, x, scale)
			agree(t, []*graph.Value{y, d[0], d[1], y.Exp()}, []compile.Update{{State: scale, Value: scale.Sub(d[1].MulScalar(.1))}}, 5e-5)
			agree(t, d[:1], nil, 5e-5)
			agree(t, d[1:], nil, 5e-5)
			agree(t, graph.VJP(y, ct, cos, sin), nil, 5e-5)
			agree(t, graph.Grad(d[0].Square().Mean(), x, scale), nil, 2e-4)
		})
	}
}
