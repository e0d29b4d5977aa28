package classifier

import (
	"fmt"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/nn"
)

// features are rows [n features] of pictures x [n h w c] in [0, 1]: a 3×3
// convolution, then at each further resolution a 4×4 convolution of stride 2
// and a residual block, and a dense layer over all places.
func (m *classifier) features(s *nn.Scope, x *graph.Value) *graph.Value {
	h := x.MulScalar(2).AddScalar(-1)
	kaiming := nn.KaimingIn(m.act.Gain)
	in := s.Sub("in")
	h = m.activated(in, nn.Conv(in, h, 3, m.c.Channels[0], graph.Same(3), kaiming))
	for i, c := range m.c.Channels[1:] {
		at := s.Sub(fmt.Sprintf("stage%d", i))
		down, one, two := at.Sub("down"), at.Sub("1"), at.Sub("2")
		h = m.activated(down, nn.Halve(down, h, c, kaiming))
		h = nn.Residual(h, func(h *graph.Value) *graph.Value {
			h = m.activated(one, nn.Conv(one, h, 3, c, graph.Same(3), kaiming))
			return nn.Bias(two, nn.Conv(two, h, 3, c, graph.Same(3), nn.Zeros))
		})
	}
	out := s.Sub("features")
	return m.activated(out, nn.Linear(out, h.Reshape(h.Dim(0), -1), m.c.Features, kaiming))
}

// logits are the unnormalised log probabilities [n classes] of features.
func (m *classifier) logits(s *nn.Scope, features *graph.Value) *graph.Value {
	return nn.Dense(s.Sub("head"), features, len(m.Classes), nn.Glorot)
}

func (m *classifier) activated(s *nn.Scope, h *graph.Value) *graph.Value {
	return m.act.Apply(nn.Bias(s, h))
}

// perturbed moves each picture by up to Shift pixels on each axis, filling up
// with zeros, and adds noise.
func (m *classifier) perturbed(x *graph.Value) *graph.Value {
	if m.c.Shift > 0 {
		x = shifted(shifted(x, 1, m.c.Shift, "shift/rows"), 2, m.c.Shift, "shift/columns")
	}
	if m.c.Noise > 0 {
		x = x.Add(x.Graph().Normal("noise", x.Shape()...).MulScalar(float32(m.c.Noise)))
	}
	return x
}

// shifted moves each picture of x [n h w c] along an axis by its own random
// distance of −by…by pixels: the sum of all moved copies, each times 1 where
// the distance was drawn and else 0.
func shifted(x *graph.Value, axis, by int, name string) *graph.Value {
	n, extent := x.Dim(0), x.Dim(axis)
	draw := x.Graph().Uniform(name, n).MulScalar(float32(2*by + 1)).Floor().OneHot(2*by + 1)
	wide := x.Pad(axis, by, by)
	var sum *graph.Value
	for i := range 2*by + 1 {
		moved := wide.Slice(axis, i, i+extent).Mul(draw.Slice(1, i, i+1).Reshape(n, 1, 1, 1))
		if sum == nil {
			sum = moved
		} else {
			sum = sum.Add(moved)
		}
	}
	return sum
}
