package generate

import (
	"context"
	"fmt"
	"slices"

	"github.com/limner-ai/limner/engine/tensor"
)

// Piece is a part of what a request asks for: those of its pictures that Make
// would make from number From up to To.
type Piece struct {
	Request  Request
	From, To int
}

// Made is what became of a Piece.
type Made struct {
	*Pictures
	Err error
}

// MakeTogether makes pieces of requests, those of new pictures with the same
// settings in one go, and each picture as Make would, to the bit. A piece whose
// Each returns an error fails alone; if ctx ends, all do that are not made yet.
func (g *Generator) MakeTogether(ctx context.Context, pieces []Piece) []Made {
	out := make([]Made, len(pieces))
	works := make([]*work, len(pieces))
	for i, p := range pieces {
		works[i], out[i].Err = g.part(ctx, p)
	}
	for i, w := range works {
		if w == nil {
			continue
		}
		c := crowd{works: []*work{w}}
		at := []int{i}
		for k := i + 1; k < len(works) && w.fresh(); k++ {
			if o := works[k]; o != nil && w.alike(o) {
				c.works, at, works[k] = append(c.works, o), append(at, k), nil
			}
		}
		if len(at) == 1 {
			out[i].Pictures, out[i].Err = g.finish(ctx, w)
			continue
		}
		c.paint(ctx, g.painter)
		for n, k := range at {
			if out[k].Err = c.errs[n]; out[k].Err == nil {
				out[k].Pictures = c.works[n].made
			}
		}
	}
	return out
}

// part is a piece that is ready to be painted.
func (g *Generator) part(ctx context.Context, p Piece) (*work, error) {
	w, err := g.plan(ctx, p.Request)
	if err != nil {
		return nil, err
	}
	if n := len(w.made.Items); p.From < 0 || p.From >= p.To || p.To > n {
		return nil, fmt.Errorf("pictures %d to %d: the request is for %d", p.From, p.To, n)
	}
	w.made = &Pictures{Items: w.made.Items[p.From:p.To]}
	return w, nil
}

// fresh reports whether a request is for new pictures, which depend on nothing
// but their items and the settings.
func (w *work) fresh() bool {
	q := &w.request
	return q.Image == nil && q.From == nil
}

// alike reports whether new pictures can be painted in one go with w's.
func (w *work) alike(o *work) bool {
	a, b := &w.request, &o.request
	return o.fresh() && a.Steps == b.Steps && a.Sampler == b.Sampler && a.Guidance == b.Guidance &&
		a.Negative == b.Negative && a.Truncation == b.Truncation
}

// crowd are works that are painted in one go.
type crowd struct {
	works []*work
	errs  []error // of each
}

// paint makes the pictures of all, or fills in errs.
func (c *crowd) paint(ctx context.Context, p Painter) {
	c.errs = make([]error, len(c.works))
	joint := c.works[0].request
	joint.Each = nil
	var items []Item
	var owner, first []int // of each item; first item of each work
	for i, w := range c.works {
		first = append(first, len(items))
		items = append(items, w.made.Items...)
		for range w.made.Items {
			owner = append(owner, i)
		}
		if w.request.Each != nil {
			joint.Each = func(s Step) error {
				i := owner[s.Picture]
				s.Picture -= first[i]
				return c.tell(i, s)
			}
		}
	}
	images, err := p.Sample(ctx, &joint, items)
	for i, w := range c.works {
		w.made.Request = w.request
		switch {
		case c.errs[i] != nil:
		case err != nil:
			c.errs[i] = err
		default:
			n := len(w.made.Items)
			shape := append(tensor.S(n), images.Shape[1:]...)
			w.made.Images = tensor.From(some(images, first[i], n), shape...)
		}
	}
}

// tell tells a work of a step. The others go on without those that want no
// more.
func (c *crowd) tell(i int, s Step) error {
	each := c.works[i].request.Each
	if c.errs[i] != nil || each == nil {
		return nil
	}
	if c.errs[i] = each(s); c.errs[i] == nil || slices.Contains(c.errs, nil) {
		return nil
	}
	return c.errs[i]
}

// some are rows at to at+n of a tensor.
func some(t *tensor.Tensor, at, n int) []float32 {
	row := len(t.Data) / t.Shape[0]
	return t.Data[at*row : (at+n)*row]
}
