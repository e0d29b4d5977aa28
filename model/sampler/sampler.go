// Package sampler makes pictures with a flow model: it follows the velocities
// that the model predicts from noise at time 1 to a picture at time 0, or part
// of the way from a picture and back.
//
// A picture depends on the model, its noise and its request alone, to the last
// bit, not on what else is made with it. Pictures are painted a few at a time,
// which is faster, only where that is seen to give the bits of one at a time: how
// a product of matrices is cut into pieces, and with it the order of its sums, may
// depend on the number of its rows. With guidance a picture has two.
package sampler

import (
	"errors"
	"fmt"
	"math"

	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/trained"
)

// Sampler is a flow model that is ready to paint. It is for one goroutine at
// a time.
type Sampler struct {
	*trained.Model
	flow    model.Flow
	h, w, c int // of the latents
	read    map[string]*Reading
	safe    map[size]bool // see together
}

// New takes a flow model.
func New(m *trained.Model) (*Sampler, error) {
	f, ok := m.Model.(model.Flow)
	if !ok {
		return nil, fmt.Errorf("the %s model %s is not a flow model", m.Manifest.Family, m.Manifest.Name)
	}
	s := &Sampler{Model: m, flow: f, read: map[string]*Reading{}, safe: map[size]bool{}}
	s.h, s.w, s.c = f.Grid()
	return s, nil
}

// Sampling is how the model's maker would sample it in so many steps; 0: in as
// many as its maker would.
func (s *Sampler) Sampling(steps int) model.Sampling {
	way := s.flow.Sampling()
	if steps > 0 {
		way.Steps = steps
	}
	if s.Strided(way.Steps) {
		way.Guidance, way.Sampler = 1, string(Euler)
	}
	return way
}

// Worded reports whether the model takes words.
func (s *Sampler) Worded() bool { return s.flow.Tokens() > 0 }

// Prepare compiles what a picture alone needs, so that the first one is no slower
// than those after it.
func (s *Sampler) Prepare(guidance float64) error {
	if s.Worded() {
		if _, err := s.Call(model.UseRead, 1); err != nil {
			return err
		}
	}
	if _, err := s.Call(model.UseVelocity, s.rows(guidance)); err != nil {
		return err
	}
	_, err := s.Call(model.UseDecode, 1)
	return err
}

// rows is the batch in which the velocities of a picture are computed.
func (s *Sampler) rows(guidance float64) int {
	if s.guided(guidance) {
		return 2
	}
	return 1
}

// guided reports whether each picture has a second row, without its prompt.
func (s *Sampler) guided(guidance float64) bool { return guidance != 1 && s.Worded() }

// Grid is the extent of the latents of one picture.
func (s *Sampler) Grid() (h, w, c int) { return s.h, s.w, s.c }

// Noise returns the rows [first, first+n) [n h w c] of the endless table of
// noise of a seed.
func (s *Sampler) Noise(seed uint64, first, n int) *tensor.Tensor {
	z := trained.Latents(seed, first, n, s.h*s.w*s.c)
	return tensor.From(z.Data, n, s.h, s.w, s.c)
}

// Method is a way to follow the velocities.
type Method string

// The methods.
const (
	Euler Method = "euler" // one look at the velocity a step
	Heun  Method = "heun"  // two, and their mean: second order
)

// Options are how to go.
type Options struct {
	Steps    int     // from noise to picture; 0: DefaultSteps
	Method   Method  // "": Euler
	Guidance float64 // 1: none; more: closer to the prompt, away from Negative
	// Each, if set, is told of every step of every picture, and where it seems
	// to go: clean [1 h w c]. It stops the work by an error.
	Each func(picture, step, of int, clean *tensor.Tensor) error
}

// longest is the number of steps up to which a model that was taught long
// steps is told to take them. With more it follows its velocities.
const longest = 8

// Strided reports whether so many steps are long ones that were taught, 1, ½, ¼
// or ⅛ of the way, and guidance with them.
func (s *Sampler) Strided(steps int) bool {
	return s.flow.Strides() && steps <= longest && steps&(steps-1) == 0
}

// DefaultSteps are enough for a model without shortcuts.
const DefaultSteps = 20

// MaxSteps bounds a request.
const MaxSteps = 1000

// Check fills in what is not given.
func (o Options) Check() (Options, error) {
	if o.Steps == 0 {
		o.Steps = DefaultSteps
	}
	if o.Method == "" {
		o.Method = Euler
	}
	switch {
	case o.Steps < 1 || o.Steps > MaxSteps:
		return o, fmt.Errorf("steps: want 1 to %d, not %d", MaxSteps, o.Steps)
	case o.Method != Euler && o.Method != Heun:
		return o, fmt.Errorf("sampler: want euler or heun, not %q", o.Method)
	case !(o.Guidance >= 0) || math.IsInf(o.Guidance, 0):
		return o, fmt.Errorf("guidance: want 0 or more, 1 for none, not %v", o.Guidance)
	}
	return o, nil
}

// Request says what to make. All rows belong together: picture i is made of
// row i of each.
type Request struct {
	Noise    *tensor.Tensor // [n h w c], see Sampler.Noise
	Prompts  []*Reading     // n; nil for a model without words
	Negative *Reading       // nil: the empty prompt

	// Start, if set, are latents of pictures [n h w c], see Sampler.Encode. The
	// way begins at Strength: 0 leaves them as they are, 1 ignores them.
	Start    *tensor.Tensor
	Strength float64
	// Mask, with Start, [n h w 1], is 1 where to paint and 0 where Start is to
	// stay.
	Mask *tensor.Tensor

	Options
}

// Paint makes latents [n h w c].
func (s *Sampler) Paint(q Request) (*tensor.Tensor, error) {
	var err error
	if q.Options, err = q.Options.Check(); err != nil {
		return nil, err
	}
	if err := s.check(q); err != nil {
		return nil, err
	}
	out := tensor.New(q.Noise.Shape...)
	for i, n := 0, q.Noise.Shape[0]; i < n; {
		count, err := s.together(n-i, s.rows(q.Guidance))
		if err != nil {
			return nil, err
		}
		if err := s.paint(q, i, count, some(out, i, count)); err != nil {
			return nil, err
		}
		i += count
	}
	return out, nil
}

func (s *Sampler) check(q Request) error {
	n := q.Noise.Shape[0]
	want := tensor.S(n, s.h, s.w, s.c)
	switch {
	case !q.Noise.Shape.Equal(want):
		return fmt.Errorf("noise of shape %v, want %v", q.Noise.Shape, want)
	case s.flow.Tokens() > 0 && len(q.Prompts) != n:
		return fmt.Errorf("%d prompts for %d pictures", len(q.Prompts), n)
	case q.Start != nil && !q.Start.Shape.Equal(want):
		return fmt.Errorf("pictures to start from of shape %v, want %v", q.Start.Shape, want)
	case q.Start != nil && !(q.Strength >= 0 && q.Strength <= 1):
		return fmt.Errorf("strength: want 0 (as it is) to 1 (all new), not %v", q.Strength)
	case q.Mask != nil && q.Start == nil:
		return errors.New("a mask without a picture")
	case q.Mask != nil && !q.Mask.Shape.Equal(tensor.S(n, s.h, s.w, 1)):
		return fmt.Errorf("mask of shape %v, want %v", q.Mask.Shape, tensor.S(n, s.h, s.w, 1))
	}
	return nil
}

// Encode finds the latents [n h w c] of pictures [n H W C].
func (s *Sampler) Encode(images *tensor.Tensor) (*tensor.Tensor, error) {
	mean, _, err := s.Model.Encode(images, nil)
	if err != nil {
		return nil, err
	}
	return tensor.From(mean.Data, mean.Shape[0], s.h, s.w, s.c), nil
}

// Decode makes pictures [n H W C] in [0, 1] of latents [n h w c].
func (s *Sampler) Decode(latents *tensor.Tensor) (*tensor.Tensor, error) {
	p := s.Manifest.Pictures
	n := latents.Shape[0]
	out := tensor.New(n, p.Height, p.Width, p.Channels)
	call, err := s.Call(model.UseDecode, 1)
	if err != nil {
		return nil, err
	}
	for i := range n {
		copy(call.Input(model.InputCoded).Data, latents.Row(i))
		if err := call.Run(0, 0); err != nil {
			return nil, err
		}
		copy(out.Row(i), call.Output("images").Data)
	}
	return out, nil
}
