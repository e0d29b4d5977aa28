package graph_test

import (
	"testing"

	"github.com/limner-ai/limner/engine/graph"
)

// problems are the primitives' gradient checks; each builds its primitive
// last. Those without a rule stand here too: their gradient is zero.
func problems() map[graph.Op][]problem {
	all := map[graph.Op][]problem{}
	for _, part := range []map[graph.Op][]problem{elementwise(), layout(), reductions(), contractions(), convolutions(), attentions(), rotaries()} {
		for op, ps := range part {
			all[op] = append(all[op], ps...)
		}
	}
	return all
}

func TestGradients(t *testing.T) {
	all := problems()
	flat := map[graph.Op]bool{
		graph.OpSign: true, graph.OpFloor: true,
		graph.OpLess: true, graph.OpLessEqual: true, graph.OpEqual: true,
		graph.OpStopGradient: true, // differences know nothing of it: see grad_test.go
	}
	for _, op := range graph.Ops() {
		if want := !op.Leaf() && !flat[op]; graph.Differentiable(op) != want {
			t.Errorf("%v has a rule: %v, want %v", op, !want, want)
		}
		if len(all[op]) == 0 && !op.Leaf() && op != graph.OpStopGradient {
			t.Errorf("the gradient of %v is not checked", op)
		}
		for _, p := range all[op] {
			t.Run(op.String()+"/"+p.name, func(t *testing.T) {
				if y := p.run(t); y.Op() != op {
					t.Errorf("the problem makes a %v", y.Op())
				}
			})
		}
	}
}

func unary(f func(*graph.Value) *graph.Value, positive bool) []problem {
	return []problem{{
		shapes: shapes(s(2, 3)), positive: positive,
		build: func(x []*graph.Value) *graph.Value { return f(x[0]) },
	}}
}

func binary(f func(v, w *graph.Value) *graph.Value) []problem {
	build := func(x []*graph.Value) *graph.Value { return f(x[0], x[1]) }
	return []problem{
		{name: "same", shapes: shapes(s(2, 3), s(2, 3)), build: build},
		{name: "broadcast", shapes: shapes(s(2, 1, 3), s(4, 1)), build: build},
		{name: "scalar", shapes: shapes(s(2, 3), s()), build: build},
	}
}

func elementwise() map[graph.Op][]problem {
	type v = *graph.Value
	return map[graph.Op][]problem{
		graph.OpNeg:       unary(v.Neg, false),
		graph.OpAbs:       unary(v.Abs, false),
		graph.OpSign:      unary(v.Sign, false),
		graph.OpSqrt:      unary(v.Sqrt, true),
		graph.OpRsqrt:     unary(v.Rsqrt, true),
		graph.OpExp:       unary(v.Exp, false),
		graph.OpLog:       unary(v.Log, true),
		graph.OpSin:       unary(v.Sin, false),
		graph.OpCos:       unary(v.Cos, false),
		graph.OpTanh:      unary(v.Tanh, false),
		graph.OpSigmoid:   unary(v.Sigmoid, false),
		graph.OpSoftplus:  unary(v.Softplus, false),
		graph.OpErf:       unary(v.Erf, false),
		graph.OpFloor:     unary(v.Floor, false),
		graph.OpLeakyReLU: append(unary(leaky(.2), false), append(unary(leaky(0), false), unary(leaky(1), false)...)...),
		graph.OpAdd:       binary(v.Add),
		graph.OpSub:       binary(v.Sub),
		graph.OpMul:       append(binary(v.Mul), unary(v.Square, false)...),
		graph.OpDiv:       binary(v.Div),
		graph.OpMax:       binary(v.Max),
		graph.OpMin:       binary(v.Min),
		graph.OpLess:      append(binary(v.Less), binary(v.Greater)...),
		graph.OpLessEqual: binary(v.LessEqual),
		graph.OpEqual:     binary(func(a, b v) v { return a.MulScalar(.5).Floor().Equal(b.MulScalar(.5).Floor()) })[:2],
		graph.OpSelect: {
			{name: "same", shapes: shapes(s(2, 3), s(2, 3), s(2, 3)), build: branch},
			{name: "broadcast", shapes: shapes(s(3), s(2, 1), s()), build: branch},
		},
	}
}

func leaky(slope float32) func(*graph.Value) *graph.Value {
	return func(v *graph.Value) *graph.Value { return v.LeakyReLU(slope) }
}

// branch takes a² or ab by the sign of c, which itself gets no gradient.
func branch(x []*graph.Value) *graph.Value {
	c, a, b := x[0], x[1], x[2]
	return graph.Select(c.AddScalar(.01).Less(c.MulScalar(0)), a.Square(), a.Mul(b))
}
