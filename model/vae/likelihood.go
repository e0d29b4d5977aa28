package vae

import (
	"github.com/limner-ai/limner/engine/graph"
)

// prepared are pictures as the likelihood sees them. Under dynamic
// binarisation a grey g becomes 1 with probability g, by fresh noise
// (Salakhutdinov and Murray, 2008); black and white stay what they are, so
// pictures that are binary already do not change.
func (m *vae) prepared(x *graph.Value) *graph.Value {
	if m.c.Binarize != "dynamic" {
		return x
	}
	return x.Graph().Uniform("binarize", x.Shape()...).Less(x)
}

// logLikelihood is log p(x|z) in nats, [n draws], of pictures x [n h w c]
// under the decoder's results for n·draws latents.
func (m *vae) logLikelihood(x *graph.Value, p likelihood, draws int) *graph.Value {
	n, h, w, c := x.Dim(0), x.Dim(1), x.Dim(2), x.Dim(3)
	if draws > 1 {
		x = x.Reshape(n, 1, h, w, c).BroadcastTo(n, draws, h, w, c).Reshape(n*draws, h, w, c)
	}
	var each *graph.Value
	if m.c.Likelihood == "bernoulli" {
		each = bernoulli(x, p.location)
	} else {
		each = logistic(x, p.location, p.logScale)
	}
	return each.Reshape(n*draws, -1).ReduceSum(1).Reshape(n, draws)
}

// bernoulli is x log p + (1−x) log(1−p) = xl − log(1 + eˡ) for the logit l.
func bernoulli(x, logit *graph.Value) *graph.Value {
	return x.Mul(logit).Sub(logit.Softplus())
}

// logistic is the log of the probability that a logistic distribution with
// the given mean and log scale s puts on the bin of x, one of 256 levels:
// Salimans et al., "PixelCNN++" (2017), section 2.1, with one component.
// Means are in [−1, 1], x in [0, 1]. The outer bins reach to infinity, so
// the 256 probabilities add up to 1.
//
// With a and b the upper and lower edge of the bin, standardised, and d = a−b,
//
//	log(σ(a) − σ(b)) = −softplus(−a) − softplus(b) + log(1 − e⁻ᵈ),
//
// which overflows nowhere and cancels nowhere; 1 − e⁻ᵈ = 2t/(1+t) with
// t = tanh(d/2) keeps its digits for narrow bins. The outer bins keep the one
// term of their inner edge.
func logistic(x, mean, s *graph.Value) *graph.Value {
	level := x.MulScalar(255).AddScalar(.5).Floor()
	notLow := level.Greater(level.Graph().Full(.5))
	notHigh := level.Less(level.Graph().Full(254.5))

	s = s.Max(s.Graph().Full(-7)) // as narrow as a bin needs
	inverse := s.Neg().Exp()
	centre := level.MulScalar(2. / 255).AddScalar(-1).Sub(mean)
	a := centre.AddScalar(1. / 255).Mul(inverse)
	b := centre.AddScalar(-1. / 255).Mul(inverse)
	t := inverse.MulScalar(1. / 255).Tanh()
	width := t.MulScalar(2).Div(t.AddScalar(1)).Log()

	upper := a.Neg().Softplus().Mul(notHigh)
	lower := b.Softplus().Mul(notLow)
	return width.Mul(notLow.Mul(notHigh)).Sub(upper).Sub(lower)
}

// mean is the mean of p(x|z), in [0, 1].
func (m *vae) mean(p likelihood) *graph.Value {
	if m.c.Likelihood == "bernoulli" {
		return p.location.Sigmoid()
	}
	g := p.location.Graph()
	return p.location.AddScalar(1).MulScalar(.5).Max(g.Full(0)).Min(g.Full(1))
}
