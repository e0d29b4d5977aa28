package graph_test

import (
	"fmt"

	"github.com/limner-ai/limner/engine/graph"
)

// squared makes the layout primitives' operand depend on x other than
// linearly, so that a second derivative passes through them.
func squared(name string, f func(v *graph.Value) *graph.Value, dims ...int) problem {
	return problem{
		name: name, shapes: shapes(dims),
		build: func(x []*graph.Value) *graph.Value { return f(x[0].Square()) },
	}
}

func layout() map[graph.Op][]problem {
	type v = *graph.Value
	all := map[graph.Op][]problem{
		graph.OpBroadcast: {
			squared("first", func(x v) v { return x.BroadcastTo(3, 2, 2) }, 1, 2, 2),
			squared("middle", func(x v) v { return x.BroadcastTo(2, 3, 2) }, 2, 1, 2),
			squared("last", func(x v) v { return x.BroadcastTo(2, 2, 3) }, 2, 2, 1),
			squared("outer", func(x v) v { return x.BroadcastTo(3, 2, 4) }, 1, 2, 1),
			squared("new axes", func(x v) v { return x.BroadcastTo(2, 3, 2) }, 2),
			squared("scalar", func(x v) v { return x.BroadcastTo(2, 3) }),
		},
		graph.OpReshape: {
			squared("split", func(x v) v { return x.Reshape(2, -1, 2) }, 4, 3),
			squared("flat", func(x v) v { return x.Reshape(-1) }, 2, 3),
			squared("scalar", func(x v) v { return x.Reshape() }, 1, 1),
		},
		graph.OpSlice: {
			squared("front", func(x v) v { return x.Slice(0, 0, 2) }, 3, 2),
			squared("back", func(x v) v { return x.Slice(-1, 1, 3) }, 2, 3),
		},
		graph.OpPad: {
			squared("front", func(x v) v { return x.Pad(0, 2, 0) }, 2, 3),
			squared("back", func(x v) v { return x.Pad(-1, 0, 1) }, 2, 3),
			squared("between", func(x v) v {
				return x.PadAll(graph.PadAttr{Low: []int{0, 1}, High: []int{2, 0}, Interior: []int{1, 2}})
			}, 3, 2),
			squared("between one", func(x v) v {
				return x.PadAll(graph.PadAttr{Low: []int{1, 0}, High: []int{0, 0}, Interior: []int{2, 1}})
			}, 1, 2),
		},
		graph.OpReverse: {
			squared("first", func(x v) v { return x.Reverse(0) }, 3, 2),
			squared("last", func(x v) v { return x.Reverse(-1) }, 2, 3),
		},
	}
	for _, perm := range [][]int{{0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} {
		all[graph.OpTranspose] = append(all[graph.OpTranspose],
			squared(fmt.Sprint(perm), func(x v) v { return x.Transpose(perm...) }, 2, 3, 4))
	}
	// Steps that do and do not divide what is left of the axis.
	for _, step := range []int{1, 2, 3} {
		for limit := 4; limit <= 7; limit++ {
			all[graph.OpSlice] = append(all[graph.OpSlice],
				squared(fmt.Sprintf("1:%d:%d", limit, step), func(x v) v {
					return x.SliceAll(graph.SliceAttr{Start: []int{1, 0}, Limit: []int{limit, 2}, Stride: []int{step, 1}})
				}, 7, 2))
		}
	}
	for axis := range 3 {
		a, b := s(2, 3, 2), s(2, 3, 2)
		b[axis] = 1
		all[graph.OpConcat] = append(all[graph.OpConcat], problem{
			name: fmt.Sprint(axis), shapes: shapes(a, b),
			build: func(x []v) v { return graph.Concat(axis, x[1].Square(), x[0].Square(), x[1].Sin()) },
		})
	}
	return all
}

func reductions() map[graph.Op][]problem {
	type v = *graph.Value
	all := map[graph.Op][]problem{}
	for subset := 1; subset < 8; subset++ {
		var axes []int
		for a := range 3 {
			if subset>>a&1 == 1 {
				axes = append(axes, a)
			}
		}
		name := fmt.Sprint(axes)
		all[graph.OpReduceSum] = append(all[graph.OpReduceSum],
			squared(name, func(x v) v { return x.ReduceSum(axes...) }, 2, 3, 2))
		all[graph.OpReduceMax] = append(all[graph.OpReduceMax],
			squared(name, func(x v) v { return x.ReduceMax(axes...) }, 2, 3, 2))
	}
	return all
}
