package cpu

import (
	"fmt"
	"math"
	"testing"

	"github.com/limner-ai/limner/engine/compile"
	"github.com/limner-ai/limner/engine/graph"
)

// padding hides the keys whose mark is negative, [b 1 1 m].
func padding(mark *graph.Value) *graph.Value {
	g := mark.Graph()
	return graph.Select(mark.Less(g.Full(0)), g.Full(float32(math.Inf(-1))), g.Full(0)).Reshape(mark.Dim(0), 1, 1, -1)
}

func TestAttention(t *testing.T) {
	for _, s := range []struct{ b, n, m, h, d int }{{2, 5, 5, 2, 8}, {3, 7, 64, 4, 16}, {1, 200, 150, 2, 20}, {9, 3, 1, 2, 4}} {
		for _, masked := range []bool{false, true} {
			t.Run(fmt.Sprint(s, masked), func(t *testing.T) {
				g := graph.New()
				c := s.h * s.d
				q, k, v := g.Input("q", s.b, s.n, c), g.Input("k", s.b, s.m, c), g.Input("v", s.b, s.m, c)
				var bias *graph.Value
				if masked {
					bias = padding(g.Input("mark", s.b, s.m))
				}
				o := graph.Attention(q, k, v, bias, s.h)
				d := graph.VJP(o, g.Input("ct", s.b, s.n, c), q, k, v)
				agree(t, append(d, o, o.Exp()), nil, 1e-5)
				agree(t, []*graph.Value{o}, nil, 1e-5)
				agree(t, d[:1], nil, 1e-5)
				agree(t, d[1:2], nil, 1e-5)
				agree(t, d[2:], nil, 1e-5)
			})
		}
	}
}

// Results that come from one step may be wanted by loops, updates and one
// another; the gradient of the gradient is made of other primitives.
func TestAttentionAmongOthers(t *testing.T) {
	g := graph.New()
	x, w := g.Input("x", 2, 6, 8), g.State("w", 8, 8)
	proj := func(i float32) *graph.Value { return x.Reshape(12, 8).Dot(w.MulScalar(i)).Reshape(2, 6, 8) }
	o := graph.Attention(proj(.5), proj(1).Sin(), proj(2), g.Input("bias", 1, 2, 6, 6), 2)
	o = graph.Attention(o, o, o, nil, 4).Add(x)
	loss := o.Square().Mean()
	d := graph.Grad(loss, w, x, g.Input("bias", 1, 2, 6, 6))
	agree(t, append(d, loss), []compile.Update{{State: w, Value: w.Sub(d[0])}}, 2e-5)
	agree(t, graph.Grad(d[0].Square().Sum(), w, x), nil, 2e-4)
}

func TestAttentionIsOneStep(t *testing.T) {
	g := graph.New()
	q, k, v := g.Input("q", 2, 6, 8), g.Input("k", 2, 6, 8), g.Input("v", 2, 6, 8)
	p, err := compile.Compile(graph.Grad(graph.Attention(q, k, v, nil, 2).Square().Sum(), q, k, v), nil)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, s := range p.Steps {
		switch s.(type) {
		case *compile.Attention, *compile.AttentionGrad:
			n++
		}
	}
	if n != 2 {
		t.Errorf("%d steps for attention and its gradient, want 2", n)
	}
}
