package graph

import "github.com/limner-ai/limner/engine/tensor"

// Grad returns ∂y/∂x for each x, in the shape of x: zeros where y does not
// depend on it. y is a scalar. The result is an ordinary part of the graph
// and can be differentiated again.
func Grad(y *Value, xs ...*Value) []*Value {
	if y.shape.Size() != 1 {
		panic(&ShapeError{Op: y.op, Shapes: []tensor.Shape{y.shape}, Detail: "the gradient is taken of one number"})
	}
	return VJP(y, y.like(1), xs...)
}

// VJP returns the vector-Jacobian product ctᵀ·∂y/∂x for each x, where ct has
// the shape of y.
func VJP(y, ct *Value, xs ...*Value) []*Value {
	if !ct.shape.Equal(y.shape) {
		mismatch(y.op, "the cotangent has another shape", y, ct)
	}
	// Only values that lie between some x and y carry a cotangent.
	g := y.graph
	reached := make([]bool, y.id+1)
	for _, x := range xs {
		if x.graph != g {
			mismatch(y.op, "the gradient is asked for in a value of another graph", y, x)
		}
		if x.id <= y.id {
			reached[x.id] = true
		}
	}
	for _, v := range g.values[:y.id+1] {
		if v.op == OpStopGradient {
			continue
		}
		for _, in := range v.in {
			if reached[in.id] {
				reached[v.id] = true
				break
			}
		}
	}
	cts := make([]*Value, y.id+1)
	cts[y.id] = ct
	// The rules append to g.values, so walk a fixed prefix, from the end.
	for id := y.id; id >= 0; id-- {
		v, c := g.values[id], cts[id]
		if c == nil || !reached[id] || v.op.Leaf() {
			continue
		}
		rule := vjps[v.op]
		if rule == nil {
			continue
		}
		for i, in := range v.in {
			if !reached[in.id] {
				continue
			}
			d := rule(v, c, i)
			switch {
			case d == nil:
			case cts[in.id] == nil:
				cts[in.id] = d
			default:
				cts[in.id] = cts[in.id].Add(d)
			}
		}
	}
	out := make([]*Value, len(xs))
	for i, x := range xs {
		if x.id <= y.id && cts[x.id] != nil {
			out[i] = cts[x.id]
		} else {
			out[i] = x.like(0)
		}
	}
	return out
}
