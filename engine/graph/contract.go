package graph

import (
	"fmt"

	"github.com/limner-ai/limner/engine/tensor"
)

// MatMulAttr is the attribute of MatMul: which operand is transposed in its
// last two axes.
type MatMulAttr struct{ TransA, TransB bool }

// MatMul multiplies [b... m k] by [b... k n] to [b... m n], each operand
// transposed first in its last two axes if asked. Leading axes are equal.
func MatMul(a, b *Value, transA, transB bool) *Value {
	r := len(a.shape)
	if r < 2 || len(b.shape) != r || !a.shape[:r-2].Equal(b.shape[:r-2]) {
		mismatch(OpMatMul, "leading axes differ", a, b)
	}
	m, k := a.shape[r-2], a.shape[r-1]
	if transA {
		m, k = k, m
	}
	k2, n := b.shape[r-2], b.shape[r-1]
	if transB {
		k2, n = n, k2
	}
	if k != k2 {
		mismatch(OpMatMul, fmt.Sprintf("inner extents %d and %d differ", k, k2), a, b)
	}
	to := append(a.shape[:r-2].Clone(), m, n)
	return a.graph.add(OpMatMul, to, MatMulAttr{transA, transB}, a, b)
}

// Dot is a·b without transposition.
func (v *Value) Dot(w *Value) *Value { return MatMul(v, w, false, false) }

// Window describes a convolution: the spatial geometry that is not in the
// operands' shapes. Zero strides, dilations and groups mean 1.
type Window struct {
	StrideH, StrideW                     int
	DilationH, DilationW                 int
	PadTop, PadBottom, PadLeft, PadRight int
	Groups                               int
}

// Same is a window of stride 1 that keeps the extent under a k×k filter.
func Same(k int) Window {
	lo, hi := (k-1)/2, k/2
	return Window{PadTop: lo, PadBottom: hi, PadLeft: lo, PadRight: hi}
}

// Strided is a window of stride s with p zeros on every side.
func Strided(s, p int) Window {
	return Window{StrideH: s, StrideW: s, PadTop: p, PadBottom: p, PadLeft: p, PadRight: p}
}

// Grouped is the window with its channels in n independent groups.
func (w Window) Grouped(n int) Window { w.Groups = n; return w }

func (w Window) normal() Window {
	for _, p := range []*int{&w.StrideH, &w.StrideW, &w.DilationH, &w.DilationW, &w.Groups} {
		if *p == 0 {
			*p = 1
		}
	}
	return w
}

// ConvAttr is the attribute of the three convolution primitives: the window
// and the shapes of picture, filter and result of the forward convolution.
type ConvAttr struct {
	Window                Window
	Input, Filter, Output tensor.Shape
}

// Conv correlates x [n h w c] with filter [kh kw c/groups k]: the result is
// [n oh ow k], oh = (h + pads − ((kh−1)·dilation + 1)) / stride + 1.
func Conv(x, filter *Value, w Window) *Value {
	a := convAttr(OpConv, x.shape, filter.shape, w, x, filter)
	return x.graph.add(OpConv, a.Output, a, x, filter)
}

// ConvTransposed is the transposed convolution (the adjoint of Conv in its
// picture): y [n oh ow k] and filter [kh kw c/groups k] give [n h w c], where
// h and w are named because several extents lead to the same oh and ow.
func ConvTransposed(y, filter *Value, h, wd int, w Window) *Value {
	if len(y.shape) != 4 || len(filter.shape) != 4 {
		mismatch(OpConvInputGrad, "want 4 axes", y, filter)
	}
	in := tensor.S(y.shape[0], h, wd, filter.shape[2]*w.normal().Groups)
	a := convAttr(OpConvInputGrad, in, filter.shape, w, y, filter)
	return convInputGrad(y, filter, a)
}

func convInputGrad(ct, filter *Value, a ConvAttr) *Value {
	if !ct.shape.Equal(a.Output) || !filter.shape.Equal(a.Filter) {
		mismatch(OpConvInputGrad, fmt.Sprintf("want %v and %v", a.Output, a.Filter), ct, filter)
	}
	return ct.graph.add(OpConvInputGrad, a.Input, a, ct, filter)
}

func convFilterGrad(x, ct *Value, a ConvAttr) *Value {
	if !x.shape.Equal(a.Input) || !ct.shape.Equal(a.Output) {
		mismatch(OpConvFilterGrad, fmt.Sprintf("want %v and %v", a.Input, a.Output), x, ct)
	}
	return x.graph.add(OpConvFilterGrad, a.Filter, a, x, ct)
}

func convAttr(op Op, x, f tensor.Shape, w Window, in ...*Value) ConvAttr {
	w = w.normal()
	if len(x) != 4 || len(f) != 4 {
		mismatch(op, "want a picture [n h w c] and a filter [kh kw c k]", in...)
	}
	if w.Groups < 1 || f[2]*w.Groups != x[3] || f[3]%w.Groups != 0 {
		mismatch(op, fmt.Sprintf("%d channels and a filter of %d→%d do not fit %d groups", x[3], f[2], f[3], w.Groups), in...)
	}
	if min(w.StrideH, w.StrideW, w.DilationH, w.DilationW) < 1 || min(w.PadTop, w.PadBottom, w.PadLeft, w.PadRight) < 0 {
		mismatch(op, "strides and dilations start at 1, padding at 0", in...)
	}
	oh := (x[1]+w.PadTop+w.PadBottom-(f[0]-1)*w.DilationH-1)/w.StrideH + 1
	ow := (x[2]+w.PadLeft+w.PadRight-(f[1]-1)*w.DilationW-1)/w.StrideW + 1
	if x[1]+w.PadTop+w.PadBottom < (f[0]-1)*w.DilationH+1 || x[2]+w.PadLeft+w.PadRight < (f[1]-1)*w.DilationW+1 {
		mismatch(op, "the filter is larger than the padded picture", in...)
	}
	return ConvAttr{w, x.Clone(), f.Clone(), tensor.S(x[0], oh, ow, f[3])}
}

// RowsAttr is the attribute of ScatterAdd: how many rows the table has.
type RowsAttr struct{ Rows int }

// Gather takes rows of table [v d] by index [n]: the result is [n d].
// Indices are whole numbers in [0, v); others are clamped.
func Gather(table, index *Value) *Value {
	if len(table.shape) != 2 || len(index.shape) != 1 || table.shape[0] == 0 {
		mismatch(OpGather, "want a table [v d], v > 0, and indices [n]", table, index)
	}
	return table.graph.add(OpGather, tensor.S(index.shape[0], table.shape[1]), nil, table, index)
}

// ScatterAdd adds the rows [n d] into a table of zeros [rows d] at index [n].
func ScatterAdd(rows, index *Value, count int) *Value {
	if len(rows.shape) != 2 || len(index.shape) != 1 || rows.shape[0] != index.shape[0] {
		mismatch(OpScatterAdd, "want rows [n d] and indices [n]", rows, index)
	}
	if count < 1 {
		mismatch(OpScatterAdd, fmt.Sprintf("a table of %d rows", count), rows, index)
	}
	return rows.graph.add(OpScatterAdd, tensor.S(count, rows.shape[1]), RowsAttr{count}, rows, index)
}
