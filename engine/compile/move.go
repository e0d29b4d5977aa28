package compile

import (
	"slices"

	"github.com/limner-ai/limner/engine/graph"
)

// move writes the steps of a layout primitive as strided copies.
func (c *compiler) move(n *node) {
	r := len(n.shape)
	out := n.shape.Strides()
	emit := func(in *node, s *Copy) {
		s.Out, s.In = n.buffer, in.buffer
		s.simplify()
		c.addUnit(&unit{step: s, order: n.id, reads: []int{in.buffer}, writes: []int{n.buffer}})
	}
	in := n.in[0]
	st := n.inShape[0].Strides()
	switch a := n.attr.(type) {
	case graph.PermAttr:
		from := make([]int, r)
		for i, p := range a.Perm {
			from[i] = st[p]
		}
		emit(in, &Copy{Dims: slices.Clone(n.shape), OutStrides: out, InStrides: from})
	case graph.SliceAttr:
		s := &Copy{Dims: slices.Clone(n.shape), OutStrides: out, InStrides: make([]int, r)}
		for i := range st {
			s.InOff += a.Start[i] * st[i]
			s.InStrides[i] = st[i] * a.Stride[i]
		}
		emit(in, s)
	case graph.PadAttr:
		s := &Copy{Dims: slices.Clone(n.inShape[0]), InStrides: st, OutStrides: make([]int, r), Zero: true, ZeroSize: n.size}
		for i := range out {
			s.OutOff += a.Low[i] * out[i]
			s.OutStrides[i] = out[i] * (a.Interior[i] + 1)
		}
		emit(in, s)
	case graph.AxisAttr:
		if n.op == graph.OpReverse {
			s := &Copy{Dims: slices.Clone(n.shape), OutStrides: out, InStrides: slices.Clone(st)}
			s.InOff = (n.shape[a.Axis] - 1) * st[a.Axis]
			s.InStrides[a.Axis] = -st[a.Axis]
			emit(in, s)
			return
		}
		at := 0
		for i, x := range n.in {
			shape := n.inShape[i]
			emit(x, &Copy{Dims: slices.Clone(shape), OutStrides: out, OutOff: at * out[a.Axis], InStrides: shape.Strides()})
			at += shape[a.Axis]
		}
	}
}

// simplify drops axes of extent 1 and merges axes that are contiguous in both
// buffers.
func (s *Copy) simplify() {
	var dims, out, in []int
	for i, d := range s.Dims {
		if d == 1 {
			continue
		}
		k := len(dims) - 1
		if k >= 0 && out[k] == s.OutStrides[i]*d && in[k] == s.InStrides[i]*d {
			dims[k] *= d
			out[k], in[k] = s.OutStrides[i], s.InStrides[i]
			continue
		}
		dims, out, in = append(dims, d), append(out, s.OutStrides[i]), append(in, s.InStrides[i])
	}
	if len(dims) == 0 {
		dims, out, in = []int{1}, []int{1}, []int{1}
	}
	s.Dims, s.OutStrides, s.InStrides = dims, out, in
}
