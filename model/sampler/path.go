package sampler

import (
	"math"

	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/trained"
)

// path follows the velocities of some pictures of a request together.
type path struct {
	call     *trained.Call
	in       inputs
	row      int  // values of a picture's latents
	guided   bool // each picture has a second row, without the prompt
	strided  bool // the model is told how long a step will be
	guidance float32
	// projected guidance: see model.Sampling.
	projected bool
}

// paint makes so many pictures of a request, from number at on, in x.
func (s *Sampler) paint(q Request, at, count int, x []float32) error {
	start, steps := 1.0, q.Steps
	if q.Start != nil {
		start = q.Strength
		steps = int(math.Ceil(float64(q.Steps)*start - 1e-9))
	}
	noise := some(q.Noise, at, count)
	copy(x, noise)
	if q.Start != nil {
		blend(x, some(q.Start, at, count), noise, start)
	}
	if steps == 0 {
		return nil
	}
	p, err := s.path(q, at, count)
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
			step(next, x, v, t)
			for i := range count {
				clean := tensor.New(1, s.h, s.w, s.c)
				copy(clean.Data, next[i*p.row:])
				if err := q.Each(at+i, k, steps, clean); err != nil {
					return err
				}
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
			keep(x, some(q.Start, at, count), noise, some(q.Mask, at, count), s.c, u)
		}
	}
	return nil
}

// some are rows at to at+count of a tensor.
func some(t *tensor.Tensor, at, count int) []float32 {
	row := len(t.Data) / t.Shape[0]
	return t.Data[at*row : (at+count)*row]
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

// path prepares a call for so many pictures of a request.
func (s *Sampler) path(q Request, at, count int) (*path, error) {
	p := &path{row: s.h * s.w * s.c, guidance: float32(q.Guidance)}
	p.strided = s.Strided(q.Steps)
	p.guided = s.guided(q.Guidance)
	p.projected = s.flow.Sampling().Projected
	var err error
	if p.call, err = s.Call(model.UseVelocity, count*s.rows(q.Guidance)); err != nil {
		return nil, err
	}
	p.in = inputsOf(p.call)
	if p.in.stride != nil {
		clear(p.in.stride.Data)
	}
	if s.flow.Tokens() == 0 {
		return p, nil
	}
	against := q.Negative
	if against == nil && p.guided {
		r, err := s.Read("")
		if err != nil {
			return nil, err
		}
		against = r[0]
	}
	for i, told := range q.Prompts[at : at+count] {
		if !p.guided {
			told.put(p.in, i)
			continue
		}
		told.put(p.in, 2*i)
		against.put(p.in, 2*i+1)
	}
	return p, nil
}

// velocity is that of x at time t for a step of length d, with guidance
// v₀ + w·(v − v₀): Ho and Salimans, "Classifier-Free Diffusion Guidance"
// (2022), equation 6 with w = 1 + their w. With guidance each picture has two
// rows in turn, the second without its prompt.
func (p *path) velocity(dst, x []float32, t, d float64) error {
	if p.guided {
		for i := 0; i < len(x); i += p.row {
			copy(p.in.noised.Data[2*i:], x[i:][:p.row])
			copy(p.in.noised.Data[2*i+p.row:], x[i:][:p.row])
		}
	} else {
		copy(p.in.noised.Data, x)
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
	if !p.guided {
		copy(dst, v)
		return nil
	}
	for i := 0; i < len(x); i += p.row {
		told, none := v[2*i:][:p.row], v[2*i+p.row:][:p.row]
		if p.projected {
			project(dst[i:][:p.row], x[i:][:p.row], told, none, p.guidance, t)
			continue
		}
		for k, n := range none {
			dst[i+k] = n + p.guidance*(told[k]-n)
		}
	}
	return nil
}

// project is guidance whose pull v − v₀, which is that between the clean
// pictures x − t·v over −t, has lost its part along the clean picture of v.
func project(dst, x, told, none []float32, guidance float32, t float64) {
	clean := func(k int) float64 { return float64(x[k]) - t*float64(told[k]) }
	var along, square float64
	for k := range told {
		c := clean(k)
		along += c * float64(told[k]-none[k])
		square += c * c
	}
	if square > 0 {
		along /= square
	}
	for k, v := range told {
		dst[k] = v + (guidance-1)*(v-none[k]-float32(along*clean(k)))
	}
}
