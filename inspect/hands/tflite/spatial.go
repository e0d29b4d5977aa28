package tflite

import (
	"errors"
	"fmt"

	"github.com/limner-ai/limner/engine/graph"
)

const mostStride = 64

// same is TensorFlow's padding "SAME" along an axis: the result has ⌈n/stride⌉
// places, and of an odd number of zeros one more lies behind.
func same(n, k, stride, dilation int) (low, high int) {
	all := max(0, ((n+stride-1)/stride-1)*stride+(k-1)*dilation+1-n)
	return all / 2, all - all/2
}

// window is the geometry of a convolution or pooling of x with kernels of
// kh×kw; the slots are those of its options.
func window(options table, x *graph.Value, kh, kw, strides, dilations int) (graph.Window, error) {
	w := graph.Window{StrideW: options.int32(strides, 1), StrideH: options.int32(strides+1, 1), DilationW: 1, DilationH: 1}
	if dilations > 0 {
		w.DilationW, w.DilationH = options.int32(dilations, 1), options.int32(dilations+1, 1)
	}
	if x.Rank() != 4 {
		return w, fmt.Errorf("its picture has shape %v", x.Shape())
	}
	for _, v := range []int{w.StrideW, w.StrideH, w.DilationW, w.DilationH, kh, kw} {
		if v < 1 || v > mostStride {
			return w, fmt.Errorf("a stride, dilation or kernel of %d", v)
		}
	}
	if options.byte(0) == 0 {
		w.PadTop, w.PadBottom = same(x.Dim(1), kh, w.StrideH, w.DilationH)
		w.PadLeft, w.PadRight = same(x.Dim(2), kw, w.StrideW, w.DilationW)
	}
	return w, nil
}

// conv is a convolution; the file's filters are [out kh kw in], those of a
// depthwise one [1 kh kw channels], the engine's [kh kw in/groups out].
func (b *builder) conv(o operator, x *graph.Value) (*graph.Value, error) {
	filter, err := b.weights(o.inputs[1])
	if err != nil {
		return nil, err
	}
	bias, err := b.value(o.inputs[2])
	if err != nil {
		return nil, err
	}
	if len(filter.shape) != 4 {
		return nil, fmt.Errorf("its filter has shape %v", filter.shape)
	}
	kh, kw := filter.shape[1], filter.shape[2]
	dilations, fused := 4, 3
	if o.code == opDepthwiseConv {
		dilations, fused = 5, 4
	}
	win, err := window(o.options, x, kh, kw, 1, dilations)
	if err != nil {
		return nil, err
	}
	var f *graph.Value
	if o.code == opDepthwiseConv {
		if filter.shape[0] != 1 || filter.shape[3] != x.Dim(3) {
			return nil, errors.New("several filters a channel are not known here")
		}
		f, win = b.constant(filter.data, kh, kw, 1, filter.shape[3]), win.Grouped(filter.shape[3])
	} else {
		f = b.constant(moved(filter.data, filter.shape[0], len(filter.data)/filter.shape[0]), kh, kw, filter.shape[3], filter.shape[0])
	}
	return activated(graph.Conv(x, f, win).Add(bias), o.options.byte(fused))
}

// moved is the matrix [rows columns] turned round to [columns rows].
func moved(m []float32, rows, columns int) []float32 {
	t := make([]float32, len(m))
	for r := range rows {
		for c := range columns {
			t[c*rows+r] = m[r*columns+c]
		}
	}
	return t
}

func (b *builder) fullyConnected(o operator, x *graph.Value) (*graph.Value, error) {
	w, err := b.value(o.inputs[1])
	if err != nil {
		return nil, err
	}
	bias, err := b.value(o.inputs[2])
	if err != nil {
		return nil, err
	}
	if w.Rank() != 2 {
		return nil, fmt.Errorf("its weights have shape %v", w.Shape())
	}
	return activated(graph.MatMul(x.Reshape(-1, w.Dim(1)), w, false, true).Add(bias), o.options.byte(0))
}

// maxPool is the greatest of the slices that each place of the window sees.
func maxPool(o operator, x *graph.Value) (*graph.Value, error) {
	kw, kh := o.options.int32(3, 0), o.options.int32(4, 0)
	win, err := window(o.options, x, kh, kw, 1, 0)
	if err != nil {
		return nil, err
	}
	if win.PadTop+win.PadBottom+win.PadLeft+win.PadRight > 0 {
		return nil, errors.New("windows that reach over the edge are not known here")
	}
	h, w := (x.Dim(1)-kh)/win.StrideH, (x.Dim(2)-kw)/win.StrideW
	if kh > x.Dim(1) || kw > x.Dim(2) || kh*kw > mostStride {
		return nil, fmt.Errorf("a window of %d×%d", kh, kw)
	}
	var most *graph.Value
	for r := range kh {
		for c := range kw {
			v := x.SliceAll(graph.SliceAttr{
				Start:  []int{0, r, c, 0},
				Limit:  []int{x.Dim(0), r + h*win.StrideH + 1, c + w*win.StrideW + 1, x.Dim(3)},
				Stride: []int{1, win.StrideH, win.StrideW, 1},
			})
			if most == nil {
				most = v
			} else {
				most = most.Max(v)
			}
		}
	}
	return activated(most, o.options.byte(5))
}

// integers are the elements of an int32 tensor that the file holds.
func (b *builder) integers(at int) ([]int, error) {
	t := b.tensors[at]
	if !t.whole || t.data == nil {
		return nil, fmt.Errorf("tensor %d holds no whole numbers", at)
	}
	return t.integers(), nil
}

func (b *builder) pad(o operator, x *graph.Value) (*graph.Value, error) {
	by, err := b.integers(o.inputs[1])
	if err != nil {
		return nil, err
	}
	if len(by) != 2*x.Rank() {
		return nil, fmt.Errorf("it pads by %v", by)
	}
	for axis := range x.Rank() {
		low, high := by[2*axis], by[2*axis+1]
		if low < 0 || high < 0 || low > mostElements || high > mostElements {
			return nil, fmt.Errorf("it pads by %v", by)
		}
		if low+high == 0 {
			continue
		}
		if (low+high+x.Dim(axis))*(x.Shape().Size()/x.Dim(axis)) > mostElements {
			return nil, fmt.Errorf("it pads by %v, to more than %d elements", by, mostElements)
		}
		x = x.Pad(axis, low, high)
	}
	return x, nil
}

func (b *builder) mean(o operator, x *graph.Value) (*graph.Value, error) {
	axes, err := b.integers(o.inputs[1])
	if err != nil {
		return nil, err
	}
	for i, a := range axes {
		if a < 0 {
			axes[i] += x.Rank()
		}
	}
	shape := b.tensors[o.outputs[0]].shape
	return x.ReduceMean(axes...).Reshape(shape...), nil
}

// resize doubles, or otherwise changes, the extent by bilinear interpolation,
// each axis a product with the matrix that interpolates it.
func (b *builder) resize(o operator, x *graph.Value) (*graph.Value, error) {
	to, err := b.integers(o.inputs[1])
	if err != nil {
		return nil, err
	}
	if len(to) != 2 || x.Rank() != 4 || min(to[0], to[1]) < 1 || max(to[0], to[1], x.Dim(1), x.Dim(2)) > 1024 {
		return nil, fmt.Errorf("from shape %v to %v", x.Shape(), to)
	}
	if o.options.byte(2) != 0 {
		return nil, errors.New("aligned corners are not known here")
	}
	centres := o.options.byte(3) != 0
	n, h, w, c := x.Dim(0), x.Dim(1), x.Dim(2), x.Dim(3)
	rows := b.constant(between(h, to[0], centres), 1, to[0], h).BroadcastTo(n, to[0], h)
	x = rows.Dot(x.Reshape(n, h, w*c)).Reshape(n*to[0], w, c)
	columns := b.constant(between(w, to[1], centres), 1, to[1], w).BroadcastTo(n*to[0], to[1], w)
	return columns.Dot(x).Reshape(n, to[0], to[1], c), nil
}

// between is the matrix [to from] that interpolates between neighbours; with
// centres, positions are those of the middles of pixels.
func between(from, to int, centres bool) []float32 {
	m := make([]float32, to*from)
	scale := float32(from) / float32(to)
	for i := range to {
		at := float32(i) * scale
		if centres {
			at = max(0, (float32(i)+.5)*scale-.5)
		}
		low := min(int(at), from-1)
		f := at - float32(low)
		m[i*from+low] += 1 - f
		m[i*from+min(low+1, from-1)] += f
	}
	return m
}
