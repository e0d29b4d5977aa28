// Package flow is the latent text-to-image model: a transformer that predicts
// the velocity of a rectified flow (Liu et al., "Flow Straight and Fast",
// 2023; Esser et al., "Scaling Rectified Flow Transformers for High-Resolution
// Image Synthesis", 2024) between noise and the latents of an autoencoder,
// told by a text encoder what the picture is to show. Trained as a shortcut
// model (Frans et al., "One Step Diffusion via Shortcut Models", 2024) it
// takes few large steps as well.
//
// Time t goes from 0, the picture, to 1, noise: x_t = (1−t)·x + t·ε and
// v = ε − x.
package flow

import (
	"errors"
	"fmt"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/nn"
)

// Family makes flow models. It has to be told which families its parts can be
// of.
type Family struct {
	Autoencoders []model.Family
	Encoders     []model.Family // of text
}

// Scopes of the parts, which are also their keys in a configuration.
const (
	autoencoderScope = "autoencoder"
	wordsScope       = "words"
)

// Name is "flow".
func (Family) Name() string { return "flow" }

// Parts implements model.Composite.
func (Family) Parts(decode func(any) error) (map[string]model.Part, error) {
	c, err := read(decode)
	if err != nil {
		return nil, err
	}
	parts := map[string]model.Part{autoencoderScope: c.Autoencoder}
	if c.Words.From != "" || len(c.Words.Config) > 0 {
		parts[wordsScope] = c.Words
	}
	return parts, nil
}

// New reads a configuration and builds its parts.
func (f Family) New(p model.Pictures, decode func(any) error) (model.Model, error) {
	c, err := read(decode)
	if err != nil {
		return nil, err
	}
	m := &flow{Pictures: p, c: c}
	part, err := c.Autoencoder.Build(f.Autoencoders...)
	if err != nil {
		return nil, fmt.Errorf("autoencoder: %w", err)
	}
	var ok bool
	if m.latent, ok = part.(model.Autoencoder); !ok {
		return nil, fmt.Errorf("autoencoder: a model of the family %s is none", c.Autoencoder.Family)
	}
	if q := c.Autoencoder.Pictures; q.Height != p.Height || q.Width != p.Width || q.Channels != p.Channels {
		return nil, fmt.Errorf("autoencoder: it is for pictures of %d×%d×%d, not %d×%d×%d", q.Height, q.Width, q.Channels, p.Height, p.Width, p.Channels)
	}
	m.h, m.w, m.z = m.latent.Grid()
	if len(c.Words.Config) == 0 && c.Words.From == "" {
		return m, nil
	}
	m.words, err = c.Words.BuildEncoder(f.Encoders...)
	return m, err
}

type flow struct {
	model.Pictures
	c       Config
	latent  model.Autoencoder
	words   model.TextEncoder // nil: none
	h, w, z int               // extent of the latents
}

var (
	_ model.Flow      = (*flow)(nil)
	_ model.Coded     = (*flow)(nil)
	_ model.Composite = Family{}
)

func (m *flow) Config() any { return m.c }

// Grid implements model.Flow.
func (m *flow) Grid() (h, w, c int) { return m.h, m.w, m.z }

// Strides implements model.Flow.
func (m *flow) Strides() bool { return m.c.Shortcut > 0 }

// Sampling implements model.Flow.
func (m *flow) Sampling() model.Sampling { return m.c.Sampling }

// Tokens implements model.Worded.
func (m *flow) Tokens() int {
	if m.words == nil {
		return 0
	}
	return m.words.Tokens()
}

// Tokenise implements model.Worded.
func (m *flow) Tokenise(dst []float32, prompt string) {
	if m.words != nil {
		m.words.Tokenise(dst, prompt)
	}
}

// Uses are what a sampler needs.
func (m *flow) Uses() []model.Use {
	uses := []model.Use{model.UseVelocity, model.UseEncode, model.UseDecode, model.UseReconstruct, model.UseScore}
	if m.words != nil {
		uses = append(uses, model.UseRead)
	}
	return uses
}

// Build makes the graph of a use with the averaged weights.
func (m *flow) Build(use model.Use, batch int) (*model.Call, error) {
	if batch < 1 {
		return nil, fmt.Errorf("a batch holds at least 1 picture, not %d", batch)
	}
	g := graph.New()
	s := nn.NewScope(g)
	if m.c.HalfLife > 0 {
		s = nn.NewAveragedScope(g)
	}
	call := &model.Call{Graph: g, Latent: m.h * m.w * m.z}
	out := func(name string, v *graph.Value) {
		call.Outputs = append(call.Outputs, model.Output{Name: name, Value: v})
	}
	images := func() *graph.Value { return g.Input(model.InputImages, batch, m.Height, m.Width, m.Channels) }
	err := errors.New("unknown use")
	caught := graph.Catch(func() {
		part := m.part(s)
		switch use {
		case model.UseEncode:
			mean, std := m.latent.Encode(part, images())
			out("mean", mean.Reshape(batch, -1))
			out("std", std.Reshape(batch, -1))
		case model.UseReconstruct:
			mean, _ := m.latent.Encode(part, images())
			out("images", m.latent.Decode(part, mean))
		case model.UseScore:
			mean, std := m.latent.Encode(part, images())
			out("flow", m.score(s, mean, std))
		case model.UseDecode:
			out("images", m.latent.Decode(part, g.Input(model.InputCoded, batch, m.h, m.w, m.z)))
		case model.UseVelocity:
			x := g.Input(model.InputNoised, batch, m.h, m.w, m.z)
			out("velocity", m.velocity(s, x, g.Input(model.InputTime, batch), g.Input(model.InputStride, batch), m.told(g, batch)))
		case model.UseRead:
			if m.words == nil {
				return
			}
			r := m.read(s, g.Input(model.InputTokens, batch, m.Tokens()))
			out(model.States, r.states)
			out(model.Pooled, r.pooled)
			out(model.Present, r.present)
		default:
			return
		}
		err = nil
	})
	if caught != nil {
		err = caught
	} else if err != nil {
		err = fmt.Errorf("a flow model of this configuration cannot %s", use)
	}
	return call, err
}

// Code implements model.Coded.
func (m *flow) Code(batch int) (*model.Call, error) {
	g := graph.New()
	var codes *graph.Value
	err := graph.Catch(func() {
		mean, std := m.latent.Encode(m.part(nn.NewScope(g)), g.Input(model.InputImages, batch, m.Height, m.Width, m.Channels))
		codes = graph.Concat(3, mean, std)
	})
	return &model.Call{Graph: g, Outputs: []model.Output{{Name: model.InputCodes, Value: codes}}}, err
}

// part is where the autoencoder's weights lie.
func (m *flow) part(s *nn.Scope) *nn.Scope { return s.Sub(autoencoderScope).Frozen() }

// reading is what the text encoder made of prompts.
type reading struct{ states, pooled, present *graph.Value }

func (m *flow) read(s *nn.Scope, tokens *graph.Value) reading {
	at := s.Sub(wordsScope)
	if m.c.FreezeWords {
		at = at.Frozen()
	}
	states, pooled, present := m.words.Read(at, tokens)
	return reading{states, pooled, present}
}

// told is a reading that was made before.
func (m *flow) told(g *graph.Graph, batch int) reading {
	if m.words == nil {
		return reading{}
	}
	n, d := m.Tokens(), m.words.Width()
	return reading{g.Input(model.States, batch, n, d), g.Input(model.Pooled, batch, d), g.Input(model.Present, batch, n)}
}
