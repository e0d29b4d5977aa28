package vae

import (
	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/nn"
)

// prior is p(z|t) = N(μ, σ²), rows [n latent]: what latents are expected of pictures
// of which t is said. The zero value is N(0, 1).
//
// A decoder that is told words learns little from them where the latents tell it all;
// drawn from N(0, 1), they then show something else than was asked for. With a prior
// that is told too the latents drawn are those of such pictures: the conditional prior
// of Sohn, Lee and Yan, "Learning Structured Output Representation using Deep
// Conditional Generative Models" (2015), equation 4.
type prior struct{ mu, logVar *graph.Value }

func (m *vae) prior(s *nn.Scope, t told) prior {
	if m.c.Prior != "words" {
		return prior{}
	}
	s = s.Sub("prior")
	h := m.dense(s, with(nn.PixelNorm(t.said), t.y), m.c.Hidden)
	return prior{
		mu:     nn.Dense(s.Sub("mean"), h, m.c.Latent, nn.Glorot),
		logVar: nn.Dense(s.Sub("logvar"), h, m.c.Latent, nn.Glorot),
	}
}

func (p prior) sigma() *graph.Value { return p.logVar.MulScalar(.5).Exp() }

// place gives the latents z = μ + σu of standard ones u, all [n latent].
func (p prior) place(u *graph.Value) *graph.Value {
	if p.mu == nil {
		return u
	}
	return u.Mul(p.sigma()).Add(p.mu)
}

// standard says a posterior in standard latents: the way back. What is encoded so and
// decoded of the same words is what it was, whatever they are.
func (p prior) standard(q posterior) posterior {
	if p.mu == nil {
		return q
	}
	return posterior{mu: q.mu.Sub(p.mu).Mul(p.logVar.MulScalar(-.5).Exp()), logVar: q.logVar.Sub(p.logVar)}
}

// times repeats each row.
func (p prior) times(draws int) prior {
	if p.mu == nil {
		return p
	}
	return prior{repeat(p.mu, draws), repeat(p.logVar, draws)}
}
