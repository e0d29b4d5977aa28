package graph

import (
	"slices"

	"github.com/limner-ai/limner/engine/tensor"
)

// AxesAttr is the attribute of the reductions: sorted axes.
type AxesAttr struct{ Axes []int }

// ReduceSum adds up the given axes (all, if none is named), which stay with
// extent 1.
func (v *Value) ReduceSum(axes ...int) *Value { return v.reduce(OpReduceSum, axes) }

// ReduceMax takes the largest over the given axes (all, if none is named),
// which stay with extent 1. Equal maxima share the gradient.
func (v *Value) ReduceMax(axes ...int) *Value { return v.reduce(OpReduceMax, axes) }

func (v *Value) reduce(op Op, axes []int) *Value {
	axes = v.axes(op, axes)
	to := v.shape.Clone()
	same := true
	for _, a := range axes {
		same = same && to[a] == 1
		to[a] = 1
	}
	if same {
		return v
	}
	if v.shape.Size() == 0 {
		mismatch(op, "nothing to reduce", v)
	}
	return v.graph.add(op, to, AxesAttr{axes}, v)
}

// axes normalises a list of axes; an empty list means all.
func (v *Value) axes(op Op, axes []int) []int {
	var out []int
	if len(axes) == 0 {
		for i := range v.shape {
			out = append(out, i)
		}
		return out
	}
	for _, a := range axes {
		out = append(out, v.axis(op, a))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Sum adds up everything to a scalar.
func (v *Value) Sum() *Value { return v.ReduceSum().Reshape() }

// Mean averages everything to a scalar.
func (v *Value) Mean() *Value { return v.Sum().MulScalar(1 / float32(v.shape.Size())) }

// ReduceMean averages over the given axes, which stay with extent 1.
func (v *Value) ReduceMean(axes ...int) *Value {
	n := 1
	for _, a := range v.axes(OpReduceSum, axes) {
		n *= v.shape[a]
	}
	return v.ReduceSum(axes...).MulScalar(1 / float32(n))
}

// without is the shape that is left when the axes are dropped.
func (v *Value) without(axes []int) tensor.Shape {
	var out tensor.Shape
	drop := v.axes(OpReshape, axes)
	for i, d := range v.shape {
		if !slices.Contains(drop, i) {
			out = append(out, d)
		}
	}
	return out
}

// Squeeze drops the given axes, which have extent 1.
func (v *Value) Squeeze(axes ...int) *Value { return v.Reshape(v.without(axes)...) }

// LogSumExp is log Σ exp over the axes, which stay with extent 1, computed
// around the largest element.
func (v *Value) LogSumExp(axes ...int) *Value {
	m := v.ReduceMax(axes...).StopGradient()
	return v.Sub(m).Exp().ReduceSum(axes...).Log().Add(m)
}

// LogSoftmax normalises over the last axis.
func (v *Value) LogSoftmax() *Value { return v.Sub(v.LogSumExp(-1)) }

// Softmax is exp normalised over the last axis.
func (v *Value) Softmax() *Value {
	e := v.Sub(v.ReduceMax(-1).StopGradient()).Exp()
	return e.Div(e.ReduceSum(-1))
}

// OneHot turns class indices [n...] to [n... classes].
func (v *Value) OneHot(classes int) *Value {
	t := tensor.New(classes)
	for i := range t.Data {
		t.Data[i] = float32(i)
	}
	return v.Reshape(append(v.shape.Clone(), 1)...).Equal(v.graph.Constant(t))
}
