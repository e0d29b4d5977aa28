package sampler

import (
	"fmt"

	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/trained"
)

// Reading is what the model's text encoder makes of a prompt.
type Reading struct {
	States  []float32 // [tokens d]
	Pooled  []float32 // [d]
	Present []float32 // [tokens]
}

// maxReadings bounds the prompts that are remembered.
const maxReadings = 4096

// Read encodes prompts; those met before are remembered.
func (s *Sampler) Read(prompts ...string) ([]*Reading, error) {
	out := make([]*Reading, len(prompts))
	if s.flow.Tokens() == 0 {
		for i, p := range prompts {
			if p != "" {
				return nil, fmt.Errorf("the model %s takes no words", s.Manifest.Name)
			}
			out[i] = &Reading{}
		}
		return out, nil
	}
	for i, p := range prompts {
		if out[i] = s.read[p]; out[i] != nil {
			continue
		}
		r, err := s.readOne(p)
		if err != nil {
			return nil, err
		}
		if len(s.read) >= maxReadings {
			clear(s.read)
		}
		s.read[p], out[i] = r, r
	}
	return out, nil
}

func (s *Sampler) readOne(prompt string) (*Reading, error) {
	call, err := s.Call(model.UseRead, 1)
	if err != nil {
		return nil, err
	}
	s.flow.Tokenise(call.Input(model.InputTokens).Data, prompt)
	if err := call.Run(0, 0); err != nil {
		return nil, err
	}
	take := func(name string) []float32 { return append([]float32(nil), call.Output(name).Data...) }
	return &Reading{take(model.States), take(model.Pooled), take(model.Present)}, nil
}

// Between is the reading part of the way from a to b: states and their mean
// are joined in proportion, and what either has is there.
func Between(a, b *Reading, part float64) *Reading {
	if part <= 0 {
		return a
	}
	if part >= 1 {
		return b
	}
	mix := func(x, y []float32, wx, wy func(i int) float64) []float32 {
		out := make([]float32, len(x))
		for i := range x {
			p, q := wx(i)*(1-part), wy(i)*part
			if p+q > 0 {
				out[i] = float32((p*float64(x[i]) + q*float64(y[i])) / (p + q))
			}
		}
		return out
	}
	one := func(int) float64 { return 1 }
	r := &Reading{Pooled: mix(a.Pooled, b.Pooled, one, one), Present: make([]float32, len(a.Present))}
	if len(a.Present) == 0 {
		return r
	}
	d := len(a.States) / len(a.Present)
	// The states of filling mean nothing: where one prompt has ended the other
	// goes on alone.
	there := func(r *Reading) func(int) float64 {
		return func(i int) float64 { return float64(r.Present[i/d]) }
	}
	r.States = mix(a.States, b.States, there(a), there(b))
	for i := range r.Present {
		r.Present[i] = max(a.Present[i], b.Present[i])
	}
	return r
}

// put writes a reading to row i of the inputs of a call.
func (r *Reading) put(in inputs, i int) {
	if in.states == nil {
		return
	}
	copy(in.states.Row(i), r.States)
	copy(in.pooled.Row(i), r.Pooled)
	copy(in.present.Row(i), r.Present)
}

// inputs are those of the velocity.
type inputs struct {
	noised, time, stride, states, pooled, present *tensor.Tensor
}

func inputsOf(c *trained.Call) inputs {
	return inputs{
		c.Input(model.InputNoised), c.Input(model.InputTime), c.Input(model.InputStride),
		c.Input(model.States), c.Input(model.Pooled), c.Input(model.Present),
	}
}
