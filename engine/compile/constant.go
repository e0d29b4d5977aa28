package compile

import (
	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/graph/reference"
	"github.com/limner-ai/limner/engine/tensor"
)

// foldMax bounds what is evaluated here: a constant is memory for good.
const foldMax = 1 << 20 // elements

// constants evaluates, once and in float64, the values that depend on nothing
// but constants and are used by something that does not. What only they used
// is needed no more.
func constants(values []*graph.Value, needed, roots []bool) map[*graph.Value]*tensor.Tensor {
	constant := make([]bool, len(values))
	use := make([]bool, len(values)) // by something that is not constant
	for id, v := range values {
		if !needed[id] {
			continue
		}
		constant[id] = foldable(v)
		for _, in := range v.Inputs() {
			constant[id] = constant[id] && constant[in.ID()]
		}
		if roots[id] {
			use[id] = true
		}
		if !constant[id] {
			for _, in := range v.Inputs() {
				use[in.ID()] = true
			}
		}
	}
	out := map[*graph.Value]*tensor.Tensor{}
	var wanted []*graph.Value
	for id := len(values) - 1; id >= 0; id-- {
		v := values[id]
		if !constant[id] || !use[id] {
			needed[id] = needed[id] && !constant[id]
			continue
		}
		switch v.Op() {
		case graph.OpConstant, graph.OpFull:
			continue
		case graph.OpBroadcast, graph.OpReshape:
			use[v.Inputs()[0].ID()] = true // another view of the same numbers
			continue
		}
		wanted = append(wanted, v)
	}
	arrays, err := reference.Eval(wanted, reference.Env{})
	if err != nil {
		return out // the program computes them; whatever is wrong shows there
	}
	for i, a := range arrays {
		out[wanted[i]] = a.Tensor()
	}
	return out
}

// foldable reports whether a value may be evaluated when its operands are.
// Contractions are not: the interpreter is slow at them.
func foldable(v *graph.Value) bool {
	switch v.Op() {
	case graph.OpConstant, graph.OpFull, graph.OpBroadcast, graph.OpReshape:
		return true
	case graph.OpTranspose, graph.OpSlice, graph.OpPad, graph.OpConcat, graph.OpReverse,
		graph.OpReduceSum, graph.OpReduceMax, graph.OpGather:
	default:
		if !v.Op().Elementwise() {
			return false
		}
	}
	for _, in := range v.Inputs() {
		if in.Shape().Size() > foldMax {
			return false
		}
	}
	return v.Shape().Size() <= foldMax
}

// constantNode is what stands for an evaluated value.
func constantNode(t *tensor.Tensor, shape tensor.Shape) *node {
	for _, x := range t.Data {
		if x != t.Data[0] {
			return &node{op: graph.OpConstant, shape: shape, attr: graph.TensorAttr{Tensor: t}}
		}
	}
	if len(t.Data) == 0 {
		return &node{op: graph.OpConstant, shape: shape, attr: graph.TensorAttr{Tensor: t}}
	}
	return &node{op: graph.OpFull, shape: shape, attr: graph.FullAttr{Value: t.Data[0]}}
}
