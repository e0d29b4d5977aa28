package evaluate

import (
	"fmt"

	"github.com/limner-ai/limner/engine/tensor"
)

// Guard holds samples against the training pictures before they leave, as
// whoever gives them out does.
type Guard struct {
	// TooNear says so of a picture [h w c] in [0, 1].
	TooNear func(picture *tensor.Tensor) (bool, error)
	Others  int // pictures that are made in the place of one that is too near, at most
	// Less is the guidance with which another is made, the try-th from 1 on; nil: as ever.
	Less func(guidance float64, try int) float64
}

// instead are the pictures that take the place of samples, by number, and those samples
// that stay for want of others and say that they are too near; nil without a guard.
func (e *evaluation) instead(samples *tensor.Tensor, prompts []string) (out map[int]*tensor.Tensor, flagged map[int]bool, err error) {
	if e.opt.Guard == nil {
		return nil, nil, nil
	}
	out, flagged = map[int]*tensor.Tensor{}, map[int]bool{}
	progress := e.stage("holding samples against training pictures")
	for i, prompt := range prompts {
		if err := e.ctx.Err(); err != nil {
			return nil, nil, err
		}
		near, err := e.opt.Guard.TooNear(tensor.From(samples.Row(i), samples.Shape[1:]...))
		if err != nil {
			return nil, nil, fmt.Errorf("holding sample %d against training pictures: %w", i, err)
		}
		for try := 0; near && try < e.opt.Guard.Others; try++ {
			other, err := e.another(prompt, forOthers<<try+uint64(i), try+1)
			if err != nil {
				return nil, nil, err
			}
			again, err := e.opt.Guard.TooNear(tensor.From(other.Row(0), samples.Shape[1:]...))
			if err != nil {
				return nil, nil, fmt.Errorf("holding sample %d against training pictures: %w", i, err)
			}
			if !again {
				near, out[i] = false, other
			}
		}
		if near {
			flagged[i] = true
		}
		progress(i+1, len(prompts))
	}
	return out, flagged, nil
}

// another makes a picture in the place of one that is too near, the try-th.
func (e *evaluation) another(prompt string, purpose uint64, try int) (*tensor.Tensor, error) {
	if s, ok := e.opt.Sampler.(*flow); ok && e.opt.Guard.Less != nil {
		return s.sample([]string{prompt}, e.opt.Seed+purpose, func(g float64) float64 { return e.opt.Guard.Less(g, try) })
	}
	return e.ask([]string{prompt}, purpose)
}
