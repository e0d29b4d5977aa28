package graph_test

import (
	"math"
	"testing"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/tensor"
)

// hidden hides the last key of the second query, and all keys of the third.
func hidden(g *graph.Graph) *graph.Value {
	inf := float32(math.Inf(-1))
	return g.Constant(tensor.From([]float32{0, .5, -1, inf, inf, inf}, 1, 1, 3, 2))
}

func biasOf(in []*graph.Value) *graph.Value {
	if len(in) < 4 {
		return nil
	}
	return in[3]
}

func attentions() map[graph.Op][]problem {
	type v = *graph.Value
	all := map[graph.Op][]problem{}
	add := func(op graph.Op, p problem) { all[op] = append(all[op], p) }
	own, cross := shapes(s(1, 2, 2), s(1, 2, 2), s(1, 2, 2)), shapes(s(1, 3, 2), s(1, 2, 2), s(1, 2, 2))
	for _, c := range []struct {
		name   string
		shapes []tensor.Shape
		heads  int
		bias   func(x []v) v // nil: the fourth variable, if there is one
	}{
		{"one head", own, 1, nil},
		{"two heads", cross, 2, nil},
		{"masked", cross, 2, func(x []v) v { return hidden(x[0].Graph()) }},
		{"biased", append(own[:3:3], s(1, 1, 1, 2)), 1, nil},
		{"wholly biased", append(own[:3:3], s(1, 2, 2, 2)), 2, nil},
	} {
		operands := func(x []v) []v {
			if c.bias != nil {
				return append(x[:3:3], c.bias(x))
			}
			return x[:len(c.shapes)]
		}
		add(graph.OpAttention, problem{name: c.name, shapes: c.shapes, build: func(x []v) v {
			in := operands(x)
			return graph.Attention(in[0], in[1], in[2], biasOf(in), c.heads)
		}})
		if c.name != "masked" { // its log-sum-exp is infinite
			add(graph.OpAttentionLSE, problem{name: c.name, shapes: c.shapes, build: func(x []v) v {
				return graph.AttentionLSE(operands(x), c.heads)
			}})
		}
		for op := graph.OpAttentionGradQ; op <= graph.OpAttentionGradV; op++ {
			// The cotangent is the last variable.
			add(op, problem{name: c.name, shapes: append(c.shapes[:len(c.shapes):len(c.shapes)], c.shapes[0]), build: func(x []v) v {
				in := operands(x)
				o := graph.Attention(in[0], in[1], in[2], biasOf(in), c.heads)
				return graph.AttentionGrad(op, in, o, graph.AttentionLSE(in, c.heads), x[len(x)-1], c.heads)
			}})
		}
	}
	add(graph.OpAttention, problem{name: "itself", shapes: shapes(s(1, 2, 2)), build: func(x []v) v {
		return graph.Attention(x[0], x[0], x[0].Square(), nil, 1)
	}})
	return all
}

func attentionMistakes() map[graph.Op][]mistake {
	type in = func(dims ...int) *graph.Value
	one := func(text string, f func(in in)) mistake { return mistake{text, f, []string{text}} }
	all := map[graph.Op][]mistake{
		graph.OpAttention: {
			one("[2 3]", func(in in) { graph.Attention(in(2, 3), in(2, 3, 4), in(2, 3, 4), nil, 1) }),
			one("[2 5 4]", func(in in) { graph.Attention(in(2, 3, 4), in(2, 3, 4), in(2, 5, 4), nil, 1) }),
			one("[1 3 4]", func(in in) { graph.Attention(in(2, 3, 4), in(1, 3, 4), in(1, 3, 4), nil, 1) }),
			one("[2 3 6]", func(in in) { graph.Attention(in(2, 3, 4), in(2, 3, 6), in(2, 3, 6), nil, 1) }),
			one("3 heads", func(in in) { graph.Attention(in(2, 3, 4), in(2, 3, 4), in(2, 3, 4), nil, 3) }),
			one("0 heads", func(in in) { graph.Attention(in(2, 3, 4), in(2, 3, 4), in(2, 3, 4), nil, 0) }),
			one("0 keys", func(in in) { graph.Attention(in(2, 3, 4), in(2, 0, 4), in(2, 0, 4), nil, 1) }),
			one("[2 2 3 5]", func(in in) {
				graph.Attention(in(2, 3, 4), in(2, 5, 4), in(2, 5, 4), in(2, 2, 3, 1), 2)
			}),
			one("[1 3 1 5]", func(in in) {
				graph.Attention(in(2, 3, 4), in(2, 5, 4), in(2, 5, 4), in(1, 3, 1, 5), 2)
			}),
			one("[2 5]", func(in in) { graph.Attention(in(2, 3, 4), in(2, 5, 4), in(2, 5, 4), in(2, 5), 2) }),
		},
		graph.OpAttentionLSE: {one("[2 3]", func(in in) {
			graph.AttentionLSE([]*graph.Value{in(2, 3), in(2, 3, 4), in(2, 3, 4)}, 1)
		})},
	}
	for op := graph.OpAttentionGradQ; op <= graph.OpAttentionGradV; op++ {
		try := func(text string, o, lse, ct tensor.Shape) mistake {
			return one(text, func(in in) {
				x := in(2, 3, 4)
				graph.AttentionGrad(op, []*graph.Value{x, x, x}, in(o...), in(lse...), in(ct...), 2)
			})
		}
		all[op] = []mistake{
			try("[2 3 5]", s(2, 3, 5), s(2, 2, 3), s(2, 3, 4)),
			try("[2 3 2]", s(2, 3, 4), s(2, 3, 2), s(2, 3, 4)),
			try("[2 4 3]", s(2, 3, 4), s(2, 2, 3), s(2, 4, 3)),
		}
	}
	return all
}

// A gradient in q must not see that k is computed from it, nor the other way.
func TestAttentionOfRelatedOperands(t *testing.T) {
	problem{shapes: shapes(s(1, 2, 2)), order: 3, build: func(x []*graph.Value) *graph.Value {
		q := x[0].Sin()
		k := q.Mul(x[0])
		return graph.Attention(q, k, k.Exp(), nil, 1)
	}}.run(t)
}
