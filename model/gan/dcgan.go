package gan

import (
	"fmt"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/nn"
)

// dcgan halves and doubles by 4×4 convolutions of stride 2. Batch
// normalisation is left out; the generator divides by the root mean square
// across channels instead.
type dcgan struct {
	p model.Pictures
	c Config
}

var leaky, _ = nn.ActivationNamed("leaky_relu")

func (m dcgan) generate(s *nn.Scope, z *graph.Value) *graph.Value {
	n := len(m.c.Channels)
	hs, ws := halvings(m.p.Height, n), halvings(m.p.Width, n)
	kaiming := nn.KaimingTransposed(leaky.Gain, 2)
	h := nn.Linear(s.Sub("in"), z, hs[n]*ws[n]*m.c.Channels[0], nn.KaimingIn(leaky.Gain))
	h = m.settle(s.Sub("in"), h.Reshape(z.Dim(0), hs[n], ws[n], m.c.Channels[0]), z)
	for i, c := range m.c.Channels[1:] {
		at := s.Sub(fmt.Sprintf("up%d", i))
		h = m.settle(at, nn.Double(at, h, hs[n-1-i], ws[n-1-i], c, kaiming), z)
	}
	out := s.Sub("out")
	return nn.Bias(out, nn.Double(out, h, hs[0], ws[0], m.p.Channels, nn.KaimingTransposed(1, 2))).Tanh()
}

// settle is norm, what a prompt does, bias, activation.
func (m dcgan) settle(s *nn.Scope, h, z *graph.Value) *graph.Value {
	if m.c.Norm == "pixel" {
		h = nn.PixelNorm(h)
	}
	return leaky.Apply(nn.Bias(s, m.c.modulate(s, h, z)))
}

func (m dcgan) features(s *nn.Scope, x *graph.Value) *graph.Value {
	n := len(m.c.Channels)
	for i := range n {
		at := s.Sub(fmt.Sprintf("down%d", i))
		x = leaky.Apply(nn.Bias(at, nn.Halve(at, x, m.c.Channels[n-1-i], nn.KaimingIn(leaky.Gain))))
	}
	return x.Reshape(x.Dim(0), -1)
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
