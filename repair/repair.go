// Package repair paints anew what inspectors find faulty in pictures, and makes
// pictures that have fewer faults to begin with.
//
// A repair is judged by the inspectors that asked for it, so what it gains is
// measured with others: see Measure.
package repair

import (
	"context"
	"errors"
	"fmt"
	"image"

	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/generate"
)

// ErrSound says that there is nothing to repair.
var ErrSound = errors.New("no inspector finds a fault that has a place in the picture")

// Options say how a picture is repaired.
type Options struct {
	Prompt string // what the picture shows, for models that take words
	Seed   uint64 // of the first try
	Tries  int    // in each round; 0: 8
	Rounds int    // at most; 0: 2. A round begins with the best of the one before
	Steps  int    // of a sampler; 0: as the model's maker chose
	// Mask is where to paint, from 0 (stays) to 255; nil: where the inspectors
	// point. It has the picture's extent.
	Mask     *image.Alpha
	Progress func(done, total int) // of the tries; nil: none
}

// Result is what became of a picture.
type Result struct {
	Picture *image.NRGBA `json:"-"` // the picture itself if nothing was better
	Mask    *image.Alpha `json:"-"` // what was painted anew; nil: nothing
	Before  Verdict      `json:"before"`
	After   Verdict      `json:"after"`
	Seeds   []uint64     `json:"seeds,omitempty"` // of the try that was taken in each round
	Tries   int          `json:"tries"`
}

// strengths are tried in turn: from what is there, and from nothing.
var strengths = []float64{1, .7}

// Picture repairs a picture, whose bytes outside of what is painted anew stay as
// they are. A try is taken only if the panel finds less fault in it than before;
// where none is, the result is the picture itself. ErrSound: there is nothing to
// repair.
func Picture(ctx context.Context, g *generate.Generator, m *image.NRGBA, p *Panel, o Options) (*Result, error) {
	if m.Rect.Empty() {
		return nil, errors.New("the picture is empty")
	}
	if o.Mask != nil && o.Mask.Rect.Size() != m.Rect.Size() {
		return nil, fmt.Errorf("the mask is %v, the picture %v: they must be of one size", o.Mask.Rect.Size(), m.Rect.Size())
	}
	m = upperLeft(m)
	if o.Tries == 0 {
		o.Tries = 8
	}
	if o.Rounds == 0 {
		o.Rounds = 2
	}
	before, err := p.Judge(ctx, m)
	if err != nil {
		return nil, err
	}
	r := &Result{Picture: m, Before: before, After: before}
	if o.Mask == nil && pointless(before) {
		return r, ErrSound
	}
	for round := range o.Rounds {
		better, err := r.round(ctx, g, p, o, round)
		if err != nil || !better {
			return r, err
		}
		if o.Mask == nil && pointless(r.After) {
			break
		}
	}
	return r, nil
}

// round paints tries and takes the best, if it is better than what there is.
func (r *Result) round(ctx context.Context, g *generate.Generator, p *Panel, o Options, round int) (better bool, err error) {
	m, now := r.Picture, r.After
	want := g.Manifest.Pictures
	size := m.Rect.Size()
	faulty := now.Places(size)
	if o.Mask != nil {
		faulty = marked(o.Mask)
	}
	w := windowFor(m, faulty, image.Pt(want.Width, want.Height))
	mask := now.mask(w, size)
	if o.Mask != nil {
		mask = w.masked(o.Mask)
	}
	if mask == nil {
		return false, nil
	}
	start, err := w.in(m, want.Channels)
	if err != nil {
		return false, err
	}
	q := generate.Request{
		N: 1, Image: start, Mask: tensor.From(mask, 1, want.Height, want.Width, 1), Steps: o.Steps,
	}
	if g.Takes().Words {
		q.Prompt = o.Prompt
	}
	for i := range o.Tries {
		q.Seed, q.Strength = o.Seed+uint64(round*o.Tries+i), strengths[i%len(strengths)]
		made, err := g.Make(ctx, q)
		if err != nil {
			return better, err
		}
		painted, err := picture(made.Images, 0)
		if err != nil {
			return better, err
		}
		try := w.out(m, painted, mask)
		v, err := p.Judge(ctx, try)
		if err != nil {
			return better, err
		}
		r.Tries++
		if v.Fault < r.After.Fault {
			if !better {
				r.Seeds = append(r.Seeds, 0)
				r.Mask = w.union(r.Mask, mask, size)
				better = true
			}
			r.Picture, r.After, r.Seeds[len(r.Seeds)-1] = try, v, q.Seed
		}
		if o.Progress != nil {
			o.Progress(round*o.Tries+i+1, o.Rounds*o.Tries)
		}
	}
	return better, nil
}

// upperLeft is a picture whose upper left corner is the origin.
func upperLeft(m *image.NRGBA) *image.NRGBA {
	if m.Rect.Min == (image.Point{}) {
		return m
	}
	moved := *m
	moved.Rect = m.Rect.Sub(m.Rect.Min)
	return &moved
}
