package modeltest

import (
	"github.com/limner-ai/limner/engine/graph/reference"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model"
)

// FillFor is Fill with what a model with words, on latents or of a flow reads
// besides: prompts and what its text encoder might have said of them, codes,
// and a place on the way from noise.
func FillFor(m model.Model, p model.Pictures, batch, latent int, rate, progress float64) Inputs {
	in := Fill(p, batch, latent, rate, progress)
	noise := tensor.Philox{Seed: 12, Stream: tensor.StreamOf("test latents")}
	normal := func(dims ...int) reference.Array {
		t := tensor.New(dims...)
		noise.Normal(t.Data, 0)
		noise.Step++
		return reference.FromTensor(t)
	}
	if w, ok := m.(model.Worded); ok && w.Tokens() > 0 {
		tokens := tensor.New(batch, w.Tokens())
		prompts := []string{"a red apple", "", "blau", "a, b"}
		for i := range batch {
			w.Tokenise(tokens.Row(i), prompts[i%len(prompts)])
		}
		in[model.InputTokens] = reference.FromTensor(tokens)
	}
	if c, ok := m.(model.Coded); ok {
		if call, err := c.Code(batch); err == nil {
			in[model.InputCodes] = normal(call.Outputs[0].Value.Shape()...)
		}
	}
	if f, ok := m.(model.Flow); ok {
		h, w, c := f.Grid()
		in[model.InputNoised], in[model.InputCoded] = normal(batch, h, w, c), normal(batch, h, w, c)
		times := reference.New(batch)
		for i := range times.Data {
			times.Data[i] = float64(i+1) / float64(batch+1)
		}
		in[model.InputTime], in[model.InputStride] = times, times
	}
	if call, err := m.Build(model.UseRead, batch); err == nil {
		for _, o := range call.Outputs {
			in[o.Name] = normal(o.Value.Shape()...)
		}
		if present, ok := in[model.Present]; ok {
			for i, n := 0, present.Shape[1]; i < len(present.Data); i++ {
				if present.Data[i] = 1; i%n > i%3 {
					present.Data[i] = 0
				}
			}
		}
	}
	return in
}
