package cpu

import (
	"fmt"
	"testing"

	"github.com/limner-ai/limner/engine/compile"
	"github.com/limner-ai/limner/engine/graph"
)

func standardised(x *graph.Value, axes ...int) *graph.Value {
	d := x.Sub(x.ReduceMean(axes...))
	return d.Mul(d.Square().ReduceMean(axes...).AddScalar(1e-2).Rsqrt())
}

// Norms, softmax and cross-entropy, forward and backward, row by row.
func TestRows(t *testing.T) {
	for _, s := range [][]int{{40, 30}, {7, 1}, {5, 1024}, {3, 5000}, {500, 3}, {90, 257}, {20, 2048}} {
		for name, f := range map[string]func(g *graph.Graph, x *graph.Value) *graph.Value{
			"layer norm": func(g *graph.Graph, x *graph.Value) *graph.Value {
				return standardised(x, -1).Mul(g.Input("scale", s[1])).Add(g.Input("shift", s[1]))
			},
			"softmax":    func(_ *graph.Graph, x *graph.Value) *graph.Value { return x.Softmax() },
			"likelihood": func(g *graph.Graph, x *graph.Value) *graph.Value { return x.LogSoftmax().Mul(g.Input("y", s...)) },
			"twice":      func(_ *graph.Graph, x *graph.Value) *graph.Value { return standardised(standardised(x, -1).Tanh(), -1) },
		} {
			t.Run(fmt.Sprint(name, s), func(t *testing.T) {
				g := graph.New()
				x := g.Input("x", s...)
				y := f(g, x)
				loss := y.Mul(g.Input("dy", s...)).Sum()
				outs := append([]*graph.Value{y, loss}, graph.Grad(loss, x)...)
				if name == "layer norm" {
					outs = append(outs, graph.Grad(loss, g.Input("scale", s[1]), g.Input("shift", s[1]))...)
				}
				agree(t, outs, nil, 2e-4)
			})
		}
	}
}

// Statistics of groups of channels, whose rows are whole pictures, and
// modulation by a vector of each picture.
func TestRowsOfPictures(t *testing.T) {
	for _, s := range [][]int{{3, 5, 4, 8}, {20, 8, 8, 16}, {2, 40, 40, 8}} {
		g := graph.New()
		x := g.Input("x", s...)
		c := s[3]
		y := standardised(x.Reshape(s[0], s[1]*s[2], 4, c/4), 1, 3).Reshape(s...)
		gain, bias := g.Input("gain", s[0], 1, 1, c), g.Input("bias", s[0], 1, 1, c)
		y = y.Mul(gain.AddScalar(1)).Add(bias.Tanh())
		y = y.Mul(y.Sigmoid())
		loss := y.Mul(g.Input("dy", s...)).Sum()
		agree(t, append([]*graph.Value{y, loss}, graph.Grad(loss, x, gain, bias)...), nil, 5e-4)
	}
}

// A state that rows read is updated after them.
func TestRowsBeforeUpdate(t *testing.T) {
	g := graph.New()
	w := g.State("w", 60, 70)
	y := standardised(w, -1)
	agree(t, []*graph.Value{y.ReduceSum(0), y}, []compile.Update{{State: w, Value: w.Add(y.Softmax())}}, 1e-4)
}

func TestRowsAllocateNothing(t *testing.T) {
	g := graph.New()
	y := standardised(g.Normal("x", 90, 70), -1).Softmax()
	p, err := compile.Compile([]*graph.Value{y.ReduceSum(0)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	pool := NewPool(2)
	defer pool.Close()
	e, err := Load(p, nil, pool)
	if err != nil {
		t.Fatal(err)
	}
	step := uint32(0)
	if n := testing.AllocsPerRun(50, func() {
		step++
		if err := e.Run(1, step); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("a run allocates %v times", n)
	}
}
