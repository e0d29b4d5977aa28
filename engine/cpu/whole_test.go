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

// Softmax, norm and their gradients go to their kernels, whatever the rows; what
// only looks like one does not.
func TestWholeRows(t *testing.T) {
	for _, s := range [][]int{{40, 30}, {7, 2}, {500, 3}, {90, 257}, {9, 2048}, {3, 5000}, {17, wholeMost}, {17, wholeMost + 1}, {4, 5, 6, 20}} {
		g := graph.New()
		x, dy := g.Input("x", s...), g.Input("dy", s...)
		m := x.ReduceMax(-1)
		e := x.Sub(m).Exp()
		y := e.Div(e.ReduceSum(-1))
		dx := graph.VJP(y, dy, x)[0]
		soft := x.Softmax()
		softGrad := graph.VJP(soft, dy, x)[0]
		norm := standardised(x, -1)
		normGrad := graph.VJP(norm, dy, x)[0]
		mean := x.ReduceMean(-1)
		d := x.Sub(mean)
		variance := d.Square().ReduceMean(-1)
		fits := s[len(s)-1] <= wholeMost
		for name, c := range map[string]struct {
			v    []*graph.Value
			want bool
		}{
			"softmax":                {[]*graph.Value{soft}, fits},
			"softmax, gradient":      {[]*graph.Value{soft, softGrad}, fits},
			"gradient of softmax":    {[]*graph.Value{softGrad}, fits},
			"with its maximum":       {[]*graph.Value{y, m}, false},
			"with its sum":           {[]*graph.Value{y, e.ReduceSum(-1)}, false},
			"with its power":         {[]*graph.Value{y, e}, false},
			"gradient, power":        {[]*graph.Value{y, e, dx}, false},
			"over the maximum":       {[]*graph.Value{e.Div(e.ReduceMax(-1))}, false},
			"less the mean":          {[]*graph.Value{x.Sub(mean).Exp().Div(x.Sub(mean).Exp().ReduceSum(-1))}, false},
			"norm":                   {[]*graph.Value{norm}, fits},
			"norm, gradient":         {[]*graph.Value{norm, normGrad}, fits},
			"gradient of norm":       {[]*graph.Value{normGrad}, fits},
			"norm, mean":             {[]*graph.Value{norm, mean}, false},
			"norm, differences":      {[]*graph.Value{norm, d}, false},
			"norm, variance":         {[]*graph.Value{norm, d.Square().ReduceSum(-1)}, false},
			"root of squares":        {[]*graph.Value{x.Mul(x.Square().ReduceMean(-1).AddScalar(1e-2).Rsqrt())}, false},
			"another number of them": {[]*graph.Value{d.Mul(d.Square().ReduceSum(-1).MulScalar(0.7).AddScalar(1e-2).Rsqrt())}, false},
			"divided":                {[]*graph.Value{d.Div(variance.AddScalar(1e-2).Sqrt())}, false},
		} {
			t.Run(fmt.Sprint(name, s), func(t *testing.T) {
				runners := runnersOf(t, c.v...)
				_, got := runners[0].(*whole)
				if got != c.want || got && len(runners) != 1 {
					t.Errorf("%d runners, the first is %T", len(runners), runners[0])
				}
				if s[0]*s[1] <= 20000 || s[0] == 90 {
					agree(t, c.v, nil, 5e-5)
				}
			})
		}
	}
}

// Every task of a long input, and a last one that is shorter than a turn.
func TestWholeRowsTasks(t *testing.T) {
	g := graph.New()
	x, dy := g.Input("x", 331, 250), g.Input("dy", 331, 250)
	for _, y := range []*graph.Value{x.Softmax(), standardised(x, -1)} {
		dx := graph.VJP(y, dy, x)[0]
		agree(t, []*graph.Value{y, dx}, nil, 5e-5)
		agree(t, []*graph.Value{dx}, nil, 5e-5)
	}
}

// The result takes the place of a state, whose old value is what is read.
func TestWholeRowsOfState(t *testing.T) {
	g := graph.New()
	w := g.State("w", 60, 70)
	for _, y := range []*graph.Value{w.Softmax(), standardised(w, -1)} {
		agree(t, []*graph.Value{y.Neg()}, []compile.Update{{State: w, Value: y}}, 5e-5)
		agree(t, []*graph.Value{y}, []compile.Update{{State: w, Value: y}}, 5e-5)
	}
}

func TestWholeRowsAllocateNothing(t *testing.T) {
	g := graph.New()
	x, dy := g.Input("x", 331, 250), g.Input("dy", 331, 250)
	outputs := []*graph.Value{graph.VJP(x.Softmax(), dy, x)[0], graph.VJP(standardised(x, -1), dy, x)[0]}
	p, err := compile.Compile(outputs, nil)
	if err != nil {
		t.Fatal(err)
	}
	pool := NewPool(2)
	defer pool.Close()
	e, err := Load(p, nil, pool)
	if err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(50, func() {
		if err := e.Run(1, 1); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("a run allocates %v times", n)
	}
}
