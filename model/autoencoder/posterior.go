package autoencoder

import (
	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/nn"
)

// posterior is q(z|x) = N(μ, σ²), a grid [n h w c] a picture.
type posterior struct {
	mu, logVar *graph.Value
}

func (q posterior) sigma() *graph.Value { return q.logVar.MulScalar(.5).Exp() }

// draw is z = μ + σε: Kingma and Welling, "Auto-Encoding Variational Bayes"
// (2014), equation 10.
func (q posterior) draw() *graph.Value {
	return q.mu.Add(q.sigma().Mul(q.mu.Graph().Normal("latents", q.mu.Shape()...)))
}

// kl is KL(q(z|x) ‖ N(0, 1)) = ½ Σ (σ² + μ² − 1 − log σ²), [n], in nats:
// Kingma and Welling, appendix B.
func (q posterior) kl() *graph.Value {
	t := q.logVar.Exp().Add(q.mu.Square()).AddScalar(-1).Sub(q.logVar)
	return t.Reshape(t.Dim(0), -1).ReduceSum(1).MulScalar(.5).Squeeze(1)
}

// scale is what is remembered of the latents of each channel, so that other
// models see them with mean 0 and variance 1: Rombach et al. (2022), appendix
// G, which takes one number from the first batch. Here it is a moving average.
type scale struct {
	mean, square *graph.Value // E z and E z², [c]
}

func (m *autoencoder) scale(s *nn.Scope) scale {
	s = s.Sub("latent")
	return scale{s.State("mean", nn.Zeros, m.c.Latent), s.State("square", nn.Ones, m.c.Latent)}
}

// leastVariance keeps a channel that says nothing from blowing up.
const leastVariance = 1e-6

// standard are the mean and one over the standard deviation, [c].
func (k scale) standard() (shift, unit *graph.Value) {
	g := k.mean.Graph()
	return k.mean, k.square.Sub(k.mean.Square()).Max(g.Full(leastVariance)).Rsqrt()
}

// update moves the scale towards that of latents z [n h w c].
func (k scale) update(z, decay *graph.Value) []nn.Update {
	gain := decay.Graph().Full(1).Sub(decay)
	c := z.Dim(3)
	move := func(old, sample *graph.Value) nn.Update {
		return nn.Update{State: old, Value: old.Add(gain.Mul(sample.ReduceMean(0, 1, 2).Reshape(c).Sub(old)))}
	}
	return []nn.Update{move(k.mean, z), move(k.square, z.Square())}
}
