package trained

import (
	"fmt"

	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model"
)

// maxReadings bounds the prompts that are remembered.
const maxReadings = 4096

// Worded reports whether samples are made for prompts as a whole.
func (m *Model) Worded() (bool, error) {
	if !m.Has(model.UseSample) || !m.Has(model.UseRead) {
		return false, nil
	}
	c, err := m.Call(model.UseSample, Batch)
	if err != nil {
		return false, err
	}
	return c.Input(model.Pooled) != nil, nil
}

// Read is what the model's text encoder makes of each prompt as a whole:
// [n d]. Prompts that were met before are remembered.
func (m *Model) Read(prompts ...string) (*tensor.Tensor, error) {
	worded, ok := m.Model.(model.Worded)
	if !ok || worded.Tokens() == 0 {
		return nil, fmt.Errorf("the model %s takes no words", m.Manifest.Name)
	}
	c, err := m.Call(model.UseRead, 1)
	if err != nil {
		return nil, err
	}
	var out *tensor.Tensor
	for i, p := range prompts {
		row := m.readings[p]
		if row == nil {
			worded.Tokenise(c.Input(model.InputTokens).Data, p)
			if err := c.Run(0, 0); err != nil {
				return nil, err
			}
			row = append(row, c.Output(model.Pooled).Data...)
			if len(m.readings) >= maxReadings {
				clear(m.readings)
			}
			m.readings[p] = row
		}
		if out == nil {
			out = tensor.New(len(prompts), len(row))
		}
		copy(out.Row(i), row)
	}
	return out, nil
}

// SampleFor is Sample for a model with words: picture i is to show what
// prompts[i] says.
func (m *Model) SampleFor(prompts []string, latents *tensor.Tensor, labels []int, truncation float64) (*tensor.Tensor, error) {
	if n := latents.Shape[0]; len(prompts) != n {
		return nil, fmt.Errorf("the model wants a prompt for each of %d pictures, %d are given", n, len(prompts))
	}
	said, err := m.Read(prompts...)
	if err != nil {
		return nil, err
	}
	out, err := m.apply(model.UseSample, model.InputLatents, latents, told{labels, said}, truncation, "images")
	if err != nil {
		return nil, err
	}
	return out[0], nil
}
