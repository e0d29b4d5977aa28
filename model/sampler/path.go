package sampler

import (
	"math"

	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/trained"
)

// path follows the velocities of a picture of a request.
type path struct {
	call     *trained.Call
	in       inputs
	row      int  // values of the picture's latents
	guided   bool // there is a second row, without the prompt
	strided  bool // the model is told how long a step will be
	guidance float32
}

// paint makes picture i of a request in x.
func (s *Sampler) paint(q Request, i int, x []float32) error {
	start, steps := 1.0, q.Steps
	if q.Start != nil {
		start = q.Strength
		steps = int(math.Ceil(float64(q.Steps)*start - 1e-9))
	}
	noise := q.Noise.Row(i)
	copy(x, noise)
	if q.Start != nil {
		blend(x, q.Start.Row(i), noise, start)
	}
	if steps == 0 {
		return nil
	}
	p, err := s.path(q, i)
	if err != nil {
		return err
	}
	v, w := make([]float32, len(x)), make([]float32, len(x))
	next := make([]float32, len(x))
	for k := range steps {
		// Times are computed from whole numbers, so that the last is just 0.
		t, u := start*float64(steps-k)/float64(steps), start*float64(steps-k-1)/float64(steps)
		d := t - u
		if err := p.velocity(v, x, t, d); err != nil {
			return err
		}
		if q.Each != nil {
			clean := tensor.New(1, s.h, s.w, s.c)
			step(clean.Data, x, v, t)
			if err := q.Each(i, k, steps, clean); err != nil {
				return err
			}
		}
		step(next, x, v, d)
		if q.Method == Heun && u > 0 { // at time 0 there is nothing more to ask
			if err := p.velocity(w, next, u, d); err != nil {
				return err
			}
			halve(v, w)
			step(next, x, v, d)
		}
		copy(x, next)
		if q.Mask != nil {
			keep(x, q.Start.Row(i), noise, q.Mask.Row(i), s.c, u)
		}
	}
	return nil
}

// blend is x_t = (1−t)·clean + t·noise.
func blend(x, clean, noise []float32, t float64) {
	a, b := float32(1-t), float32(t)
	for i := range x {
		x[i] = a*clean[i] + b*noise[i]
	}
}

// step goes from x back in time by d along v.
func step(dst, x, v []float32, d float64) {
	for i := range x {
		dst[i] = x[i] - float32(d)*v[i]
	}
}

// halve is the mean of two velocities, in v.
func halve(v, w []float32) {
	for i := range v {
		v[i] = (v[i] + w[i]) / 2
	}
}

// keep puts the known picture, at the noise of time t, back outside of the
// mask, [h w].
func keep(x, clean, noise, mask []float32, c int, t float64) {
	a, b := float32(1-t), float32(t)
	for i := range x {
		m := mask[i/c]
		x[i] = m*x[i] + (1-m)*(a*clean[i]+b*noise[i])
	}
}

// path prepares a call for picture i of a request.
func (s *Sampler) path(q Request, i int) (*path, error) {
	p := &path{row: s.h * s.w * s.c, guidance: float32(q.Guidance)}
	p.strided = s.Strided(q.Steps)
	p.guided = s.guided(q.Guidance)
	var err error
	if p.call, err = s.Call(model.UseVelocity, s.rows(q.Guidance)); err != nil {
		return nil, err
	}
	p.in = inputs{
		p.call.Input(model.InputNoised), p.call.Input(model.InputTime), p.call.Input(model.InputStride),
		p.call.Input(model.States), p.call.Input(model.Pooled), p.call.Input(model.Present),
	}
	if p.in.stride != nil {
		clear(p.in.stride.Data)
	}
	if s.flow.Tokens() == 0 {
		return p, nil
	}
	q.Prompts[i].put(p.in, 0)
	if !p.guided {
		return p, nil
	}
	against := q.Negative
	if against == nil {
		r, err := s.Read("")
		if err != nil {
			return nil, err
		}
		against = r[0]
	}
	against.put(p.in, 1)
	return p, nil
}

// velocity is that of x at time t for a step of length d, with guidance
// v₀ + w·(v − v₀): Ho and Salimans, "Classifier-Free Diffusion Guidance"
// (2022), equation 6 with w = 1 + their w.
func (p *path) velocity(dst, x []float32, t, d float64) error {
	copy(p.in.noised.Data, x)
	if p.guided {
		copy(p.in.noised.Data[p.row:], x)
	}
	for i := range p.in.time.Data {
		p.in.time.Data[i] = float32(t)
		if p.strided && p.in.stride != nil {
			p.in.stride.Data[i] = float32(d)
		}
	}
	if err := p.call.Run(0, 0); err != nil {
		return err
	}
	v := p.call.Output("velocity").Data
	copy(dst, v[:p.row])
	if p.guided {
		none := v[p.row : 2*p.row]
		for i := range dst {
			dst[i] = none[i] + p.guidance*(dst[i]-none[i])
		}
	}
	return nil
}

// Invert finds the noise [n h w c] from which the model, with the prompts of
// q and no guidance, would paint the latents x: it follows the velocities the
// other way (Song et al., "Denoising Diffusion Implicit Models", 2021, section
// 4.3).
func (s *Sampler) Invert(x *tensor.Tensor, prompts []*Reading, steps int) (*tensor.Tensor, error) {
	q := Request{Noise: x, Prompts: prompts, Options: Options{Steps: steps, Guidance: 1}}
	var err error
	if q.Options, err = q.Options.Check(); err != nil {
		return nil, err
	}
	if err := s.check(q); err != nil {
		return nil, err
	}
	out := tensor.New(x.Shape...)
	copy(out.Data, x.Data)
	for i := range x.Shape[0] {
		p, err := s.path(q, i)
		if err != nil {
			return nil, err
		}
		z := out.Row(i)
		v, w, ahead := make([]float32, len(z)), make([]float32, len(z)), make([]float32, len(z))
		for k := range q.Steps {
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
