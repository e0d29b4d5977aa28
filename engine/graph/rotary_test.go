package graph_test

import (
	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/tensor"
)

func rotaries() map[graph.Op][]problem {
	type v = *graph.Value
	all := map[graph.Op][]problem{}
	for _, c := range []struct {
		name   string
		shapes []tensor.Shape
		attr   graph.RotaryAttr
	}{
		{"one pair", shapes(s(2, 2, 2), s(2), s(2, 1), s(2, 1)), graph.RotaryAttr{Heads: 1, Groups: 1, Eps: .1}},
		{"heads", shapes(s(1, 2, 4), s(2), s(2, 1), s(2, 1)), graph.RotaryAttr{Heads: 2, Groups: 1, Eps: .01}},
		{"groups", shapes(s(1, 1, 8), s(8), s(1, 4), s(1, 4)), graph.RotaryAttr{Heads: 1, Groups: 2, Eps: .1}},
	} {
		all[graph.OpRotary] = append(all[graph.OpRotary], problem{name: c.name, shapes: c.shapes, build: func(x []v) v {
			return graph.Rotary(x[0], x[1], x[2], x[3], c.attr)
		}})
		for op := graph.OpRotaryGradX; op <= graph.OpRotaryGradScale; op++ {
			all[op] = append(all[op], problem{name: c.name, shapes: append(c.shapes[:4:4], c.shapes[0]), build: func(x []v) v {
				return graph.RotaryGrad(op, x[:4], x[4], c.attr)
			}})
		}
	}
	return all
}

func rotaryMistakes() map[graph.Op][]mistake {
	try := func(text string, x, scale, cos, sin tensor.Shape, a graph.RotaryAttr) mistake {
		return mistake{text, func(in func(dims ...int) *graph.Value) {
			graph.Rotary(in(x...), in(scale...), in(cos...), in(sin...), a)
		}, []string{text}}
	}
	two := graph.RotaryAttr{Heads: 2, Groups: 1}
	all := map[graph.Op][]mistake{graph.OpRotary: {
		try("[3 8]", s(3, 8), s(4), s(3, 2), s(3, 2), two),
		try("0 heads", s(1, 3, 8), s(4), s(3, 2), s(3, 2), graph.RotaryAttr{Groups: 1}),
		try("0 groups", s(1, 3, 8), s(4), s(3, 2), s(3, 2), graph.RotaryAttr{Heads: 1}),
		try("[1 3 6]", s(1, 3, 6), s(3), s(3, 1), s(3, 1), two),
		try("[1 3 0]", s(1, 3, 0), s(0), s(3, 0), s(3, 0), two),
		try("[8]", s(1, 3, 8), s(8), s(3, 2), s(3, 2), two),
		try("[2 2]", s(1, 3, 8), s(4), s(2, 2), s(3, 2), two),
		try("[3 4]", s(1, 3, 8), s(4), s(3, 2), s(3, 4), two),
	}}
	for op := graph.OpRotaryGradX; op <= graph.OpRotaryGradScale; op++ {
		all[op] = []mistake{{"cotangent", func(in func(dims ...int) *graph.Value) {
			graph.RotaryGrad(op, []*graph.Value{in(1, 3, 8), in(4), in(3, 2), in(3, 2)}, in(1, 2, 8), two)
		}, []string{"[1 2 8]"}}, {"operands", func(in func(dims ...int) *graph.Value) {
			graph.RotaryGrad(op, []*graph.Value{in(1, 3, 8), in(5), in(3, 2), in(3, 2)}, in(1, 3, 8), two)
		}, []string{"[5]"}}}
	}
	return all
}
