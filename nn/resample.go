package nn

import (
	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/tensor"
)

// Nearest doubles the extent of x [n h w c] by repeating each pixel.
func Nearest(x *graph.Value) *graph.Value {
	n, h, w, c := x.Dim(0), x.Dim(1), x.Dim(2), x.Dim(3)
	return x.Reshape(n, h, 1, w, 1, c).BroadcastTo(n, h, 2, w, 2, c).Reshape(n, 2*h, 2*w, c)
}

// Crop keeps the first h rows and w columns of x [n h' w' c].
func Crop(x *graph.Value, h, w int) *graph.Value {
	return x.Slice(1, 0, h).Slice(2, 0, w)
}

// BilinearUp doubles the extent of x [n h w c]: old pixels stay at even
// places and the mean of two neighbours goes between them, which is the
// filter [1 2 1]/2 on each axis after zeros are inserted. Beyond the last
// pixel lies zero.
func BilinearUp(x *graph.Value) *graph.Value {
	h, w, c := x.Dim(1), x.Dim(2), x.Dim(3)
	return graph.ConvTransposed(x, binomial(x.Graph(), c, 1./4), 2*h, 2*w, binomialWindow(c))
}

// BilinearDown halves the even extent of x [n h w c] by the filter
// [1 2 1]/4 on each axis. Beyond the first pixel lies zero. It is a quarter
// of the transpose of BilinearUp.
func BilinearDown(x *graph.Value) *graph.Value {
	c := x.Dim(3)
	return graph.Conv(x, binomial(x.Graph(), c, 1./16), binomialWindow(c))
}

// binomial is the depthwise filter scale·[1 2 1]ᵀ[1 2 1] of c channels.
func binomial(g *graph.Graph, c int, scale float32) *graph.Value {
	t := tensor.New(3, 3, 1, c)
	tap := [3]float32{1, 2, 1}
	for i := range t.Data {
		y, x := i/(3*c), i/c%3
		t.Data[i] = scale * tap[y] * tap[x]
	}
	return g.Constant(t)
}

func binomialWindow(c int) graph.Window {
	return graph.Window{StrideH: 2, StrideW: 2, PadTop: 1, PadLeft: 1, Groups: c}
}
