// Package autoencoder makes pictures small for other models and back: the
// first stage of Rombach et al., "High-Resolution Image Synthesis with Latent
// Diffusion Models" (2022), section 3.1. A convolutional encoder finds
// q(z|x) = N(μ, σ²) on a coarse grid, with a faint pull towards N(0, 1); a
// decoder learns from the absolute error of values and of the bands of a
// Laplacian pyramid, and late in the run from a critic of patches. It has no
// likelihood: what it measures is how well pictures come back.
//
// Pictures of four channels have straight alpha outside and premultiplied
// colours inside; errors are taken of them and of what they look like over a
// random colour.
package autoencoder

import (
	"fmt"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/nn"
)

// Family makes autoencoders.
type Family struct{}

// Name is "autoencoder".
func (Family) Name() string { return "autoencoder" }

// New reads and checks a configuration.
func (Family) New(p model.Pictures, decode func(any) error) (model.Model, error) {
	c, err := read(p, decode)
	if err != nil {
		return nil, err
	}
	return &autoencoder{Pictures: p, c: c}, nil
}

type autoencoder struct {
	model.Pictures
	c Config
}

var silu, _ = nn.ActivationNamed("silu")

func (m *autoencoder) Config() any { return m.c }

// Grid is the extent of the latent: rows, columns, channels.
func (m *autoencoder) Grid() (h, w, c int) {
	n := len(m.c.Encoder)
	return m.Height >> n, m.Width >> n, m.c.Latent
}

// Encode finds the mean and standard deviation [n h w c] of the latents of
// pictures [n Height Width Channels] in [0, 1]. Over the pictures that the
// model learned from, each channel of a draw has mean 0 and variance 1.
func (m *autoencoder) Encode(s *nn.Scope, images *graph.Value) (mean, std *graph.Value) {
	q := m.encode(s, nn.Premultiplied(images))
	shift, unit := m.scale(s).standard()
	return q.mu.Sub(shift).Mul(unit), q.sigma().Mul(unit)
}

// Decode makes pictures [n Height Width Channels] in [0, 1] of latents
// [n h w c] as Encode gives them.
func (m *autoencoder) Decode(s *nn.Scope, latents *graph.Value) *graph.Value {
	shift, unit := m.scale(s).standard()
	return nn.Straight(m.decode(s, latents.Div(unit).Add(shift)))
}

// Uses are coding, and measuring what is lost.
func (m *autoencoder) Uses() []model.Use {
	return []model.Use{model.UseSample, model.UseEncode, model.UseReconstruct, model.UseScore}
}

// Build makes the graph of a use with the averaged weights. Latents are rows
// [batch h·w·c] of the grid.
func (m *autoencoder) Build(use model.Use, batch int) (*model.Call, error) {
	if batch < 1 {
		return nil, fmt.Errorf("a batch holds at least 1 picture, not %d", batch)
	}
	g := graph.New()
	h, w, c := m.Grid()
	call := &model.Call{Graph: g, Latent: h * w * c}
	var failed error
	err := graph.Catch(func() { call.Outputs, failed = m.outputs(nn.NewAveragedScope(g), use, batch) })
	if err == nil {
		err = failed
	}
	return call, err
}

func (m *autoencoder) outputs(s *nn.Scope, use model.Use, batch int) ([]model.Output, error) {
	g := s.Graph
	h, w, c := m.Grid()
	images := func() *graph.Value { return g.Input(model.InputImages, batch, m.Height, m.Width, m.Channels) }
	switch use {
	case model.UseSample:
		z := g.Input(model.InputLatents, batch, h*w*c).Mul(g.Input(model.InputTruncate))
		return []model.Output{{Name: "images", Value: m.Decode(s, z.Reshape(batch, h, w, c))}}, nil
	case model.UseEncode:
		mean, std := m.Encode(s, images())
		return []model.Output{{Name: "mean", Value: mean.Reshape(batch, -1)}, {Name: "std", Value: std.Reshape(batch, -1)}}, nil
	case model.UseReconstruct:
		return []model.Output{{Name: "images", Value: nn.Straight(m.decode(s, m.encode(s, nn.Premultiplied(images())).mu))}}, nil
	case model.UseScore:
		return m.score(s, images()), nil
	}
	return nil, fmt.Errorf("an autoencoder cannot %s", use)
}
