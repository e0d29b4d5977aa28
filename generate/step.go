package generate

import (
	"slices"

	"github.com/limner-ai/limner/engine/tensor"
)

// Step is how far a picture is.
type Step struct {
	Picture  int // of those that are made, from 0 on
	Step, Of int // so many steps are done
	// Clean is the picture [1 h w c] that it seems to become. It can be called
	// until Each returns.
	Clean func() (*tensor.Tensor, error)
}

// tell tells of a step of all pictures [n h w c].
func (q *Request) tell(step, of int, images *tensor.Tensor) error {
	if q.Each == nil {
		return nil
	}
	for i := range images.Shape[0] {
		if err := q.Each(Step{i, step, of, func() (*tensor.Tensor, error) {
			one := tensor.From(slices.Clone(images.Row(i)), append(tensor.S(1), images.Shape[1:]...)...)
			settle(q, one)
			return one, nil
		}}); err != nil {
			return err
		}
	}
	return nil
}
