package generate

import (
	"cmp"
	"context"
	"slices"

	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model"
)

// embedded is what can be done with pictures by a model that finds the latents
// of one: by an encoder, or by search.
type embedded struct {
	vector
	// embed finds the latents [n z] of pictures [n h w c] under the conditions
	// of items, of which there are n.
	embed func(ctx context.Context, images *tensor.Tensor, items []Item) (*tensor.Tensor, error)
	// recognise finds their classes.
	recognise func(ctx context.Context, images *tensor.Tensor) ([]int, error)
}

// Vary goes by the strength s from the latents μ of the picture x to those of
// the item's seed, ε ~ N(0, 1), on the great circle between them, and adds what
// the model cannot express of x in so far as x is kept:
//
//	G(slerp(μ, ε, s)) + (1−s)·(x − G(μ)).
//
// So 0 gives x and 1 a sample of the prior.
func (e *embedded) Vary(ctx context.Context, q *Request, items []Item) (*tensor.Tensor, error) {
	if q.Strength == 1 {
		return e.Sample(ctx, q, items)
	}
	mu, rest, err := e.residual(ctx, q.Image, items[:1])
	if err != nil {
		return nil, err
	}
	rows := latentsOf(items, e.z)
	for i := range items {
		slerp(rows.Row(i), mu, rows.Row(i), q.Strength)
	}
	made, err := e.decode(ctx, rows, items)
	if err != nil {
		return nil, err
	}
	addResidual(made, rest, 1-q.Strength)
	return made, nil
}

// residual gives the latents of a picture [1 h w c] and what they leave out of
// it.
func (e *embedded) residual(ctx context.Context, image *tensor.Tensor, items []Item) (mu, rest []float32, err error) {
	latents, err := e.embed(ctx, image, items)
	if err != nil {
		return nil, nil, err
	}
	made, err := e.decode(ctx, latents, items)
	if err != nil {
		return nil, nil, err
	}
	rest = make([]float32, len(image.Data))
	for i, v := range image.Data {
		rest[i] = v - made.Data[i]
	}
	return latents.Data, rest, nil
}

// addResidual adds a share of rest to each picture and stays within 0 and 1.
func addResidual(images *tensor.Tensor, rest []float32, share float64) {
	for i := range images.Shape[0] {
		row := images.Row(i)
		for k, r := range rest {
			row[k] = max(0, min(1, row[k]+float32(share)*r))
		}
	}
}

// Between goes along the great circle between the latents of the ends, and
// straight from what the one's words say to what the other's do.
func (e *embedded) Between(ctx context.Context, q *Request, items []Item) (*tensor.Tensor, error) {
	var ends [2][]float32
	var said [2]map[string]*tensor.Tensor
	for i, end := range []*End{q.From, q.To} {
		under := slices.Clone(items)
		for k := range under {
			under[k].Prompt = cmp.Or(end.Prompt, q.Prompt)
		}
		var err error
		if said[i], err = e.conditions(under); err != nil {
			return nil, err
		}
		if end.Image == nil {
			ends[i] = latentsOf([]Item{seedOf(q, end)}, e.z).Data
			continue
		}
		latents, err := e.embed(ctx, end.Image, under[:1])
		if err != nil {
			return nil, err
		}
		ends[i] = latents.Data
	}
	rows := tensor.New(len(items), e.z)
	words, to := said[0][model.Pooled], said[1][model.Pooled]
	for i, item := range items {
		slerp(rows.Row(i), ends[0], ends[1], item.Share)
		if words != nil {
			for k, x := range words.Row(i) {
				words.Row(i)[k] = float32((1-item.Share)*float64(x) + item.Share*float64(to.Row(i)[k]))
			}
		}
	}
	return e.decodeUnder(ctx, rows, said[0], items[0].Truncation)
}

// seedOf is where the noise of an end without a picture comes from: words leave
// it to the request.
func seedOf(q *Request, end *End) Item {
	if end.Prompt != "" {
		return Item{Seed: cmp.Or(end.Seed, q.Seed), Index: q.First}
	}
	return Item{Seed: end.Seed}
}

// Reconstruct makes pictures of the latents that are found for them.
func (e *embedded) Reconstruct(ctx context.Context, images *tensor.Tensor, classes []int) (*tensor.Tensor, error) {
	items := itemsOf(classes, images.Shape[0])
	latents, err := e.embed(ctx, images, items)
	if err != nil {
		return nil, err
	}
	return e.decode(ctx, latents, items)
}

// Mix gives what is in q.Image the class of each item: its latents are found
// under its own class and decoded under that.
func (e *embedded) Mix(ctx context.Context, q *Request, items []Item) (*tensor.Tensor, error) {
	own, err := e.recognise(ctx, q.Image)
	if err != nil {
		return nil, err
	}
	latents, err := e.embed(ctx, q.Image, itemsOf(own, 1))
	if err != nil {
		return nil, err
	}
	return e.decode(ctx, repeat(latents, len(items)), items)
}

// itemsOf are n items of classes, or of none.
func itemsOf(classes []int, n int) []Item {
	items := make([]Item, n)
	for i := range items {
		items[i] = Item{Class: -1, Truncation: 1}
		if classes != nil {
			items[i].Class = classes[i]
		}
	}
	return items
}
