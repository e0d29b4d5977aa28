package cpu

import (
	"fmt"
	"testing"

	"github.com/limner-ai/limner/engine/compile"
	"github.com/limner-ai/limner/engine/graph"
)

// runnersOf loads a program of the outputs.
func runnersOf(t *testing.T, outputs ...*graph.Value) []runner {
	t.Helper()
	p, err := compile.Compile(outputs, nil)
	if err != nil {
		t.Fatal(err)
	}
	pool := NewPool(1)
	defer pool.Close()
	e, err := Load(p, nil, pool)
	if err != nil {
		t.Fatal(err)
	}
	return e.runners
}

// A softmax and its gradient go to their kernels, whatever the rows; what only
// looks like one does not.
func TestSoftmax(t *testing.T) {
	for _, s := range [][]int{{40, 30}, {7, 2}, {500, 3}, {90, 257}, {9, 2048}, {3, 5000}, {17, softmaxMost}, {17, softmaxMost + 1}, {4, 5, 6, 20}} {
		g := graph.New()
		x := g.Input("x", s...)
		y := x.Softmax()
		d := graph.VJP(y, g.Input("dy", s...), x)[0]
		m := x.ReduceMax(-1)
		e := x.Sub(m).Exp()
		whole := s[len(s)-1] <= softmaxMost
		for name, c := range map[string]struct {
			v    []*graph.Value
			want bool
		}{
			"softmax":        {[]*graph.Value{y}, whole},
			"with gradient":  {[]*graph.Value{y, d}, whole},
			"gradient alone": {[]*graph.Value{d}, whole},
			"its maximum":    {[]*graph.Value{e.Div(e.ReduceSum(-1)), m}, false},
			"its sum":        {[]*graph.Value{e.Div(e.ReduceSum(-1)), e.ReduceSum(-1)}, false},
			"its power":      {[]*graph.Value{e.Div(e.ReduceSum(-1)), e}, false},
			"of the maximum": {[]*graph.Value{e.Div(e.ReduceMax(-1))}, false},
			"of itself":      {[]*graph.Value{e.Div(x.ReduceSum(-1).Add(e.ReduceSum(-1)))}, false},
		} {
			t.Run(fmt.Sprint(name, s), func(t *testing.T) {
				runners := runnersOf(t, c.v...)
				_, got := runners[0].(*softmax)
				if got != c.want || got && len(runners) != 1 {
					t.Errorf("%d runners, the first is %T", len(runners), runners[0])
				}
				if s[0]*s[1] > 20000 {
					return // slow to check
				}
				if name != "of itself" { // may divide by 0
					agree(t, c.v, nil, 2e-5)
				}
			})
		}
	}
}

// The result may take the place of a state, whose old value is the input.
func TestSoftmaxOfState(t *testing.T) {
	g := graph.New()
	w := g.State("w", 60, 70)
	agree(t, []*graph.Value{w.Softmax()}, []compile.Update{{State: w, Value: w.Softmax()}}, 1e-5)
}
