package generate

import (
	"context"
	"math"
	"slices"

	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/trained"
)

// adversarial paints with a generator that has no encoder: a GAN. The latents
// of a picture are searched for.
type adversarial struct {
	embedded
	engine  trained.Engine
	learned *encoder // once it was wanted
}

func newAdversarial(m *trained.Model) (Painter, error) {
	if !m.Has(model.UseSample) {
		return nil, nil
	}
	v, err := newVector(m)
	if err != nil || v.z == 0 {
		return nil, err
	}
	if !m.Has(model.UseInvert) {
		return &v, nil
	}
	a := &adversarial{embedded: embedded{vector: v}}
	a.embed, a.recognise = a.invert, a.Recognise
	return a, nil
}

// encoder is the generator's encoder, which learns when it is first wanted.
func (a *adversarial) encoder(ctx context.Context) (*encoder, error) {
	var err error
	if a.learned == nil {
		a.learned, err = learnEncoder(ctx, a)
	}
	return a.learned, err
}

// invert finds the latents of each picture.
func (a *adversarial) invert(ctx context.Context, images *tensor.Tensor, items []Item) (*tensor.Tensor, error) {
	out := tensor.New(images.Shape[0], a.z)
	for i, item := range items {
		target := tensor.From(images.Row(i), append(tensor.S(1), images.Shape[1:]...)...)
		rows, err := a.begin(ctx, target, item)
		if err != nil {
			return nil, err
		}
		n := rows.Shape[0]
		loss, err := a.improve(ctx, repeat(target, n), rows, slices.Repeat([]Item{item}, n), searchSteps, nil)
		if err != nil {
			return nil, err
		}
		copy(out.Row(i), rows.Row(slices.Index(loss, slices.Min(loss))))
	}
	return out, nil
}

// begin are latents from which to search for a picture: the best of what the
// encoder guesses, of what lies around that, and of random ones.
func (a *adversarial) begin(ctx context.Context, target *tensor.Tensor, item Item) (*tensor.Tensor, error) {
	e, err := a.encoder(ctx)
	if err != nil {
		return nil, err
	}
	guess, _, err := e.latents(target)
	if err != nil {
		return nil, err
	}
	rows := trained.Latents(guessSeed, 0, candidates, a.z)
	clear(rows.Row(0))
	for i := range candidates / 2 {
		for k, v := range guess {
			rows.Row(i)[k] = v + around*rows.Row(i)[k]
		}
	}
	return a.nearest(ctx, target, rows, item)
}

// Inpaint searches for latents whose picture is right where q.Image is known:
// Yeh et al., "Semantic Image Inpainting with Deep Generative Models" (2017),
// section 3, with the density of the prior in place of the discriminator, which
// a model file does not hold. It begins with a variation of the picture at this
// strength, and searches for as many steps as the strength says.
func (a *adversarial) Inpaint(ctx context.Context, q *Request, items []Item) (*tensor.Tensor, error) {
	rows, rest := latentsOf(items, a.z), make([]float32, len(q.Image.Data))
	if q.Strength < 1 {
		mu, left, err := a.residual(ctx, q.Image, items[:1])
		if err != nil {
			return nil, err
		}
		rest = left
		for i := range items {
			slerp(rows.Row(i), mu, rows.Row(i), q.Strength)
		}
	}
	known, c := q.Image.Clone(), q.Image.Shape[3]
	for p, v := range q.Mask.Data {
		if v != 0 {
			for k := range c {
				known.Data[p*c+k] = -1
			}
		}
	}
	steps := int(math.Round(q.Strength * searchSteps))
	tell := func(step int, images *tensor.Tensor) error { return q.tell(step, steps, images) }
	if _, err := a.improve(ctx, repeat(known, len(items)), rows, items, steps, tell); err != nil {
		return nil, err
	}
	made, err := a.decode(ctx, rows, items)
	if err != nil {
		return nil, err
	}
	addResidual(made, rest, 1-q.Strength)
	return made, nil
}

// Recognise asks the encoder.
func (a *adversarial) Recognise(ctx context.Context, images *tensor.Tensor) ([]int, error) {
	e, err := a.encoder(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]int, images.Shape[0])
	for i := range out {
		one := tensor.From(images.Row(i), append(tensor.S(1), images.Shape[1:]...)...)
		if _, out[i], err = e.latents(one); err != nil {
			return nil, err
		}
	}
	return out, nil
}
