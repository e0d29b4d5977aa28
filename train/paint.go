package train

import (
	"fmt"

	"github.com/limner-ai/limner/internal/grid"
	"github.com/limner-ai/limner/model/sampler"
	"github.com/limner-ai/limner/text"
)

const (
	paintPrompts = 32 // at most
	paintSteps   = 10 // of a look in passing
)

// paint draws what a flow model makes of prompts and of noise that stay the
// same all through the run.
func (r *run) paint() error {
	s, err := sampler.New(r.model)
	if err != nil {
		return err
	}
	prompts, err := r.prompts()
	if err != nil {
		return err
	}
	n := paintPrompts
	if len(prompts) > 0 {
		n = min(n, len(prompts))
	}
	way := s.Sampling(paintSteps)
	q := sampler.Request{
		Noise:   s.Noise(r.cfg.Train.Seed, 0, n),
		Options: sampler.Options{Steps: way.Steps, Guidance: way.Guidance, Method: sampler.Method(way.Sampler)},
	}
	if r.prompt != nil {
		if q.Prompts, err = s.Read(prompts[:n]...); err != nil {
			return err
		}
	}
	latents, err := s.Paint(q)
	if err != nil {
		return fmt.Errorf("drawing samples: %w", err)
	}
	pictures, err := s.Decode(latents)
	if err != nil {
		return fmt.Errorf("drawing samples: %w", err)
	}
	return r.show("step", pictures, grid.Options{Columns: sampleColumns, Scale: r.scale()})
}

// prompts are those of the run file, or captions of its pictures if it has
// none; none for a model that takes no words.
func (r *run) prompts() ([]string, error) {
	if len(r.cfg.Prompts) > 0 || r.prompt == nil {
		return r.cfg.Prompts, nil
	}
	return r.captions()
}

// captions are the prompts for pictures spread over the set.
func (r *run) captions() ([]string, error) {
	var out []string
	n := min(paintPrompts, r.set.Len())
	for i := range n {
		d, err := describe(r.set, i*r.set.Len()/n)
		if err != nil {
			return nil, fmt.Errorf("reading the words for picture %d: %w", i, err)
		}
		out = append(out, text.Plain(d))
	}
	return out, nil
}
