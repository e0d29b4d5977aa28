// Package conv computes two-dimensional convolutions of float32 pictures in
// NHWC order and their gradients, in tasks that workers take. Nothing is
// unrolled to columns: a task copies its rows of the picture, with the padding,
// into scratch, where the patch under a row of the filter is contiguous, and
// matrix micro-kernels read it in place. The split into tasks depends on the
// shape alone, so that the result has the same bits for any number of workers.
package conv

import "fmt"

// Shape is a convolution (cross-correlation, as in all neural networks) of x
// [N][H][W][C] with w [KH][KW][C/Groups][K] to y [N][OutH][OutW][K]. Zero
// strides, dilations and groups count as 1.
type Shape struct {
	N, H, W, C                           int
	KH, KW, K                            int // K is the number of output channels
	StrideH, StrideW                     int
	DilH, DilW                           int
	PadTop, PadBottom, PadLeft, PadRight int
	Groups                               int

	// BFloat16 has both operands rounded to bfloat16; sums are float32 all the
	// same.
	BFloat16 bool
}

// OutH is the height of the output.
func (s Shape) OutH() int { return out(s.H+s.PadTop+s.PadBottom, s.KH, s.StrideH, s.DilH) }

// OutW is the width of the output.
func (s Shape) OutW() int { return out(s.W+s.PadLeft+s.PadRight, s.KW, s.StrideW, s.DilW) }

func out(size, taps, stride, dil int) int {
	size -= (taps-1)*max(dil, 1) + 1
	if size < 0 {
		return 0
	}
	return size/max(stride, 1) + 1
}

// InputSize is the number of floats in x.
func (s Shape) InputSize() int { return s.N * s.H * s.W * s.C }

// FilterSize is the number of floats in w.
func (s Shape) FilterSize() int { return s.KH * s.KW * s.C / max(s.Groups, 1) * s.K }

// OutputSize is the number of floats in y.
func (s Shape) OutputSize() int { return s.N * s.OutH() * s.OutW() * s.K }

// checked fills in the defaults and panics if s makes no sense: the graph
// checks shapes, so that a bad one here is a programming error.
func (s Shape) checked() Shape {
	for _, p := range []*int{&s.StrideH, &s.StrideW, &s.DilH, &s.DilW, &s.Groups} {
		if *p == 0 {
			*p = 1
		}
	}
	if min(s.N, s.H, s.W, s.PadTop, s.PadBottom, s.PadLeft, s.PadRight) < 0 ||
		min(s.C, s.KH, s.KW, s.K, s.StrideH, s.StrideW, s.DilH, s.DilW, s.Groups) < 1 ||
		s.C%s.Groups != 0 || s.K%s.Groups != 0 {
		panic(fmt.Sprintf("conv: impossible shape %+v", s))
	}
	return s
}

// depthwise reports whether every channel has a filter of its own.
func (s Shape) depthwise() bool { return s.Groups > 1 && s.C == s.Groups && s.K == s.Groups }

// flops is the number of multiply-adds times two, padding included.
func (s Shape) flops() float64 {
	return 2 * float64(s.N*s.OutH()*s.OutW()) * float64(s.FilterSize())
}

func ceil(a, b int) int { return (a + b - 1) / b }

// even divides n into equal parts of at most limit and returns their size.
func even(n, limit int) int {
	return max(ceil(n, max(ceil(n, max(limit, 1)), 1)), 1)
}
