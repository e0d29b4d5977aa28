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
// With a text encoder for a part, both nets are also told what its picture is
// to show: as in DF-GAN of Tao et al., "DF-GAN: A Simple and Effective Baseline
// for Text-to-Image Synthesis" (2022), by one reading of the prompt as a whole.
//
// Inside, pictures are in [−1, 1], with colours multiplied by alpha.
package gan

import (
	"fmt"
	"math"
	"slices"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/nn"
)

// Family makes adversarial networks. It has to be told which families its part
// can be of.
type Family struct {
	Encoders []model.Family // of text
}

// wordsScope is the scope of the text encoder, and its key in a configuration.
const wordsScope = "words"

// Name is "gan".
func (Family) Name() string { return "gan" }

// Parts implements model.Composite.
func (Family) Parts(decode func(any) error) (map[string]model.Part, error) {
	var c Config
	if err := decode(&c); err != nil || !c.worded() {
		return nil, err
	}
	return map[string]model.Part{wordsScope: c.Words}, nil
}

// New reads and checks a configuration and builds its part.
func (f Family) New(p model.Pictures, decode func(any) error) (model.Model, error) {
	c, err := read(p, decode)
	if err != nil {
		return nil, err
	}
	m := &gan{Pictures: p, c: c, nets: dcgan{p, c}}
	if c.Arch == "r3gan" {
		m.nets = r3gan{p, c}
	}
	if !c.worded() {
		return m, nil
	}
	m.words, err = c.Words.BuildEncoder(f.Encoders...)
	return m, err
}

type gan struct {
	model.Pictures
	c     Config
	nets  nets
	words model.TextEncoder // nil: none
}

var (
	_ model.Worded    = (*gan)(nil)
	_ model.Composite = Family{}
)

// nets is an architecture.
type nets interface {
	// generate makes pictures [n h w c] of rows [n d], the latents beside the
	// embedded class and prompt.
	generate(s *nn.Scope, z *graph.Value) *graph.Value
	// features describes pictures [n h w c] by rows [n d].
	features(s *nn.Scope, x *graph.Value) *graph.Value
}

func (m *gan) Config() any { return m.c }

// Uses are sampling, the way back by search, and reading prompts.
func (m *gan) Uses() []model.Use {
	uses := []model.Use{model.UseSample, model.UseInvert}
	if m.words != nil {
		uses = append(uses, model.UseRead)
	}
	return uses
}

// Build makes the graph of a use with the averaged generator.
func (m *gan) Build(use model.Use, batch int) (*model.Call, error) {
	if !slices.Contains(m.Uses(), use) {
		return nil, fmt.Errorf("a GAN of this configuration cannot %s", use)
	}
	if batch < 1 {
		return nil, fmt.Errorf("a batch holds at least 1 picture, not %d", batch)
	}
	g := graph.New()
	s := nn.NewScope(g)
	if m.c.HalfLife > 0 {
		s = nn.NewAveragedScope(g)
	}
	call := &model.Call{Graph: g}
	err := graph.Catch(func() {
		if use == model.UseRead {
			call.Outputs = []model.Output{{Name: model.Pooled, Value: m.read(s, g.Input(model.InputTokens, batch, m.Tokens()))}}
			return
		}
		call.Latent = m.c.Latent
		t := told{y: m.labels(g, batch)}
		if m.words != nil {
			t.prompt = g.Input(model.Pooled, batch, m.words.Width())
		}
		z := g.Input(model.InputLatents, batch, m.c.Latent)
		if use == model.UseInvert {
			call.Outputs = m.invert(s, z, t)
			return
		}
		images := m.generate(s, z.Mul(g.Input(model.InputTruncate)), t)
		call.Outputs = []model.Output{{Name: "images", Value: nn.Straight(images)}}
	})
	return call, err
}

// told is what both nets are told of pictures: their class indices y [n] and
// the readings of their prompts [n d]; nil where there are none.
type told struct{ y, prompt *graph.Value }

// generate is G(z): pictures [n h w c] of latents z [n latent]. The class enters
// as an embedded row beside z, and so does the prompt.
func (m *gan) generate(s *nn.Scope, z *graph.Value, t told) *graph.Value {
	s = s.Sub("generator")
	if t.y != nil {
		z = graph.Concat(1, z, nn.Embedding(s.Sub("class"), t.y, len(m.Classes), m.c.Latent, nn.Normal(1)))
	}
	if t.prompt != nil {
		z = graph.Concat(1, z, m.embed(s, t.prompt))
	}
	return m.nets.generate(s, z)
}

// score is D(x), [n].
func (m *gan) score(s *nn.Scope, x *graph.Value, t told) *graph.Value {
	return m.judgement(s, m.nets.features(s.Sub("discriminator"), x), t)
}

// judgement is the score [n] of pictures with the features φ. With classes it is
// the projection ψ(φ) + ⟨e(y), φ⟩ of Miyato and Koyama, "cGANs with Projection
// Discriminator" (2018), equation 3, and prompts are projected alike.
func (m *gan) judgement(s *nn.Scope, phi *graph.Value, t told) *graph.Value {
	s = s.Sub("discriminator")
	out := nn.Linear(s.Sub("head"), phi, 1, nn.KaimingIn(1))
	if m.c.Loss != "relativistic" { // which sees only differences of scores
		out = nn.Bias(s.Sub("head"), out)
	}
	if t.y != nil {
		e := nn.Embedding(s.Sub("class"), t.y, len(m.Classes), phi.Dim(1), nn.KaimingOut(1))
		out = out.Add(e.Mul(phi).ReduceSum(1))
	}
	if t.prompt != nil {
		e := m.embed(s, t.prompt)
		small := nn.Normal(1 / math.Sqrt(float64(e.Dim(1)*phi.Dim(1)))) // ⟨e, φ⟩ varies as φ does
		out = out.Add(nn.Linear(s.Sub("prompt"), e, phi.Dim(1), small).Mul(phi).ReduceSum(1))
	}
	return out.Squeeze(1)
}

func (m *gan) labels(g *graph.Graph, batch int) *graph.Value {
	if !m.c.Conditional {
		return nil
	}
	return g.Input(model.InputLabels, batch)
}
