package release

import (
	"context"
	"fmt"
	"image"
	"image/draw"

	"github.com/limner-ai/limner/generate"
	"github.com/limner-ai/limner/model/trained"
)

// Others is how many other pictures are made in the place of one that is too
// near to a training picture.
const Others = 5

// Less is the guidance with which another picture is made in the place of one that is too
// near, the try-th from 1 on: the first with half of it, the others with none, which is 1.
// The more a model is told to heed the prompt, the nearer it comes to the few pictures of
// which that is said.
func Less(guidance float64, try int) float64 {
	switch {
	case guidance <= 1:
		return guidance
	case try == 1:
		return 1 + (guidance-1)/2
	}
	return 1
}

// Maker makes pictures, as a generate.Generator does.
type Maker interface {
	Make(ctx context.Context, q generate.Request) (*generate.Pictures, error)
}

// Near says how a picture that the model made lies to the pictures that it, what it
// began with and what it contains were trained on. Where nobody looks, or nobody can
// say, it is not too near.
func (p *Press) Near(ctx context.Context, m *trained.Manifest, made *image.NRGBA) (Near, error) {
	if p.Guard == nil || p.Policy == Allow {
		return Near{}, nil
	}
	var first Near
	asked := map[string]bool{}
	for _, g := range m.Grounds() {
		if asked[g.Root] {
			continue
		}
		asked[g.Root] = true
		n, known, err := p.Guard(ctx, g.Root, made)
		if err != nil {
			return Near{}, fmt.Errorf("cannot hold the picture against the training pictures: %w", err)
		}
		if known && n.TooNear {
			return n, nil
		}
		if known && len(asked) == 1 {
			first = n
		}
	}
	return first, nil
}

// replaces reports whether others are to be made in the place of pictures of a
// request that are too near. What was made from a picture lies near to what that
// lies near to, so that others are tried only where else there would be none.
func (p *Press) replaces(q *generate.Request) bool {
	if p.Policy == Allow || p.Policy == Flag || q.From != nil || q.N < 1 {
		return false
	}
	return q.Image == nil || p.Policy == Withhold
}

// Choose gives the picture that is to leave in the place of picture i, and what is
// known of it: that picture, or if it is too near to a training picture and others
// are to be made, the first of those that again makes which is not. Where all are too
// near it is picture i after all. try counts from 1; again makes one picture, of the
// same request but with a number beyond those that were asked for.
func (p *Press) Choose(ctx context.Context, m *trained.Manifest, pics *generate.Pictures, i int,
	again func(try int) (*generate.Pictures, error)) (chosen *generate.Pictures, k int, near Near, err error) {
	see := func(of *generate.Pictures, i int) (Near, error) {
		if p.Guard == nil || p.Policy == Allow {
			return Near{}, nil
		}
		made, err := Made(of, i)
		if err != nil {
			return Near{}, err
		}
		return p.Near(ctx, m, made)
	}
	if near, err = see(pics, i); err != nil || !near.TooNear || !p.replaces(&pics.Request) {
		return pics, i, near, err
	}
	for try := 1; try <= Others; try++ {
		other, err := again(try)
		if err != nil {
			return nil, 0, Near{}, err
		}
		n, err := see(other, 0)
		if err != nil {
			return nil, 0, Near{}, err
		}
		if !n.TooNear {
			return other, 0, n, nil
		}
	}
	return pics, i, near, nil
}

// Replace puts what Choose chooses in the place of each picture. It returns what is
// known of each, and how many were replaced.
func (p *Press) Replace(ctx context.Context, by Maker, m *trained.Manifest, pics *generate.Pictures) (seen []Near, replaced int, err error) {
	q := pics.Request
	for i, item := range pics.Items {
		chosen, k, near, err := p.Choose(ctx, m, pics, i, func(try int) (*generate.Pictures, error) {
			one := q
			one.N, one.Prompt, one.Class = 1, item.Prompt, item.ClassName
			one.First = item.Index + try*q.N
			one.Guidance = Less(q.Guidance, try)
			return by.Make(ctx, one)
		})
		if err != nil {
			return nil, replaced, err
		}
		if chosen != pics {
			copy(pics.Images.Row(i), chosen.Images.Row(k))
			pics.Items[i] = chosen.Items[k]
			pics.Items[i].Number = item.Number
			if g := chosen.Request.Guidance; g != q.Guidance {
				pics.Items[i].Guidance = g
			}
			replaced++
		}
		seen = append(seen, near)
	}
	return seen, replaced, nil
}

// Made is picture i as the model made it.
func Made(p *generate.Pictures, i int) (*image.NRGBA, error) {
	m, err := p.Image(i, generate.Look{})
	if err != nil {
		return nil, err
	}
	out := image.NewNRGBA(m.Bounds())
	draw.Draw(out, out.Rect, m, out.Rect.Min, draw.Src)
	return out, nil
}
