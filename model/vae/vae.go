// Package vae is the variational autoencoder of Kingma and Welling,
// "Auto-Encoding Variational Bayes" (2014), with the importance-weighted
// bound of Burda, Grosse and Salakhutdinov, "Importance Weighted
// Autoencoders" (2016), the β of Higgins et al., "β-VAE" (2017), and
// optionally classes as a condition of both nets and words as one of the decoder.
//
// Symbols: x a picture, z its latents, q(z|x) = N(μ, σ²) the encoder,
// p(x|z) the decoder, p(z) = N(0, 1) the prior. All bounds are in nats a
// picture.
package vae

import (
	"fmt"
	"math"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/nn"
)

// Family makes variational autoencoders. It has to be told which families its part
// can be of.
type Family struct {
	Encoders []model.Family // of text
}

// Name is "vae".
func (Family) Name() string { return "vae" }

// New reads and checks a configuration.
func (f Family) New(p model.Pictures, decode func(any) error) (model.Model, error) {
	c, err := read(p, decode)
	if err != nil {
		return nil, err
	}
	m := &vae{Pictures: p, c: c}
	m.act, _ = nn.ActivationNamed(c.Activation)
	if c.worded() {
		m.words, err = c.Words.BuildEncoder(f.Encoders...)
	}
	return m, err
}

type vae struct {
	model.Pictures
	c     Config
	act   nn.Activation
	words model.TextEncoder // nil: none
}

func (m *vae) Config() any { return m.c }

// Training is one step: Adam on the negative bound.
func (m *vae) Training(batch int) (*model.Training, error) {
	if batch < 1 {
		return nil, fmt.Errorf("a batch holds at least 1 picture, not %d", batch)
	}
	var t *model.Training
	err := graph.Catch(func() { t = m.training(batch) })
	return t, err
}

func (m *vae) training(batch int) *model.Training {
	g := graph.New()
	s := nn.NewScope(g)
	x, y := m.inputs(g, batch)
	b := m.bound(s, m.prepared(x), told{y, m.listen(s, batch)}, m.c.IWAE)

	elbo := b.elbo.Mean()
	loss := elbo.Neg()
	switch {
	case m.c.IWAE > 1:
		loss = b.iwae().Mean().Neg()
	case m.c.Warmup > 0:
		beta := nn.Schedule{From: m.c.Beta, Warm: m.c.Warmup}.Value(g.Input(model.InputProgress))
		loss = b.kl.Mean().Mul(beta).Sub(b.rec.Mean())
	case m.c.Beta != 1:
		loss = b.kl.Mean().MulScalar(float32(m.c.Beta)).Sub(b.rec.Mean())
	}
	metrics := []model.Metric{
		{Name: "loss", Value: loss},
		{Name: "nats/elbo", Value: elbo},
		{Name: "nats/reconstruction", Value: b.rec.Mean()},
		{Name: "nats/kl", Value: b.kl.Mean()},
	}
	if m.c.Likelihood == "logistic" {
		perDim := -1 / (math.Ln2 * float32(m.dims()))
		metrics = append(metrics, model.Metric{Name: "bits/dim", Value: elbo.MulScalar(perDim)})
	}

	ps := s.Params()
	grads := graph.Grad(loss, nn.Values(ps)...)
	guard := nn.NewGuard(grads, m.c.Clip, m.c.Skip)
	if guard.Norm != nil {
		metrics = append(metrics, model.Metric{Name: "norm/gradient", Value: guard.Norm})
	}
	adam := nn.DefaultAdam
	adam.Decay = m.c.Decay
	updates := adam.Update(s.Sub("adam"), ps, grads, g.Input(model.InputRate), guard)
	if m.c.EMA > 0 {
		decay, count := nn.Decay{Rate: m.c.EMA}.Value(s.Sub("ema"))
		updates = append(updates, nn.Average(s, ps, updates, decay)...)
		updates = append(updates, count)
	}
	return &model.Training{
		States: s.States(),
		Steps:  []model.Step{{Name: "train", Graph: g, Metrics: metrics, Updates: updates}},
	}
}

// Uses are all that an autoencoder can do.
func (m *vae) Uses() []model.Use {
	uses := []model.Use{model.UseSample, model.UseEncode, model.UseReconstruct, model.UseBound}
	if m.c.Binarize == "dynamic" {
		uses = append(uses, model.UsePrepare)
	}
	if m.words != nil {
		uses = append(uses, model.UseRead)
	}
	return uses
}

// Build makes the graph of a use with the averaged weights.
func (m *vae) Build(use model.Use, batch int) (*model.Call, error) {
	if use == model.UseBound {
		return m.Bound(batch, 1)
	}
	return m.call(batch, func(s *nn.Scope) ([]model.Output, error) {
		g := s.Graph
		switch use {
		case model.UseSample:
			z := g.Input(model.InputLatents, batch, m.c.Latent).Mul(g.Input(model.InputTruncate))
			t := told{y: m.labels(g, batch)}
			if m.words != nil {
				t.said = g.Input(model.Pooled, batch, m.words.Width())
			}
			return []model.Output{{Name: "images", Value: m.mean(m.decode(s, m.prior(s, t).place(z), t))}}, nil
		case model.UseEncode:
			x, y := m.inputs(g, batch)
			q := m.encode(s, x, y)
			if m.c.Prior == "words" {
				q = m.prior(s, m.untold(s, y, batch)).standard(q)
			}
			return []model.Output{{Name: "mean", Value: q.mu}, {Name: "std", Value: q.sigma()}}, nil
		case model.UseReconstruct:
			x, y := m.inputs(g, batch)
			return []model.Output{{Name: "images", Value: m.mean(m.decode(s, m.encode(s, x, y).mu, m.untold(s, y, batch)))}}, nil
		case model.UsePrepare:
			if m.c.Binarize == "dynamic" {
				x := m.images(g, batch)
				return []model.Output{{Name: "images", Value: m.prepared(x)}}, nil
			}
		case model.UseRead:
			if m.words != nil {
				return []model.Output{{Name: model.Pooled, Value: m.read(s, g.Input(model.InputTokens, batch, m.Tokens()))}}, nil
			}
		}
		return nil, fmt.Errorf("a VAE cannot %s", use)
	})
}

// Bound is the graph of the evidence lower bound with draws latents a
// picture, of which nothing is said in words: "elbo", "rec" and "kl" [batch], "log_weight" [batch draws].
func (m *vae) Bound(batch, draws int) (*model.Call, error) {
	if draws < 1 {
		return nil, fmt.Errorf("a bound takes at least 1 draw, not %d", draws)
	}
	return m.call(batch, func(s *nn.Scope) ([]model.Output, error) {
		x, y := m.inputs(s.Graph, batch)
		b := m.bound(s, m.prepared(x), m.untold(s, y, batch), draws)
		return []model.Output{
			{Name: "elbo", Value: b.elbo}, {Name: "rec", Value: b.rec},
			{Name: "kl", Value: b.kl}, {Name: "log_weight", Value: b.logWeight},
		}, nil
	})
}

func (m *vae) call(batch int, build func(*nn.Scope) ([]model.Output, error)) (*model.Call, error) {
	if batch < 1 {
		return nil, fmt.Errorf("a batch holds at least 1 picture, not %d", batch)
	}
	s := nn.NewScope(graph.New())
	if m.c.EMA > 0 {
		s = nn.NewAveragedScope(s.Graph)
	}
	var out []model.Output
	var failed error
	if err := graph.Catch(func() { out, failed = build(s) }); err != nil {
		return nil, err
	}
	return &model.Call{Graph: s.Graph, Latent: m.c.Latent, Outputs: out}, failed
}

// inputs are the pictures x [n h w c] and, for a conditional model, the
// classes y as one-hot rows [n classes], else nil.
func (m *vae) inputs(g *graph.Graph, batch int) (x, y *graph.Value) {
	return m.images(g, batch), m.labels(g, batch)
}

func (m *vae) images(g *graph.Graph, batch int) *graph.Value {
	return g.Input(model.InputImages, batch, m.Height, m.Width, m.Channels)
}

func (m *vae) labels(g *graph.Graph, batch int) *graph.Value {
	if !m.c.Conditional {
		return nil
	}
	return g.Input(model.InputLabels, batch).OneHot(len(m.Classes))
}

// dims is how many numbers a picture has.
func (m *vae) dims() int { return m.Height * m.Width * m.Pictures.Channels }
