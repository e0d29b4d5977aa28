package generate

import (
	"cmp"
	"context"

	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/sampler"
	"github.com/limner-ai/limner/model/trained"
)

// flowing paints with a flow model.
type flowing struct {
	*sampler.Sampler
	worded bool
}

func newFlow(m *trained.Model) (Painter, error) {
	f, ok := m.Model.(model.Flow)
	if !ok {
		return nil, nil
	}
	s, err := sampler.New(m)
	if err != nil {
		return nil, err
	}
	return &flowing{s, f.Tokens() > 0}, nil
}

// Takes implements Painter.
func (f *flowing) Takes() Takes { return Takes{Words: f.worded, Sampling: true} }

// Settle implements Painter.
func (f *flowing) Settle(q *Request) error {
	way := f.Sampling(q.Steps)
	q.Steps, q.Sampler = way.Steps, cmp.Or(q.Sampler, way.Sampler)
	q.Guidance = cmp.Or(q.Guidance, way.Guidance)
	_, err := f.options(context.Background(), q).Check()
	return err
}

func (f *flowing) options(ctx context.Context, q *Request) sampler.Options {
	return sampler.Options{
		Steps: q.Steps, Method: sampler.Method(q.Sampler), Guidance: q.Guidance,
		Each: func(picture, step, of int, clean *tensor.Tensor) error {
			if err := ctx.Err(); err != nil || q.Each == nil {
				return err
			}
			return q.Each(Step{picture, step + 1, of, func() (*tensor.Tensor, error) {
				image, err := f.Decode(clean)
				if err == nil {
					settle(q, image)
				}
				return image, err
			}})
		},
	}
}

// request is what all ways of painting have in common.
func (f *flowing) request(ctx context.Context, q *Request, items []Item) (sampler.Request, error) {
	r := sampler.Request{Noise: f.noise(items), Options: f.options(ctx, q)}
	negative, err := f.Read(q.Negative)
	if err != nil {
		return r, err
	}
	r.Negative = negative[0]
	for _, item := range items {
		told, err := f.Read(item.Prompt)
		if err != nil {
			return r, err
		}
		r.Prompts = append(r.Prompts, told[0])
	}
	return r, nil
}

// noise is that of each item's seed and index.
func (f *flowing) noise(items []Item) *tensor.Tensor {
	h, w, c := f.Grid()
	all := tensor.New(len(items), h, w, c)
	for i, item := range items {
		copy(all.Row(i), f.Noise(item.Seed, item.Index, 1).Data)
	}
	return all
}

func (f *flowing) paint(r sampler.Request) (*tensor.Tensor, error) {
	latents, err := f.Paint(r)
	if err != nil {
		return nil, err
	}
	return f.Decode(latents)
}

// Sample implements Painter.
func (f *flowing) Sample(ctx context.Context, q *Request, items []Item) (*tensor.Tensor, error) {
	r, err := f.request(ctx, q, items)
	if err != nil {
		return nil, err
	}
	return f.paint(r)
}

// from is a request that begins at q.Image: Meng et al., "SDEdit" (2022),
// algorithm 1, for a flow.
func (f *flowing) from(ctx context.Context, q *Request, items []Item) (sampler.Request, error) {
	r, err := f.request(ctx, q, items)
	if err != nil {
		return r, err
	}
	start, err := f.Encode(q.Image)
	if err != nil {
		return r, err
	}
	r.Start, r.Strength = repeat(start, len(items)), q.Strength
	return r, nil
}

// Vary implements Varier.
func (f *flowing) Vary(ctx context.Context, q *Request, items []Item) (*tensor.Tensor, error) {
	r, err := f.from(ctx, q, items)
	if err != nil {
		return nil, err
	}
	return f.paint(r)
}

// Inpaint implements Inpainter. What is known is put back into the latents at
// the noise of every step: Lugmayr et al., "RePaint" (2022), equation 8,
// without their resampling.
func (f *flowing) Inpaint(ctx context.Context, q *Request, items []Item) (*tensor.Tensor, error) {
	r, err := f.from(ctx, q, items)
	if err != nil {
		return nil, err
	}
	h, w, _ := f.Grid()
	r.Mask = repeat(coarse(q.Mask, h, w), len(items))
	return f.paint(r)
}

// coarse is a mask [1 H W 1] on a grid of h×w: a place is painted where any of
// its pixels is.
func coarse(mask *tensor.Tensor, h, w int) *tensor.Tensor {
	out := tensor.New(1, h, w, 1)
	fineH, fineW := mask.Shape[1], mask.Shape[2]
	for y := range fineH {
		for x := range fineW {
			at := &out.Data[y*h/fineH*w+x*w/fineW]
			*at = max(*at, mask.Data[y*fineW+x])
		}
	}
	return out
}

// inversion is in how many steps the noise of a picture is sought.
const inversion = 32

// Between implements Interpolator: noise is turned from one end's to the
// other's, and the prompt goes along.
func (f *flowing) Between(ctx context.Context, q *Request, items []Item) (*tensor.Tensor, error) {
	r, err := f.request(ctx, q, items)
	if err != nil {
		return nil, err
	}
	a, told, err := f.end(ctx, q, q.From)
	if err != nil {
		return nil, err
	}
	b, asked, err := f.end(ctx, q, q.To)
	if err != nil {
		return nil, err
	}
	for i, item := range items {
		slerp(r.Noise.Row(i), a, b, item.Share)
		r.Prompts[i] = sampler.Between(told, asked, item.Share)
	}
	if q.From.Image != nil || q.To.Image != nil {
		r.Guidance = 1 // as when the noise was found
	}
	return f.paint(r)
}

// end is the noise and the reading of an end.
func (f *flowing) end(ctx context.Context, q *Request, e *End) ([]float32, *sampler.Reading, error) {
	told, err := f.Read(cmp.Or(e.Prompt, q.Prompt))
	if err != nil {
		return nil, nil, err
	}
	if e.Image == nil {
		return f.Noise(cmp.Or(e.Seed, q.Seed), q.First, 1).Data, told[0], nil
	}
	z, err := f.Encode(e.Image)
	if err != nil {
		return nil, nil, err
	}
	if z, err = f.Invert(ctx, z, told, inversion); err != nil {
		return nil, nil, err
	}
	return z.Data, told[0], nil
}

// Reconstruct implements Reconstructor.
func (f *flowing) Reconstruct(_ context.Context, images *tensor.Tensor, _ []int) (*tensor.Tensor, error) {
	return f.Model.Reconstruct(images, nil)
}
