package vae

import (
	"math"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/nn"
)

// posterior is q(z|x) = N(μ, σ²), a row [n latent] a picture.
type posterior struct {
	mu, logVar *graph.Value
}

func (q posterior) sigma() *graph.Value { return q.logVar.MulScalar(.5).Exp() }

// kl is KL(q(z|x) ‖ p(z)) = ½ Σ (σ² + μ² − 1 − log σ²), [n]: Kingma and
// Welling, appendix B.
func (q posterior) kl() *graph.Value {
	t := q.logVar.Exp().Add(q.mu.Square()).AddScalar(-1).Sub(q.logVar)
	return t.ReduceSum(1).MulScalar(.5).Squeeze(1)
}

// terms are the parts of the bound on log p(x), nats a picture.
type terms struct {
	rec       *graph.Value // E log p(x|z) over the draws, [n]
	kl        *graph.Value // KL(q(z|x) ‖ p(z)) in closed form, [n]
	elbo      *graph.Value // rec − kl, [n]: Kingma and Welling, equation 7
	logWeight *graph.Value // log p(x, z)/q(z|x), [n draws]: Burda et al., equation 7
}

// bound draws latents for each picture x [n h w c].
func (m *vae) bound(s *nn.Scope, x *graph.Value, t told, draws int) terms {
	g, n, d := s.Graph, x.Dim(0), m.c.Latent
	p := m.prior(s, t)
	q := p.standard(m.encode(s, x, t.y))

	// z = μ + σε, ε ~ N(0, 1): the reparameterisation, equation 10. Seen from the prior
	// everything is as with N(0, 1): neither KL nor ratios change with the scale.
	eps := g.Normal("latents", n, draws, d)
	wide := func(v *graph.Value) *graph.Value { return v.Reshape(n, 1, d) }
	z := wide(q.mu).Add(wide(q.sigma()).Mul(eps))

	theta := m.decode(s, p.times(draws).place(z.Reshape(n*draws, d)), t.times(draws))
	logPx := m.logLikelihood(x, theta, draws)

	// log p(z) − log q(z|x) = Σ ½(ε² − z²) + log σ; the normalisers cancel.
	ratio := eps.Square().Sub(z.Square()).Add(wide(q.logVar)).MulScalar(.5).ReduceSum(2).Squeeze(2)

	all := terms{rec: logPx.ReduceMean(1).Squeeze(1), kl: q.kl(), logWeight: logPx.Add(ratio)}
	all.elbo = all.rec.Sub(all.kl)
	return all
}

// iwae is log 1/k Σ w over the draws, [n]: Burda et al., equation 8.
func (t terms) iwae() *graph.Value {
	k := float64(t.logWeight.Dim(1))
	return t.logWeight.LogSumExp(1).Squeeze(1).AddScalar(float32(-math.Log(k)))
}
