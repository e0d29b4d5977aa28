package graph

import (
	"fmt"
	"slices"

	"github.com/limner-ai/limner/engine/tensor"
)

// BroadcastTo grows axes of extent 1, after missing leading axes are added.
func (v *Value) BroadcastTo(dims ...int) *Value {
	to := tensor.Shape(dims)
	if v.shape.Equal(to) {
		return v
	}
	if len(to) < len(v.shape) {
		mismatch(OpBroadcast, "cannot become "+to.String(), v)
	}
	from := make([]int, len(to))
	for i := range from {
		from[i] = 1
	}
	copy(from[len(to)-len(v.shape):], v.shape)
	for i := range to {
		if from[i] != to[i] && from[i] != 1 {
			mismatch(OpBroadcast, "cannot become "+to.String(), v)
		}
	}
	if x, ok := v.full(); ok {
		return v.graph.Full(x, dims...)
	}
	w := v.Reshape(from...)
	if w.shape.Equal(to) {
		return w
	}
	return v.graph.add(OpBroadcast, to.Clone(), nil, w)
}

// Reshape keeps the elements in their order. One dimension may be -1.
func (v *Value) Reshape(dims ...int) *Value {
	to := tensor.Shape(dims).Clone()
	known, at := 1, -1
	for i, d := range to {
		if d == -1 && at < 0 {
			at = i
		} else {
			known *= d
		}
	}
	if at >= 0 {
		if known <= 0 || v.shape.Size()%known != 0 {
			mismatch(OpReshape, "cannot become "+to.String(), v)
		}
		to[at] = v.shape.Size() / known
	}
	if to.Equal(v.shape) {
		return v
	}
	if to.Size() != v.shape.Size() {
		mismatch(OpReshape, "cannot become "+to.String(), v)
	}
	if x, ok := v.full(); ok {
		return v.graph.Full(x, to...)
	}
	if v.op == OpReshape {
		return v.in[0].Reshape(to...)
	}
	return v.graph.add(OpReshape, to, nil, v)
}

// PermAttr is the attribute of Transpose: axis i of the result is axis
// Perm[i] of the operand.
type PermAttr struct{ Perm []int }

// Transpose permutes the axes.
func (v *Value) Transpose(perm ...int) *Value {
	sorted := slices.Clone(perm)
	slices.Sort(sorted)
	identity := true
	for i := range max(len(perm), len(v.shape)) {
		if len(perm) != len(v.shape) || sorted[i] != i {
			mismatch(OpTranspose, fmt.Sprintf("%v is not a permutation of the axes", perm), v)
		}
		identity = identity && perm[i] == i
	}
	if identity {
		return v
	}
	to := make(tensor.Shape, len(perm))
	for i, p := range perm {
		to[i] = v.shape[p]
	}
	return v.graph.add(OpTranspose, to, PermAttr{slices.Clone(perm)}, v)
}

// SliceAttr is the attribute of Slice: for each axis the first index, the
// index that is no longer taken, and the step.
type SliceAttr struct{ Start, Limit, Stride []int }

// Slice takes [start, limit) of one axis.
func (v *Value) Slice(axis, start, limit int) *Value {
	axis = v.axis(OpSlice, axis)
	a := SliceAttr{make([]int, len(v.shape)), slices.Clone(v.shape), make([]int, len(v.shape))}
	for i := range a.Stride {
		a.Stride[i] = 1
	}
	a.Start[axis], a.Limit[axis] = start, limit
	return v.SliceAll(a)
}

// SliceAll takes a strided box.
func (v *Value) SliceAll(a SliceAttr) *Value {
	n := len(v.shape)
	if len(a.Start) != n || len(a.Limit) != n || len(a.Stride) != n {
		mismatch(OpSlice, "the slice has not as many axes", v)
	}
	to := make(tensor.Shape, n)
	for i := range to {
		if a.Start[i] < 0 || a.Limit[i] > v.shape[i] || a.Start[i] > a.Limit[i] || a.Stride[i] < 1 {
			mismatch(OpSlice, fmt.Sprintf("%d:%d:%d leaves axis %d", a.Start[i], a.Limit[i], a.Stride[i], i), v)
		}
		to[i] = (a.Limit[i] - a.Start[i] + a.Stride[i] - 1) / a.Stride[i]
	}
	if to.Equal(v.shape) {
		return v
	}
	return v.graph.add(OpSlice, to, a, v)
}

// PadAttr is the attribute of Pad: how many zeros go before, after and
// between the elements of each axis.
type PadAttr struct{ Low, High, Interior []int }

// Pad adds zeros before and after one axis.
func (v *Value) Pad(axis, low, high int) *Value {
	axis = v.axis(OpPad, axis)
	n := len(v.shape)
	a := PadAttr{make([]int, n), make([]int, n), make([]int, n)}
	a.Low[axis], a.High[axis] = low, high
	return v.PadAll(a)
}

// PadAll adds zeros around and between elements.
func (v *Value) PadAll(a PadAttr) *Value {
	n := len(v.shape)
	if len(a.Low) != n || len(a.High) != n || len(a.Interior) != n {
		mismatch(OpPad, "the padding has not as many axes", v)
	}
	to := make(tensor.Shape, n)
	for i := range to {
		if a.Low[i] < 0 || a.High[i] < 0 || a.Interior[i] < 0 {
			mismatch(OpPad, "negative padding", v)
		}
		to[i] = a.Low[i] + a.High[i] + v.shape[i] + max(0, v.shape[i]-1)*a.Interior[i]
	}
	if to.Equal(v.shape) {
		return v
	}
	return v.graph.add(OpPad, to, a, v)
}

// AxisAttr is the attribute of Concat and Reverse.
type AxisAttr struct{ Axis int }

// Concat joins values along an axis; their other axes are equal.
func Concat(axis int, vs ...*Value) *Value {
	if len(vs) == 0 {
		mismatch(OpConcat, "nothing to join")
	}
	axis = vs[0].axis(OpConcat, axis)
	if len(vs) == 1 {
		return vs[0]
	}
	to := vs[0].shape.Clone()
	to[axis] = 0
	for _, v := range vs {
		if len(v.shape) != len(to) {
			mismatch(OpConcat, "ranks differ", vs...)
		}
		for i := range to {
			if i != axis && v.shape[i] != to[i] {
				mismatch(OpConcat, "axes differ", vs...)
			}
		}
		to[axis] += v.shape[axis]
	}
	return vs[0].graph.add(OpConcat, to, AxisAttr{axis}, slices.Clone(vs)...)
}

// Reverse mirrors one axis.
func (v *Value) Reverse(axis int) *Value {
	return v.graph.add(OpReverse, v.shape.Clone(), AxisAttr{v.axis(OpReverse, axis)}, v)
}
