package vae

import (
	"fmt"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/nn"
)

// encode finds q(z|x) of pictures x [n h w c] of class y (one-hot, or nil).
func (m *vae) encode(s *nn.Scope, x, y *graph.Value) posterior {
	s = s.Sub("encoder")
	h := x
	if m.c.Likelihood == "logistic" {
		h = h.MulScalar(2).AddScalar(-1)
	}
	for i, c := range m.c.Channels {
		h = m.activated(s.Sub(fmt.Sprintf("conv%d", i)), h, func(s *nn.Scope, h *graph.Value) *graph.Value {
			return nn.Halve(s, h, c, m.kaiming())
		})
	}
	h = m.dense(s, with(h.Reshape(h.Dim(0), -1), y), m.c.Hidden)
	return posterior{
		mu:     nn.Dense(s.Sub("mean"), h, m.c.Latent, nn.Glorot),
		logVar: nn.Dense(s.Sub("logvar"), h, m.c.Latent, nn.Glorot),
	}
}

// likelihood holds what p(x|z) is made of, for pictures [n h w c].
type likelihood struct {
	location *graph.Value // logits, or means in [−1, 1]
	logScale *graph.Value // logistic: broadcasts against location
}

// decode finds p(x|z) of latents z [n latent] and what is told of the pictures.
func (m *vae) decode(s *nn.Scope, z *graph.Value, t told) likelihood {
	s = s.Sub("decoder")
	n, c := z.Dim(0), m.Pictures.Channels
	if m.c.Scale == "pixel" {
		c *= 2
	}
	h := m.dense(s, with(z, m.conditions(s, t)), reversed(m.c.Hidden))
	if m.c.Net == "dense" {
		h = nn.Dense(s.Sub("out"), h, m.Height*m.Width*c, nn.Glorot).Reshape(n, m.Height, m.Width, c)
	} else {
		h = m.grow(s, h, c)
	}
	switch {
	case m.c.Likelihood == "bernoulli":
		return likelihood{location: h}
	case m.c.Scale == "pixel":
		return likelihood{h.Slice(3, 0, c/2), h.Slice(3, c/2, c)}
	}
	return likelihood{h, s.Param("logscale", nn.Constant(-1), c)}
}

// grow turns a row into the smallest picture and doubles that to full size,
// with out channels at the end.
func (m *vae) grow(s *nn.Scope, h *graph.Value, out int) *graph.Value {
	last := len(m.c.Channels) - 1
	hs, ws := halvings(m.Height, last+1), halvings(m.Width, last+1)
	c := m.c.Channels[last]
	h = m.dense1(s.Sub("in"), h, hs[last+1]*ws[last+1]*c).Reshape(h.Dim(0), hs[last+1], ws[last+1], c)
	for i := last; i >= 0; i-- {
		step := func(c int, w func(up bool) nn.Initialiser) func(*nn.Scope, *graph.Value) *graph.Value {
			return func(s *nn.Scope, h *graph.Value) *graph.Value {
				if m.c.Decoder == "transposed" {
					return nn.Double(s, h, hs[i], ws[i], c, w(true))
				}
				return nn.Conv(s, nn.Crop(nn.Nearest(h), hs[i], ws[i]), 3, c, graph.Same(3), w(false))
			}
		}
		scope := s.Sub(fmt.Sprintf("conv%d", i))
		if i > 0 {
			h = m.activated(scope, h, step(m.c.Channels[i-1], m.filter))
			continue
		}
		h = nn.Bias(scope, step(out, func(bool) nn.Initialiser { return nn.Glorot })(scope, h))
	}
	return h
}

func (m *vae) kaiming() nn.Initialiser { return nn.KaimingIn(m.act.Gain) }

// filter initialises a hidden layer of the decoder.
func (m *vae) filter(transposed bool) nn.Initialiser {
	if transposed {
		return nn.KaimingTransposed(m.act.Gain, 2)
	}
	return m.kaiming()
}

// activated is layer, bias, activation.
func (m *vae) activated(s *nn.Scope, h *graph.Value, layer func(*nn.Scope, *graph.Value) *graph.Value) *graph.Value {
	return m.act.Apply(nn.Bias(s, layer(s, h)))
}

func (m *vae) dense1(s *nn.Scope, h *graph.Value, out int) *graph.Value {
	return m.activated(s, h, func(s *nn.Scope, h *graph.Value) *graph.Value {
		return nn.Linear(s, h, out, m.kaiming())
	})
}

func (m *vae) dense(s *nn.Scope, h *graph.Value, units []int) *graph.Value {
	for i, u := range units {
		h = m.dense1(s.Sub(fmt.Sprintf("dense%d", i)), h, u)
	}
	return h
}

// with joins a condition, if there is one, to rows [n d].
func with(h, y *graph.Value) *graph.Value {
	if y == nil {
		return h
	}
	return graph.Concat(1, h, y)
}

// halvings lists an extent after 0, 1, … n halvings, rounded up.
func halvings(extent, n int) []int {
	out := []int{extent}
	for range n {
		extent = (extent + 1) / 2
		out = append(out, extent)
	}
	return out
}

func reversed(xs []int) []int {
	out := make([]int, len(xs))
	for i, x := range xs {
		out[len(xs)-1-i] = x
	}
	return out
}
