package factors

import (
	"fmt"

	"github.com/limner-ai/limner/engine/tensor"
)

// Report is the share of pictures that show what was asked for.
type Report struct {
	N      int     `json:"n"`
	All    float64 `json:"all"` // kind, colour and place, all three
	Kind   float64 `json:"kind"`
	Colour float64 `json:"colour"`
	Place  float64 `json:"place"`
	// Real is All of drawings of the same prompts: what the judges themselves
	// get right.
	Real float64 `json:"real"`
	// Wrong are the first pictures that do not show what was asked for.
	Wrong []Wrong `json:"wrong,omitempty"`
}

// Wrong is a picture that shows something else.
type Wrong struct {
	Index  int    `json:"index"`
	Prompt string `json:"prompt"`
	Shown  Shown  `json:"shown"`
}

const mostWrong = 20

// Measure judges images [n 32 32 3] made for prompts, and real ones, drawings
// of the same prompts.
func Measure(j *Judge, images, real *tensor.Tensor, prompts []Prompt) (*Report, error) {
	r := &Report{N: len(prompts)}
	if r.N == 0 || images.Shape[0] != r.N || real.Shape[0] != r.N {
		return nil, fmt.Errorf("factors: %d pictures and %d drawings for %d prompts", images.Shape[0], real.Shape[0], r.N)
	}
	shown, err := j.Look(images)
	if err != nil {
		return nil, err
	}
	drawn, err := j.Look(real)
	if err != nil {
		return nil, err
	}
	count := func(to *float64, right bool) {
		if right {
			*to++
		}
	}
	for i, p := range prompts {
		s := shown[i]
		count(&r.Kind, s.Kind == p.Kind)
		count(&r.Colour, s.Colour == p.Colour)
		count(&r.Place, s.Place == p.Place)
		count(&r.All, s == p.Asked)
		count(&r.Real, drawn[i] == p.Asked)
		if s != p.Asked && len(r.Wrong) < mostWrong {
			r.Wrong = append(r.Wrong, Wrong{i, p.Text, s})
		}
	}
	for _, share := range []*float64{&r.All, &r.Kind, &r.Colour, &r.Place, &r.Real} {
		*share /= float64(r.N)
	}
	return r, nil
}
