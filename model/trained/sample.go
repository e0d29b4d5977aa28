package trained

import (
	"fmt"

	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model"
)

// Batch is how many pictures a use handles at once. It is the same for every
// request, so that a picture does not depend on how many others were asked
// for with it.
const Batch = 16

// Latents returns rows [first, first+n) of the endless table of standard
// normal latents [rows z] of a seed. Row i does not depend on what is asked
// for beside it.
func Latents(seed uint64, first, n, z int) *tensor.Tensor {
	t := tensor.New(n, z)
	p := tensor.Philox{Seed: seed, Stream: tensor.StreamOf("latents")}
	p.Normal(t.Data, first*z)
	return t
}

// Latent is the length of a latent vector, 0 if the model has none.
func (m *Model) Latent() (int, error) {
	c, err := m.Call(model.UseSample, Batch)
	if err != nil {
		return 0, err
	}
	return c.Latent, nil
}

// Conditional reports whether a sample wants a class.
func (m *Model) Conditional() (bool, error) {
	c, err := m.Call(model.UseSample, Batch)
	if err != nil {
		return false, err
	}
	return c.Input(model.InputLabels) != nil, nil
}

// Sample decodes latents [n z] to pictures [n h w c]. Labels has a class
// index a picture for a model with classes and is ignored by one without.
// Truncation shrinks the prior; 1 is all of it. A model with words is told
// nothing: see [Model.SampleFor].
func (m *Model) Sample(latents *tensor.Tensor, labels []int, truncation float64) (*tensor.Tensor, error) {
	if worded, err := m.Worded(); err != nil {
		return nil, err
	} else if worded {
		return m.SampleFor(make([]string, latents.Shape[0]), latents, labels, truncation)
	}
	out, err := m.apply(model.UseSample, model.InputLatents, latents, told{labels: labels}, truncation, "images")
	if err != nil {
		return nil, err
	}
	return out[0], nil
}

// Encode finds the mean and standard deviation [n z] of the latents of
// pictures [n h w c].
func (m *Model) Encode(images *tensor.Tensor, labels []int) (mean, std *tensor.Tensor, err error) {
	out, err := m.apply(model.UseEncode, model.InputImages, images, told{labels: labels}, 1, "mean", "std")
	if err != nil {
		return nil, nil, err
	}
	return out[0], out[1], nil
}

// Reconstruct passes pictures [n h w c] through the latents and back.
func (m *Model) Reconstruct(images *tensor.Tensor, labels []int) (*tensor.Tensor, error) {
	out, err := m.apply(model.UseReconstruct, model.InputImages, images, told{labels: labels}, 1, "images")
	if err != nil {
		return nil, err
	}
	return out[0], nil
}

// told is what a model is told of pictures: their classes and what their
// prompts say [n d], nil if nothing.
type told struct {
	labels []int
	said   *tensor.Tensor
}

// apply runs a use over the rows of an input, a batch at a time, and joins
// the named outputs. The last batch is filled up with zeros.
func (m *Model) apply(use model.Use, input string, rows *tensor.Tensor, of told, truncation float64, outputs ...string) ([]*tensor.Tensor, error) {
	c, err := m.Call(use, Batch)
	if err != nil {
		return nil, err
	}
	in := c.Input(input)
	if in == nil {
		return nil, fmt.Errorf("the use %q of a %s model reads no %s", use, m.Manifest.Family, input)
	}
	if !in.Shape[1:].Equal(rows.Shape[1:]) {
		return nil, fmt.Errorf("the model wants %s of shape %v, not %v", input, in.Shape[1:], rows.Shape[1:])
	}
	if !c.Set(model.InputTruncate, float32(truncation)) && truncation != 1 {
		return nil, fmt.Errorf("a %s model has no truncation", m.Manifest.Family)
	}
	n := rows.Shape[0]
	classes := c.Input(model.InputLabels)
	if classes != nil && len(of.labels) != n {
		return nil, fmt.Errorf("the model wants a class for each of %d pictures, %d are given", n, len(of.labels))
	}
	out := make([]*tensor.Tensor, len(outputs))
	for at := 0; at < n; at += Batch {
		count := min(Batch, n-at)
		for i := range Batch {
			dst := in.Row(i)
			if i < count {
				copy(dst, rows.Row(at+i))
			} else {
				clear(dst)
			}
			if classes != nil {
				classes.Data[i] = float32(of.labels[min(at+i, n-1)])
			}
			if of.said != nil {
				copy(c.Input(model.Pooled).Row(i), of.said.Row(min(at+i, n-1)))
			}
		}
		if err := c.Run(0, 0); err != nil {
			return nil, err
		}
		for k, name := range outputs {
			got := c.Output(name)
			if got == nil {
				return nil, fmt.Errorf("the use %q of a %s model gives no %s", use, m.Manifest.Family, name)
			}
			if out[k] == nil {
				out[k] = tensor.New(append(tensor.S(n), got.Shape[1:]...)...)
			}
			row := len(got.Data) / Batch
			copy(out[k].Data[at*row:(at+count)*row], got.Data)
		}
	}
	return out, nil
}

// Bound is the evidence lower bound of each picture [n h w c], in nats, with
// one draw of latents that is the same in every call.
func (m *Model) Bound(images *tensor.Tensor, labels []int) ([]float32, error) {
	out, err := m.apply(model.UseBound, model.InputImages, images, told{labels: labels}, 1, "elbo")
	if err != nil {
		return nil, err
	}
	return out[0].Data, nil
}
