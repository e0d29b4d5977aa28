// Package contrast is a text encoder and a picture encoder that learn to agree
// on which prompt belongs to which picture: CLIP, Radford et al., "Learning
// Transferable Visual Models From Natural Language Supervision" (2021). The
// text encoder is a part of generators; both together, frozen, measure how well
// pictures follow their prompts.
package contrast

import (
	"fmt"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/nn"
	"github.com/limner-ai/limner/text"
)

// Family makes pairs of encoders.
type Family struct{}

// Name is "contrast".
func (Family) Name() string { return "contrast" }

// New reads and checks a configuration.
func (Family) New(p model.Pictures, decode func(any) error) (model.Model, error) {
	c, err := read(p, decode)
	if err != nil {
		return nil, err
	}
	m := &contrast{p: p, c: c, pieces: c.Tokeniser}
	if m.pieces == nil {
		m.pieces = text.Bytes()
	}
	return m, nil
}

type contrast struct {
	p      model.Pictures
	c      Config
	pieces *text.Tokeniser
}

func (m *contrast) Config() any { return m.c }

// Tokens is the length of prompts.
func (m *contrast) Tokens() int { return m.c.Length }

// Tokenise writes the pieces of a prompt.
func (m *contrast) Tokenise(dst []float32, prompt string) { m.pieces.Fill(dst[:m.c.Length], prompt) }

// Width is the number of channels of a state.
func (m *contrast) Width() int { return m.c.Channels }

// Read is the text encoder, in the scope "text" below s.
func (m *contrast) Read(s *nn.Scope, tokens *graph.Value) (states, pooled, present *graph.Value) {
	return m.c.encoder().Read(s.Sub("text"), tokens)
}

// Uses are reading prompts and looking at pictures.
func (m *contrast) Uses() []model.Use { return []model.Use{model.UseRead, model.UseLook} }

// Build makes the graph of a use with the averaged weights.
func (m *contrast) Build(use model.Use, batch int) (*model.Call, error) {
	if use != model.UseRead && use != model.UseLook {
		return nil, fmt.Errorf("a contrast model cannot %s", use)
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
		if use == model.UseLook {
			call.Outputs = []model.Output{{Name: "embedding", Value: m.look(s, m.shown(m.images(g, batch)))}}
			return
		}
		states, pooled, present := m.Read(s, m.tokens(g, batch))
		call.Outputs = []model.Output{
			{Name: model.States, Value: states}, {Name: model.Pooled, Value: pooled}, {Name: model.Present, Value: present},
			{Name: "embedding", Value: m.said(s, pooled)},
		}
	})
	return call, err
}

func (m *contrast) images(g *graph.Graph, batch int) *graph.Value {
	return g.Input(model.InputImages, batch, m.p.Height, m.p.Width, m.p.Channels)
}

func (m *contrast) tokens(g *graph.Graph, batch int) *graph.Value {
	return g.Input(model.InputTokens, batch, m.c.Length)
}
