package judge

import (
	"fmt"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/nn"
)

// groups of channels that are normalised together: Wu and He, "Group
// Normalization" (2018).
const groups = 4

// look gives logits of the classes [n 5] and of the heat maps' cells [n 12 12 4]
// of crops x [n 48 48 3] in [0, 1]. Each of three resolutions has a residual
// block; every convolution but those is normalised in groups of channels. The heat maps see the last two; the classes see a quarter of the last
// one's extent, and the hottest cell of each map.
func (m *judge) look(s *nn.Scope, x *graph.Value) (logits, heat *graph.Value) {
	act, _ := nn.ActivationNamed("leaky_relu")
	kaiming := nn.KaimingIn(act.Gain)
	on := func(s *nn.Scope, h *graph.Value) *graph.Value { return act.Apply(nn.GroupNorm(s, h, groups)) }

	in := s.Sub("in")
	stride := graph.Window{StrideH: 2, StrideW: 2, PadTop: 2, PadBottom: 1, PadLeft: 2, PadRight: 1}
	h := on(in, nn.Conv(in, x.MulScalar(2).AddScalar(-1), 5, m.c.Channels[0], stride, kaiming))
	var levels [3]*graph.Value
	for i, c := range m.c.Channels {
		at := s.Sub(fmt.Sprintf("stage%d", i))
		if i > 0 {
			down := at.Sub("down")
			h = on(down, nn.Halve(down, h, c, kaiming))
		}
		one, two := at.Sub("1"), at.Sub("2")
		h = nn.Residual(h, func(h *graph.Value) *graph.Value {
			h = on(one, nn.Conv(one, h, 3, c, graph.Same(3), kaiming))
			return nn.Bias(two, nn.Conv(two, h, 3, c, graph.Same(3), nn.Zeros))
		})
		levels[i] = h
	}

	fine, coarse, out := s.Sub("fine"), s.Sub("coarse"), s.Sub("heat")
	w := m.c.Channels[1]
	both := nn.PointConv(fine, levels[1], w, kaiming).Add(nn.Nearest(nn.PointConv(coarse, levels[2], w, kaiming)))
	heat = nn.Bias(out, nn.Conv(out, on(fine, both), 3, faults, graph.Same(3), nn.Normal(.01)))

	quarter, hidden := s.Sub("quarter"), s.Sub("features")
	h = on(quarter, nn.Halve(quarter, levels[2], m.c.Channels[2], kaiming))
	all := graph.Concat(1, h.Reshape(h.Dim(0), -1), heat.ReduceMax(1, 2).Reshape(h.Dim(0), faults))
	features := act.Apply(nn.Bias(hidden, nn.Linear(hidden, all, m.c.Features, kaiming)))
	return nn.Dense(s.Sub("head"), features, len(m.Classes), nn.Glorot), heat
}
