package graph_test

import (
	"fmt"
	"testing"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/tensor"
)

func contractions() map[graph.Op][]problem {
	type v = *graph.Value
	all := map[graph.Op][]problem{}
	for flags := range 4 {
		ta, tb := flags&1 == 1, flags&2 == 2
		for _, batch := range []tensor.Shape{nil, s(2), s(2, 2)} {
			a, b := s(2, 3), s(3, 4)
			if ta {
				a = s(3, 2)
			}
			if tb {
				b = s(4, 3)
			}
			all[graph.OpMatMul] = append(all[graph.OpMatMul], problem{
				name:   fmt.Sprintf("%v%v%v", batch, ta, tb),
				shapes: shapes(append(batch.Clone(), a...), append(batch.Clone(), b...)),
				build:  func(x []v) v { return graph.MatMul(x[0], x[1], ta, tb) },
			})
		}
	}
	all[graph.OpMatMul] = append(all[graph.OpMatMul], problem{
		name: "itself", shapes: shapes(s(3, 3)),
		build: func(x []v) v { return graph.MatMul(x[0], x[0], true, false) },
	})
	for name, index := range map[string][]float32{
		"each":     {2, 0, 1},
		"repeated": {1, 1, 2, 1},
		"clamped":  {-3, 0, 9},
	} {
		at := func(x v) v { return x.Graph().Constant(tensor.From(index, len(index))) }
		all[graph.OpGather] = append(all[graph.OpGather],
			squared(name, func(x v) v { return graph.Gather(x, at(x)) }, 3, 2))
		all[graph.OpScatterAdd] = append(all[graph.OpScatterAdd],
			squared(name, func(x v) v { return graph.ScatterAdd(x, at(x), 3) }, len(index), 2))
	}
	// An index that depends on x passes nothing back.
	all[graph.OpGather] = append(all[graph.OpGather], problem{
		name: "computed", shapes: shapes(s(3, 2), s(4)),
		build: func(x []v) v { return graph.Gather(x[0], x[1].AddScalar(1).Floor()) },
	})
	all[graph.OpScatterAdd] = append(all[graph.OpScatterAdd], problem{
		name: "computed", shapes: shapes(s(4, 2), s(4)),
		build: func(x []v) v { return graph.ScatterAdd(x[0], x[1].AddScalar(1).Floor(), 3) },
	})
	return all
}

type convolution struct {
	name      string
	x, filter tensor.Shape
	w         graph.Window
}

var windows = []convolution{
	{"1x1", s(2, 2, 2, 2), s(1, 1, 2, 3), graph.Window{}},
	{"same", s(1, 4, 3, 2), s(3, 3, 2, 2), graph.Same(3)},
	{"same even", s(1, 3, 4, 1), s(2, 2, 1, 2), graph.Same(2)},
	{"stride 2", s(2, 6, 4, 1), s(4, 4, 1, 2), graph.Strided(2, 1)},
	{"stride 2, remainder", s(1, 7, 6, 2), s(3, 3, 2, 2), graph.Strided(2, 0)},
	{"stride 3, gaps", s(1, 8, 7, 1), s(2, 2, 1, 2), graph.Strided(3, 0)},
	{"stride 3, padded", s(1, 7, 8, 1), s(4, 3, 1, 2), graph.Strided(3, 1)},
	{"strides differ", s(1, 6, 5, 1), s(3, 2, 1, 2), graph.Window{StrideH: 2, StrideW: 3, PadLeft: 1}},
	{"dilation 2", s(1, 6, 5, 1), s(3, 2, 1, 2), graph.Window{DilationH: 2, DilationW: 2}},
	{"dilations differ", s(1, 7, 7, 1), s(2, 3, 1, 2), graph.Window{DilationH: 3, DilationW: 2, PadTop: 2, PadRight: 1}},
	{"dilation and stride", s(1, 8, 7, 1), s(3, 2, 1, 2), graph.Window{StrideH: 2, StrideW: 2, DilationH: 2, DilationW: 3, PadTop: 1, PadBottom: 1}},
	{"asymmetric pads", s(1, 4, 3, 1), s(3, 3, 1, 2), graph.Window{PadTop: 2, PadBottom: 1, PadLeft: 0, PadRight: 3}},
	{"asymmetric pads, stride 2", s(1, 5, 4, 1), s(3, 3, 1, 2), graph.Window{StrideH: 2, StrideW: 2, PadTop: 0, PadBottom: 2, PadLeft: 1, PadRight: 2}},
	{"wider pads than filter", s(1, 2, 2, 1), s(2, 2, 1, 1), graph.Window{PadTop: 3, PadLeft: 2}},
	{"whole picture", s(2, 3, 4, 2), s(3, 4, 2, 2), graph.Window{}},
	{"groups", s(1, 3, 3, 4), s(2, 2, 2, 6), graph.Window{}.Grouped(2)},
	{"groups, stride 2", s(1, 5, 4, 4), s(3, 3, 2, 2), graph.Strided(2, 1).Grouped(2)},
	{"depthwise", s(1, 3, 4, 3), s(3, 3, 1, 3), graph.Same(3).Grouped(3)},
	{"depthwise, two each, stride 2", s(1, 4, 5, 2), s(3, 3, 1, 4), graph.Strided(2, 1).Grouped(2)},
}

// result is the shape of the convolution's result, from the number of places
// where the filter fits.
func (c convolution) result() tensor.Shape {
	fits := func(extent, lo, hi, k, stride, dilation int) (n int) {
		stride, dilation = max(stride, 1), max(dilation, 1)
		for p := -lo; p+(k-1)*dilation < extent+hi; p += stride {
			n++
		}
		return n
	}
	w := c.w
	return s(c.x[0],
		fits(c.x[1], w.PadTop, w.PadBottom, c.filter[0], w.StrideH, w.DilationH),
		fits(c.x[2], w.PadLeft, w.PadRight, c.filter[1], w.StrideW, w.DilationW),
		c.filter[3])
}

func convolutions() map[graph.Op][]problem {
	type v = *graph.Value
	all := map[graph.Op][]problem{}
	for _, c := range windows {
		all[graph.OpConv] = append(all[graph.OpConv], problem{
			name: c.name, shapes: shapes(c.x, c.filter),
			build: func(x []v) v { return graph.Conv(x[0], x[1], c.w) },
		})
		all[graph.OpConvInputGrad] = append(all[graph.OpConvInputGrad], problem{
			name: c.name, shapes: shapes(c.result(), c.filter),
			build: func(x []v) v { return graph.ConvTransposed(x[0], x[1], c.x[1], c.x[2], c.w) },
		})
		all[graph.OpConvFilterGrad] = append(all[graph.OpConvFilterGrad], problem{
			name: c.name, shapes: shapes(c.x, c.result()),
			build: func(x []v) v {
				f := x[0].Graph().Full(0, c.filter...)
				return graph.VJP(graph.Conv(x[0], f, c.w), x[1], f)[0]
			},
		})
	}
	return all
}

func TestConvShape(t *testing.T) {
	for _, c := range windows {
		g := graph.New()
		y := graph.Conv(g.Input("x", c.x...), g.Input("f", c.filter...), c.w)
		if !y.Shape().Equal(c.result()) {
			t.Errorf("%s: result %v, want %v", c.name, y.Shape(), c.result())
		}
	}
}

// A convolution is a sum over the filter's taps of strided slices of the
// padded picture times a matrix, which makes it from other primitives.
func TestConvIsSumOfProducts(t *testing.T) {
	for _, c := range windows {
		g := graph.New()
		x, f := g.Input("x", c.x...), g.Input("f", c.filter...)
		want := g.Full(0, c.result()...)
		w := c.w
		padded := x.Pad(1, w.PadTop, w.PadBottom).Pad(2, w.PadLeft, w.PadRight)
		groups, sh, sw := max(w.Groups, 1), max(w.StrideH, 1), max(w.StrideW, 1)
		cg, kg := c.filter[2], c.filter[3]/groups
		oh, ow := c.result()[1], c.result()[2]
		for i := range c.filter[0] {
			for j := range c.filter[1] {
				y, x := i*max(w.DilationH, 1), j*max(w.DilationW, 1)
				seen := padded.SliceAll(graph.SliceAttr{
					Start:  []int{0, y, x, 0},
					Limit:  []int{c.x[0], y + (oh-1)*sh + 1, x + (ow-1)*sw + 1, c.x[3]},
					Stride: []int{1, sh, sw, 1},
				}).Reshape(-1, c.x[3])
				tap := f.Slice(0, i, i+1).Slice(1, j, j+1).Reshape(cg, -1)
				var parts []*graph.Value
				for q := range groups {
					parts = append(parts, seen.Slice(1, q*cg, (q+1)*cg).Dot(tap.Slice(1, q*kg, (q+1)*kg)))
				}
				want = want.Add(graph.Concat(1, parts...).Reshape(c.result()...))
			}
		}
		diff := graph.Conv(x, f, c.w).Sub(want).Abs().ReduceMax()
		if d := eval(t, sample([]*graph.Value{x, f}, false), diff)[0].Data[0]; d > 1e-13 {
			t.Errorf("%s: differs by %v", c.name, d)
		}
	}
}

// Same keeps the extent; an even filter takes its extra zero at the end.
func TestSame(t *testing.T) {
	for k, want := range map[int]graph.Window{
		1: {},
		2: {PadBottom: 1, PadRight: 1},
		3: {PadTop: 1, PadBottom: 1, PadLeft: 1, PadRight: 1},
		4: {PadTop: 1, PadBottom: 2, PadLeft: 1, PadRight: 2},
	} {
		if got := graph.Same(k); got != want {
			t.Errorf("Same(%d) = %+v", k, got)
		}
	}
}
