package sampler

import (
	"context"

	"github.com/limner-ai/limner/engine/tensor"
)

// Invert finds the noise [n h w c] from which the model, with the prompts of
// q and no guidance, would paint the latents x: it follows the velocities the
// other way (Song et al., "Denoising Diffusion Implicit Models", 2021, section
// 4.3).
func (s *Sampler) Invert(ctx context.Context, x *tensor.Tensor, prompts []*Reading, steps int) (*tensor.Tensor, error) {
	q := Request{Noise: x, Prompts: prompts, Options: Options{Steps: steps, Guidance: 1}}
	var err error
	if q.Options, err = q.Options.Check(); err != nil {
		return nil, err
	}
	if err := s.check(q); err != nil {
		return nil, err
	}
	out := x.Clone()
	for i := range x.Shape[0] {
		p, err := s.path(q, i, 1)
		if err != nil {
			return nil, err
		}
		z := out.Row(i)
		v, w, ahead := make([]float32, len(z)), make([]float32, len(z)), make([]float32, len(z))
		for k := range q.Steps {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			t, u := float64(k)/float64(q.Steps), float64(k+1)/float64(q.Steps)
			if err := p.velocity(v, z, t, 0); err != nil {
				return nil, err
			}
			step(ahead, z, v, t-u)
			if err := p.velocity(w, ahead, u, 0); err != nil {
				return nil, err
			}
			halve(v, w)
			step(z, z, v, t-u)
		}
	}
	return out, nil
}
