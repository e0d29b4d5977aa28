package autoencoder

import (
	"fmt"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/nn"
)

var leaky, _ = nn.ActivationNamed("leaky_relu")

// judge scores patches of pictures [n h w c] in [−1, 1]: [n h/2ᵏ w/2ᵏ 1] for k
// resolutions, each from a neighbourhood: Isola et al., "Image-to-Image
// Translation with Conditional Adversarial Networks" (2017), section 2.2.2.
func (m *autoencoder) judge(s *nn.Scope, x *graph.Value) *graph.Value {
	s = s.Sub("critic")
	he := nn.KaimingIn(leaky.Gain)
	h := unshuffle(x)
	for i, c := range m.c.Critic.Channels {
		at := s.Sub(fmt.Sprintf("stage%d", i))
		if i > 0 {
			down := at.Sub("down")
			h = leaky.Apply(nn.Bias(down, nn.Halve(down, h, c, he)))
		}
		h = leaky.Apply(conv(at, h, c, he))
	}
	// Only differences of scores are looked at, so the last layer has no bias.
	return nn.Conv(s.Sub("out"), h, 3, 1, graph.Same(3), plain)
}

// verdict holds what a critic says about pictures and what came back of them.
type verdict struct {
	real, fake *graph.Value // scores of patches
	all        *graph.Value // both
	pictures   *graph.Value // that both were computed from
}

// compare scores pictures x and y as the nets see them, over the same colours
// b where they have alpha.
func (m *autoencoder) compare(s *nn.Scope, x, y, b *graph.Value) verdict {
	n := x.Dim(0)
	if b != nil {
		x, y = over(x, b), over(y, b)
	}
	both := graph.Concat(0, x, y)
	all := m.judge(s, both)
	return verdict{all.Slice(0, 0, n), all.Slice(0, n, 2*n), all, both}
}

// The relativistic pairing game: each patch is scored against the one it
// should be, Jolicoeur-Martineau, "The relativistic discriminator" (2018),
// equation 3; Huang et al., "The GAN is dead; long live the GAN!" (2024),
// equation 2.
func (v verdict) criticLoss() *graph.Value  { return v.fake.Sub(v.real).Softplus().Mean() }
func (v verdict) decoderLoss() *graph.Value { return v.real.Sub(v.fake).Softplus().Mean() }

// penalty is the zero-centred gradient penalty on real and returned pictures,
// ½E‖∇ΣD‖²/P over P patches: Mescheder et al., "Which Training Methods for
// GANs do actually Converge?" (2018), equations 9 and 10.
func (v verdict) penalty() *graph.Value {
	patches := v.real.Shape().Size()
	grad := graph.Grad(v.all.Sum(), v.pictures)[0]
	return grad.Square().Sum().MulScalar(.5 / float32(patches))
}
