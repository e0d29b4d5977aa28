package flow

import (
	"fmt"
	"math"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/nn"
)

var gelu, _ = nn.ActivationNamed("gelu")

// velocity is the net: latents x [b h w c] at times t [b], for steps of the
// lengths stride [b], to the velocity there. Each place of the grid is a
// token. A block is self-attention with queries and keys normalised and turned
// by their place, cross-attention to the prompt, and a feed-forward net; the
// first and last are modulated by time, stride and the prompt as a whole
// (Chen et al., "PixArt-α", 2023, figure 4, where cross-attention is not
// modulated either).
func (m *flow) velocity(s *nn.Scope, x, t, stride *graph.Value, r reading) *graph.Value {
	b, d := x.Dim(0), m.c.Channels
	net := s.Sub("flow")
	cond := nn.TimeEmbedding(net.Sub("time"), t, d, d)
	if m.Strides() {
		cond = cond.Add(strideEmbedding(net.Sub("stride"), stride, d))
	}
	if m.words != nil {
		cond = cond.Add(nn.Dense(net.Sub("prompt"), r.pooled, d, nn.Glorot))
	}
	shared := nn.AdaLNSingle(net.Sub("modulation"), cond, 2, d)
	see := nn.Attention{Heads: m.c.Heads, Norm: true, Rotary: nn.NewAxialRotary(m.h, m.w, d/m.c.Heads, 100)}
	var listen nn.Attention
	if m.words != nil {
		listen = nn.Attention{Heads: m.c.Heads, Norm: true, Bias: nn.KeyMask(r.present)}
	}
	in, out := net.Sub("in"), net.Sub("out")
	h := nn.Bias(in, nn.Project(in, x.Reshape(b, m.h*m.w, m.z), d, nn.Glorot))
	for i := range m.c.Layers {
		at := net.Sub(fmt.Sprint("block", i))
		branch := nn.AdaLNBlock(at, shared, 2)
		h = branch[0].Residual(h, nn.PixelNorm, func(y *graph.Value) *graph.Value {
			return nn.SelfAttention(at.Sub("attention"), y, see)
		})
		if m.words != nil {
			y := nn.CrossAttention(at.Sub("words"), nn.RMSNorm(at.Sub("words"), h), r.states, listen)
			h = h.Add(y.Mul(at.Sub("words").Param("gate", nn.Zeros, d)))
		}
		h = branch[1].Residual(h, nn.PixelNorm, func(y *graph.Value) *graph.Value {
			return nn.FeedForward(at.Sub("mlp"), y, m.c.hidden(), gelu)
		})
	}
	h = nn.FinalModulation(net.Sub("final"), cond, d).Modulate(nn.PixelNorm(h))
	return nn.Bias(out, nn.Project(out, h, m.z, nn.Zeros)).Reshape(b, m.h, m.w, m.z)
}

// strideEmbedding is nn.TimeEmbedding for the length of a step. It begins at
// zero, so that a model that was trained without it goes on where it was.
func strideEmbedding(s *nn.Scope, stride *graph.Value, d int) *graph.Value {
	h := nn.Dense(s.Sub("in"), nn.Sinusoid(stride.MulScalar(1000), d, 10000), d, nn.KaimingIn(math.Sqrt2))
	return nn.Dense(s.Sub("out"), nn.SiLU(h), d, nn.Zeros)
}
