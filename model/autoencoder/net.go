package autoencoder

import (
	"fmt"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/nn"
)

// logVarStart is log σ² of a new encoder: a little noise, so that the decoder
// learns from the first step on.
const logVarStart = -4

var (
	kaiming = nn.KaimingIn(silu.Gain)
	plain   = nn.KaimingIn(1)
)

// encode finds q(z|x) = N(μ, σ²) of pictures x [n h w c] as inside gives
// them: μ and log σ² are [n h/2ᵏ w/2ᵏ latent] for k resolutions.
func (m *autoencoder) encode(s *nn.Scope, x *graph.Value) posterior {
	s = s.Sub("encoder")
	h := conv(s.Sub("in"), unshuffle(x), m.c.Encoder[0], plain)
	for i, c := range m.c.Encoder {
		at := s.Sub(fmt.Sprintf("stage%d", i))
		if i > 0 {
			h = down(at.Sub("down"), h, c)
		}
		h = blocks(at, h, m.c.Blocks)
	}
	h = settle(s.Sub("out"), h)
	mu := conv(s.Sub("mean"), h, m.c.Latent, plain)
	v := s.Sub("logvar")
	logVar := nn.Conv(v, h, 3, m.c.Latent, graph.Same(3), nn.Zeros)
	return posterior{mu, logVar.Add(v.Param("b", nn.Constant(logVarStart), m.c.Latent))}
}

// decode is the mean of p(x|z) of latents z [n h/2ᵏ w/2ᵏ latent], in the
// nets' own range but not clipped to it.
func (m *autoencoder) decode(s *nn.Scope, z *graph.Value) *graph.Value {
	s = s.Sub("decoder")
	last := len(m.c.Decoder) - 1
	h := conv(s.Sub("in"), z, m.c.Decoder[last], plain)
	for i := last; i >= 0; i-- {
		at := s.Sub(fmt.Sprintf("stage%d", i))
		if i < last {
			h = up(at.Sub("up"), h, m.c.Decoder[i])
		}
		h = blocks(at, h, m.c.DecoderBlocks)
	}
	// The last convolution lies at full resolution and overlaps, so that the
	// 2×2 places that one pixel becomes do not show.
	out := s.Sub("out")
	h = conv(out.Sub("up"), settle(out, h), 4*fine, kaiming)
	h = silu.Apply(shuffle(h))
	return conv(out.Sub("picture"), h, m.Channels, plain)
}

// fine is how many channels the decoder has at full resolution.
const fine = 16

// conv is a 3×3 convolution with a bias.
func conv(s *nn.Scope, x *graph.Value, out int, w nn.Initialiser) *graph.Value {
	return nn.Bias(s, nn.Conv(s, x, 3, out, graph.Same(3), w))
}

// settle is norm and activation: the root mean square across channels at each
// place, which mixes no places, so that no flaw of one spreads to all.
func settle(s *nn.Scope, x *graph.Value) *graph.Value {
	return silu.Apply(nn.RMSNorm(s.Sub("norm"), x))
}

// blocks are residual blocks that keep the shape: norm, activation and 3×3
// convolution, activation and 3×3 convolution that begins at zero.
func blocks(s *nn.Scope, x *graph.Value, n int) *graph.Value {
	for i := range n {
		b := s.Sub(fmt.Sprintf("block%d", i))
		x = nn.Residual(x, func(h *graph.Value) *graph.Value {
			c := h.Dim(3)
			h = silu.Apply(conv(b.Sub("1"), settle(b, h), c, kaiming))
			return conv(b.Sub("2"), h, c, nn.Zeros)
		})
	}
	return x
}

// down halves the extent: a 3×3 convolution and space to channels.
func down(s *nn.Scope, x *graph.Value, out int) *graph.Value {
	return unshuffle(conv(s, x, out/4, plain))
}

// up doubles the extent: a 1×1 convolution and channels to space.
func up(s *nn.Scope, x *graph.Value, out int) *graph.Value {
	return shuffle(nn.Bias(s, nn.PointConv(s, x, 4*out, plain)))
}

// unshuffle turns squares of 2×2 places into channels: [n h w c] → [n h/2 w/2
// 4c].
func unshuffle(x *graph.Value) *graph.Value {
	n, h, w, c := x.Dim(0), x.Dim(1), x.Dim(2), x.Dim(3)
	return x.Reshape(n, h/2, 2, w/2, 2, c).Transpose(0, 1, 3, 2, 4, 5).Reshape(n, h/2, w/2, 4*c)
}

// shuffle undoes unshuffle: Shi et al., "Real-Time Single Image and Video
// Super-Resolution Using an Efficient Sub-Pixel Convolutional Neural Network"
// (2016), equation 4.
func shuffle(x *graph.Value) *graph.Value {
	n, h, w, c := x.Dim(0), x.Dim(1), x.Dim(2), x.Dim(3)/4
	return x.Reshape(n, h, w, 2, 2, c).Transpose(0, 1, 3, 2, 4, 5).Reshape(n, 2*h, 2*w, c)
}
