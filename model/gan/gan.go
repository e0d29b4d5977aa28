// Package gan is the generative adversarial network: a generator G that makes
// pictures from noise z, and a discriminator D that scores how real a picture
// is (D without a final squashing, "logits").
//
// Two architectures: the DCGAN of Radford, Metz and Chintala (2016) with the
// non-saturating loss and the zero-centred gradient penalty R1 of Mescheder,
// Geiger and Nowozin, "Which Training Methods for GANs do actually
// Converge?" (2018); and R3GAN of Huang, Gokaslan, Kuleshov and Tompkin, "The
// GAN is dead; long live the GAN!" (2024) with the relativistic loss, R1 and
// R2. Neither normalises over the batch, so that the penalties, which are the
// gradient of a gradient, see one picture at a time.
//
// Inside, pictures are in [−1, 1].
package gan

import (
	"fmt"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/nn"
)

// Family makes adversarial networks.
type Family struct{}

// Name is "gan".
func (Family) Name() string { return "gan" }

// New reads and checks a configuration.
func (Family) New(p model.Pictures, decode func(any) error) (model.Model, error) {
	c, err := read(p, decode)
	if err != nil {
		return nil, err
	}
	m := &gan{Pictures: p, c: c, nets: dcgan{p, c}}
	if c.Arch == "r3gan" {
		m.nets = r3gan{p, c}
	}
	return m, nil
}

type gan struct {
	model.Pictures
	c    Config
	nets nets
}

// nets is an architecture.
type nets interface {
	// generate makes pictures [n h w c] of rows [n d], the latents and the
	// embedded class.
	generate(s *nn.Scope, z *graph.Value) *graph.Value
	// features describes pictures [n h w c] by rows [n d].
	features(s *nn.Scope, x *graph.Value) *graph.Value
}

func (m *gan) Config() any { return m.c }

// Uses are sampling, and the way back by search.
func (m *gan) Uses() []model.Use { return []model.Use{model.UseSample, model.UseInvert} }

// Build makes the graph of a use with the averaged generator.
func (m *gan) Build(use model.Use, batch int) (*model.Call, error) {
	if use != model.UseSample && use != model.UseInvert {
		return nil, fmt.Errorf("a GAN cannot %s", use)
	}
	if batch < 1 {
		return nil, fmt.Errorf("a batch holds at least 1 picture, not %d", batch)
	}
	g := graph.New()
	s := nn.NewScope(g)
	if m.c.HalfLife > 0 {
		s = nn.NewAveragedScope(g)
	}
	call := &model.Call{Graph: g, Latent: m.c.Latent}
	err := graph.Catch(func() {
		z := g.Input(model.InputLatents, batch, m.c.Latent)
		if use == model.UseInvert {
			call.Outputs = m.invert(s, z, batch)
			return
		}
		images := m.generate(s, z.Mul(g.Input(model.InputTruncate)), m.labels(g, batch))
		call.Outputs = []model.Output{{Name: "images", Value: shown(images)}}
	})
	return call, err
}

// shown are pictures as others see them, in [0, 1].
func shown(x *graph.Value) *graph.Value {
	g := x.Graph()
	return x.AddScalar(1).MulScalar(.5).Max(g.Full(0)).Min(g.Full(1))
}

// generate is G(z, y): pictures [n h w c] of latents z [n latent] and class
// indices y [n] (nil: none), which enter as embedded rows beside z.
func (m *gan) generate(s *nn.Scope, z, y *graph.Value) *graph.Value {
	s = s.Sub("generator")
	if y != nil {
		e := nn.Embedding(s.Sub("class"), y, len(m.Classes), m.c.Latent, nn.Normal(1))
		z = graph.Concat(1, z, e)
	}
	return m.nets.generate(s, z)
}

// score is D(x, y), [n]. With classes it is the projection ψ(φ) + ⟨e(y), φ⟩
// of Miyato and Koyama, "cGANs with Projection Discriminator" (2018),
// equation 3, where φ are the features of x.
func (m *gan) score(s *nn.Scope, x, y *graph.Value) *graph.Value {
	s = s.Sub("discriminator")
	phi := m.nets.features(s, x)
	out := nn.Linear(s.Sub("head"), phi, 1, nn.KaimingIn(1))
	if m.c.Loss != "relativistic" { // which sees only differences of scores
		out = nn.Bias(s.Sub("head"), out)
	}
	if y != nil {
		e := nn.Embedding(s.Sub("class"), y, len(m.Classes), phi.Dim(1), nn.KaimingOut(1))
		out = out.Add(e.Mul(phi).ReduceSum(1))
	}
	return out.Squeeze(1)
}

func (m *gan) labels(g *graph.Graph, batch int) *graph.Value {
	if !m.c.Conditional {
		return nil
	}
	return g.Input(model.InputLabels, batch)
}
