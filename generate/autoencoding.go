package generate

import (
	"context"
	"fmt"
	"math"

	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/trained"
)

// autoencoding paints with a model that has an encoder: a VAE.
type autoencoding struct {
	embedded
}

func newAutoencoding(m *trained.Model) (Painter, error) {
	if !m.Has(model.UseSample) || !m.Has(model.UseEncode) {
		return nil, nil
	}
	v, err := newVector(m)
	if err != nil {
		return nil, err
	}
	a := &autoencoding{embedded{vector: v}}
	a.recognise = a.Recognise
	a.embed = func(ctx context.Context, images *tensor.Tensor, items []Item) (*tensor.Tensor, error) {
		mean, _, err := a.encode(ctx, images, items)
		return mean, err
	}
	return a, nil
}

// encode finds q(z|x) of pictures, its mean and deviation [n z].
func (a *autoencoding) encode(ctx context.Context, images *tensor.Tensor, items []Item) (mean, std *tensor.Tensor, err error) {
	in, err := a.conditions(items)
	if err != nil {
		return nil, nil, err
	}
	in[model.InputImages] = images
	out, err := a.apply(ctx, model.UseEncode, in, 1, "mean", "std")
	if err != nil {
		return nil, nil, err
	}
	return out[0], out[1], nil
}

// rounds of repainting at strength 1. Each is a step of a Markov chain that
// converges geometrically where the model is a good one.
const rounds = 24

// Inpaint fills the hole as Rezende, Mohamed and Wierstra, "Stochastic
// Backpropagation and Approximate Inference in Deep Generative Models" (2014),
// appendix F, do: latents are drawn for the picture as it is, the hole is
// filled with what they give, what is known is put back, and so on. It begins
// with a variation of the picture at this strength, and takes as many rounds
// as the strength says; the last one takes the mean of the latents, which has
// no noise.
func (a *autoencoding) Inpaint(ctx context.Context, q *Request, items []Item) (*tensor.Tensor, error) {
	x, err := a.Vary(ctx, q, items)
	if err != nil {
		return nil, err
	}
	n := int(math.Round(q.Strength * rounds))
	for t := range n {
		settle(q, x)
		mean, std, err := a.encode(ctx, x, items)
		if err != nil {
			return nil, err
		}
		if t < n-1 {
			drawn(mean, std, items, uint32(t))
		}
		if x, err = a.decode(ctx, mean, items); err != nil {
			return nil, err
		}
		if err := q.tell(t+1, n, x); err != nil {
			return nil, err
		}
	}
	return x, nil
}

// drawn adds noise of the items' own to means.
func drawn(mean, std *tensor.Tensor, items []Item, t uint32) {
	eps := make([]float32, mean.Shape[1])
	for i, item := range items {
		tensor.Philox{Seed: item.Seed, Stream: tensor.StreamOf("inpaint"), Step: t}.Normal(eps, item.Index*len(eps))
		for k, e := range eps {
			mean.Row(i)[k] += std.Row(i)[k] * e
		}
	}
}

// Recognise compares the evidence lower bounds of each picture under all
// classes.
func (a *autoencoding) Recognise(ctx context.Context, images *tensor.Tensor) ([]int, error) {
	n := images.Shape[0]
	out, best := make([]int, n), make([]float32, n)
	for class := range a.m.Manifest.Pictures.Classes {
		classes := make([]int, n)
		for i := range classes {
			classes[i] = class
		}
		in, err := a.conditions(itemsOf(classes, n))
		if err != nil {
			return nil, err
		}
		in[model.InputImages] = images
		bound, err := a.apply(ctx, model.UseBound, in, 1, "elbo")
		if err != nil {
			return nil, err
		}
		for i, v := range bound[0].Data {
			if class == 0 || v > best[i] {
				best[i], out[i] = v, class
			}
		}
	}
	return out, nil
}

// Shift moves the picture x along a direction d of latents, and keeps what the
// model cannot express of it: x + G(μ + a·d) − G(μ), for amounts a that grow
// with the items up to that of the request.
func (a *autoencoding) Shift(ctx context.Context, q *Request, items []Item) (*tensor.Tensor, error) {
	if n := len(q.Shift.Direction); n != a.z {
		return nil, fmt.Errorf("the model's latents are %d numbers, not %d", a.z, n)
	}
	mu, rest, err := a.residual(ctx, q.Image, items[:1])
	if err != nil {
		return nil, err
	}
	rows := tensor.New(len(items), a.z)
	for i, item := range items {
		for k, d := range q.Shift.Direction {
			rows.Row(i)[k] = mu[k] + float32(q.Shift.Amount*item.Share)*d
		}
	}
	made, err := a.decode(ctx, rows, items)
	if err != nil {
		return nil, err
	}
	addResidual(made, rest, 1)
	return made, nil
}

// Latents are the means [n z] of the latents of pictures.
func (a *autoencoding) Latents(ctx context.Context, images *tensor.Tensor, classes []int) (*tensor.Tensor, error) {
	return a.embed(ctx, images, itemsOf(classes, images.Shape[0]))
}
