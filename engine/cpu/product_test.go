package cpu

import (
	"testing"

	"github.com/limner-ai/limner/engine/compile"
	"github.com/limner-ai/limner/engine/graph"
)

// Sums of products and of negatives agree with the interpreter along rows,
// down rows, over everything and in every split, and products that are wanted
// themselves, or whose factors are overwritten, are still made.
func TestProducts(t *testing.T) {
	for _, shape := range [][]int{{1, 5}, {7, 3}, {40, 16}, {3, 100, 20}, {2, 3000}, {3000, 2}, {2500, 64}, {2, 2, 5000}, {70000}} {
		g := graph.New()
		x, y := g.Input("x", shape...), g.Input("y", shape...)
		for axis := range shape {
			p, q := x.Mul(y), x.Mul(x)
			agree(t, []*graph.Value{p.ReduceSum(axis)}, nil, 2e-5)
			agree(t, []*graph.Value{q.ReduceSum(axis), p.Neg().ReduceSum(axis), p.ReduceSum(axis)}, nil, 2e-5)
			agree(t, []*graph.Value{p, p.ReduceSum(axis), p.ReduceMax(axis)}, nil, 2e-5)
			z := x.Add(y)
			agree(t, []*graph.Value{z.Neg().ReduceSum(axis), z, z.Neg().ReduceMax(axis)}, nil, 2e-5)
			agree(t, []*graph.Value{z.Mul(x).Neg().ReduceSum(axis), z.Mul(y).ReduceSum(axis)}, nil, 2e-5)
		}
	}
}

// Sums that are scaled by a number each, and squares' derivatives.
func TestScaledSumsAndSquares(t *testing.T) {
	for _, cols := range []int{3, 20, 300, 5000} {
		g := graph.New()
		x, y, s := g.Input("x", 40, cols), g.Input("y", 40, cols), g.Input("s", 40, 1).Square().AddScalar(.5)
		for _, v := range []*graph.Value{x.Mul(y).Div(s).Neg(), x.Mul(s).Exp().Mul(s), x.Div(s).Mul(s), x.Add(y).Neg().Div(s)} {
			agree(t, []*graph.Value{v.ReduceSum(1)}, nil, 2e-5)
			agree(t, []*graph.Value{v.ReduceSum(1), v.ReduceSum(0), v.Sum()}, nil, 2e-5)
		}
		p := x.Mul(y)
		agree(t, []*graph.Value{x.Mul(s).Add(p).Add(p)}, nil, 2e-5)
		agree(t, []*graph.Value{p.Add(p.Add(y)), p.Add(y).ReduceSum(1)}, nil, 2e-5)
		q := x.Mul(s)
		agree(t, []*graph.Value{y.Add(q).Add(q), q.Add(q)}, nil, 2e-5)
		agree(t, []*graph.Value{q.Add(y.Add(q))}, nil, 2e-5)
	}
	g := graph.New()
	x, y := g.Input("x", 900), g.Input("y", 900)
	p := x.Mul(y)
	if n := kernelsOf(t, y.Exp().Add(p).Add(p)); n != 2 {
		t.Errorf("an exponential and a product added twice take %d kernels, want 2", n)
	}
}

// Products and negatives that only sums need are not made.
func TestProductsAreNotMade(t *testing.T) {
	g := graph.New()
	x, y := g.Input("x", 300, 20), g.Input("y", 300, 20)
	p := x.Mul(y)
	for name, c := range map[string]struct {
		v       []*graph.Value
		kernels int
	}{"product": {[]*graph.Value{p.ReduceSum(1)}, 0}, "negative": {[]*graph.Value{p.Neg().ReduceSum(0)}, 0}, "wanted": {[]*graph.Value{p, p.ReduceSum(1)}, 1},
		"maximum": {[]*graph.Value{p.ReduceMax(1)}, 1}, "both": {[]*graph.Value{p.ReduceSum(1), p.Neg().ReduceSum(1)}, 1}} {
		if n := kernelsOf(t, c.v...); n != c.kernels {
			t.Errorf("%s takes %d kernels, want %d", name, n, c.kernels)
		}
	}
}

// A state that is replaced is a factor with its old value.
func TestProductsOfStates(t *testing.T) {
	for _, shape := range [][]int{{30, 20}, {3000}, {5000, 8}} {
		g := graph.New()
		s, x := g.State("s", shape...), g.Input("x", shape...)
		next := s.Mul(x.AddScalar(1))
		agree(t, []*graph.Value{s.Mul(x).ReduceSum(0), next.Mul(s).Neg().ReduceSum(0)}, []compile.Update{{State: s, Value: next}}, 2e-5)
	}
}

func TestSoftmaxRows(t *testing.T) {
	for _, cols := range []int{1, 7, 16, 100, 256, 1000, 1500} {
		g := graph.New()
		x, d := g.Input("x", 50, cols), g.Input("d", 50, cols)
		y := x.MulScalar(3).Softmax()
		agree(t, []*graph.Value{y, graph.VJP(y, d, x)[0], x.LogSoftmax(), x.Sub(x.ReduceMax(-1)).Exp()}, nil, 2e-5)
	}
}
