package generate

import (
	"context"
	"fmt"

	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/trained"
)

// vector is what models have in common whose latents are one row of standard
// normal numbers a picture.
type vector struct {
	m     *trained.Model
	z     int
	takes Takes
}

// newVector asks the model's sampling graph what it reads.
func newVector(m *trained.Model) (vector, error) {
	c, err := m.Call(model.UseSample, trained.Batch)
	if err != nil {
		return vector{}, err
	}
	v := vector{m: m, z: c.Latent}
	v.takes.Classes = c.Input(model.InputLabels) != nil
	v.takes.Truncation = c.Input(model.InputTruncate) != nil
	v.takes.Words, err = m.Worded()
	return v, err
}

func (v *vector) Takes() Takes { return v.takes }

// Settle has nothing to fill in: a picture is made in one go.
func (v *vector) Settle(q *Request) error {
	if q.Negative != "" {
		return fmt.Errorf("the model %s (%s) takes no negative prompt: it has no guidance", v.m.Manifest.Name, v.m.Manifest.Family)
	}
	return nil
}

// Sample draws from the prior.
func (v *vector) Sample(ctx context.Context, q *Request, items []Item) (*tensor.Tensor, error) {
	return v.decode(ctx, latentsOf(items, v.z), items)
}

// decode makes the pictures of latents [n z] under the conditions of items.
func (v *vector) decode(ctx context.Context, rows *tensor.Tensor, items []Item) (*tensor.Tensor, error) {
	in, err := v.conditions(items)
	if err != nil {
		return nil, err
	}
	return v.decodeUnder(ctx, rows, in, items[0].Truncation)
}

// decodeUnder makes the pictures of latents under conditions.
func (v *vector) decodeUnder(ctx context.Context, rows *tensor.Tensor, in map[string]*tensor.Tensor, truncation float64) (*tensor.Tensor, error) {
	in[model.InputLatents] = rows
	out, err := v.apply(ctx, model.UseSample, in, truncation, "images")
	if err != nil {
		return nil, err
	}
	return out[0], nil
}

// conditions are the inputs that tell the model what an item is of.
func (v *vector) conditions(items []Item) (map[string]*tensor.Tensor, error) {
	in := map[string]*tensor.Tensor{}
	if v.takes.Classes {
		labels := tensor.New(len(items))
		for i, item := range items {
			labels.Data[i] = float32(max(0, item.Class))
		}
		in[model.InputLabels] = labels
	}
	if v.takes.Words {
		prompts := make([]string, len(items))
		for i, item := range items {
			prompts[i] = item.Prompt
		}
		said, err := v.m.Read(prompts...)
		if err != nil {
			return nil, err
		}
		in[model.Pooled] = said
	}
	return in, nil
}

// apply runs a use over rows of inputs, a batch at a time, and joins the named
// outputs. The last batch is filled up with its last row.
func (v *vector) apply(ctx context.Context, use model.Use, in map[string]*tensor.Tensor, truncation float64, outputs ...string) ([]*tensor.Tensor, error) {
	c, err := v.m.Call(use, trained.Batch)
	if err != nil {
		return nil, err
	}
	c.Set(model.InputTruncate, float32(truncation))
	n := 0
	for name, rows := range in {
		n = rows.Shape[0]
		if to := c.Input(name); to != nil && !to.Shape[1:].Equal(rows.Shape[1:]) {
			return nil, fmt.Errorf("the model wants %s of shape %v, not %v", name, to.Shape[1:], rows.Shape[1:])
		}
	}
	out := make([]*tensor.Tensor, len(outputs))
	for at := 0; at < n; at += trained.Batch {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for name, rows := range in {
			to := c.Input(name)
			if to == nil {
				continue
			}
			size := len(rows.Data) / n
			for i := range trained.Batch {
				copy(to.Data[i*size:][:size], rows.Data[min(at+i, n-1)*size:])
			}
		}
		if err := c.Run(0, 0); err != nil {
			return nil, err
		}
		count := min(trained.Batch, n-at)
		for k, name := range outputs {
			got := c.Output(name)
			if got == nil {
				return nil, fmt.Errorf("the use %q of a %s model gives no %s", use, v.m.Manifest.Family, name)
			}
			if out[k] == nil {
				out[k] = tensor.New(append(tensor.S(n), got.Shape[1:]...)...)
			}
			size := len(got.Data) / trained.Batch
			copy(out[k].Data[at*size:(at+count)*size], got.Data)
		}
	}
	return out, nil
}

// repeat is one picture [1 …] n times.
func repeat(one *tensor.Tensor, n int) *tensor.Tensor {
	t := tensor.New(append(tensor.S(n), one.Shape[1:]...)...)
	for i := range n {
		copy(t.Row(i), one.Data)
	}
	return t
}
