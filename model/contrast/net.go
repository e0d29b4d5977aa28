package contrast

import (
	"fmt"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/nn"
)

// backdrop is the grey that transparent pictures are looked at on: neither
// what is white nor what is black is lost on it.
const backdrop = .5

// shown lays pictures with straight alpha [n h w 4] over the backdrop, [n h w 3];
// others stay as they are.
func (m *contrast) shown(x *graph.Value) *graph.Value {
	if m.p.Channels != 4 {
		return x
	}
	return x.Slice(3, 0, 3).AddScalar(-backdrop).Mul(x.Slice(3, 3, 4)).AddScalar(backdrop)
}

// look describes opaque pictures x [n h w c] in [0, 1] by rows [n e] of unit
// length. Squares of Patch×Patch pixels become the channels of one place, so
// that the finest grid is coarse and cheap; a 3×3 convolution and residual
// blocks follow at each grid, with 4×4 convolutions of stride 2 between.
func (m *contrast) look(s *nn.Scope, x *graph.Value) *graph.Value {
	n, h, w, c, p := x.Dim(0), x.Dim(1)/m.c.Patch, x.Dim(2)/m.c.Patch, x.Dim(3), m.c.Patch
	y := x.MulScalar(2).AddScalar(-1).Reshape(n, h, p, w, p, c).Transpose(0, 1, 3, 2, 4, 5).Reshape(n, h, w, p*p*c)
	at := s.Sub("picture")
	act, _ := nn.ActivationNamed("silu")
	start := nn.KaimingIn(act.Gain)
	for i, channels := range m.c.Pictures {
		grid := at.Sub(fmt.Sprintf("grid%d", i))
		in := grid.Sub("in")
		if i == 0 {
			y = nn.Conv(in, y, 3, channels, graph.Same(3), start)
		} else {
			y = nn.Halve(in, y, channels, start)
		}
		y = act.Apply(nn.Bias(in, y))
		for j := range m.c.Blocks {
			block := grid.Sub(fmt.Sprintf("block%d", j))
			y = nn.Residual(y, func(y *graph.Value) *graph.Value {
				one, two := block.Sub("1"), block.Sub("2")
				y = act.Apply(nn.Bias(one, nn.Conv(one, y, 3, channels, graph.Same(3), start)))
				return nn.Bias(two, nn.Conv(two, y, 3, channels, graph.Same(3), nn.Zeros))
			})
		}
	}
	y = nn.PixelNorm(y.Reshape(n, -1))
	return unit(nn.Linear(at.Sub("out"), y, m.c.Embedding, nn.Glorot))
}

// said makes the embedding [n e] of unit length of pooled texts [n d].
func (m *contrast) said(s *nn.Scope, pooled *graph.Value) *graph.Value {
	return unit(nn.Linear(s.Sub("text").Sub("out"), pooled, m.c.Embedding, nn.Glorot))
}

// unit divides rows [n e] by their length; a row of zeros stays.
func unit(x *graph.Value) *graph.Value {
	return x.Mul(x.Square().ReduceSum(1).AddScalar(1e-12).Rsqrt())
}
