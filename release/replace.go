package release

import (
	"context"
	"fmt"
	"image"
	"image/draw"

	"github.com/limner-ai/limner/generate"
	"github.com/limner-ai/limner/model/trained"
)

// Others is how many other pictures are made in the place of one that is held
// back, before it is given up.
const Others = 3

// Maker makes pictures, as a generate.Generator does.
type Maker interface {
	Make(ctx context.Context, q generate.Request) (*generate.Pictures, error)
}

// Replace puts other pictures of the same requests in the place of those that
// Issue would hold back: of the same seed, with numbers beyond those that were
// asked for. Those for which there is none stay. It returns how many were
// replaced.
func (p *Press) Replace(ctx context.Context, by Maker, m *trained.Manifest, pics *generate.Pictures) (replaced int, err error) {
	q := pics.Request
	if p.Guard == nil || p.Policy != Withhold || q.From != nil || q.N < 1 {
		return 0, nil
	}
	for i, item := range pics.Items {
		near, err := p.near(ctx, m, pics, i)
		if err != nil {
			return replaced, err
		}
		one := q
		one.N, one.Prompt, one.Class = 1, item.Prompt, item.ClassName
		for try := 1; near && try <= Others; try++ {
			one.First = item.Index + try*q.N
			other, err := by.Make(ctx, one)
			if err != nil {
				return replaced, err
			}
			if near, err = p.near(ctx, m, other, 0); err != nil {
				return replaced, err
			}
			if !near {
				copy(pics.Images.Row(i), other.Images.Row(0))
				number := item.Number
				pics.Items[i] = other.Items[0]
				pics.Items[i].Number = number
				replaced++
			}
		}
	}
	return replaced, nil
}

// near reports whether picture i is known to be too near to a training picture.
func (p *Press) near(ctx context.Context, m *trained.Manifest, pics *generate.Pictures, i int) (bool, error) {
	made, err := Made(pics, i)
	if err != nil {
		return false, err
	}
	n, known, err := p.Guard(ctx, root(m), made)
	if err != nil {
		return false, fmt.Errorf("cannot hold the picture against the training pictures: %w", err)
	}
	return known && n.TooNear, nil
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
