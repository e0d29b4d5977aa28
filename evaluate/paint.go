package evaluate

import (
	"fmt"

	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/sampler"
	"github.com/limner-ai/limner/model/trained"
)

// Sampler makes a picture for each prompt: images [n h w c] in [0, 1]. Picture
// i depends on the seed, i and its prompt alone.
type Sampler interface {
	Sample(prompts []string, seed uint64) (*tensor.Tensor, error)
}

// flow makes pictures with a flow model as its maker would.
type flow struct {
	*sampler.Sampler
	steps int
}

// worded makes pictures in one go of latents and prompts: a GAN.
type worded struct {
	*trained.Model
	latent     int
	truncation float64
}

// NewSampler is a Sampler of a model that takes words: of a flow model in so
// many steps, 0 for as many as its maker chose; of another at a truncation of
// its latents. It is nil for any other model.
func NewSampler(m *trained.Model, steps int, truncation float64) (Sampler, error) {
	f, ok := m.Model.(model.Flow)
	if !ok {
		if takes, err := m.Worded(); !takes || err != nil {
			return nil, err
		}
		latent, err := m.Latent()
		return &worded{m, latent, truncation}, err
	}
	if f.Tokens() == 0 {
		return nil, nil
	}
	s, err := sampler.New(m)
	if err != nil {
		return nil, err
	}
	return &flow{s, steps}, nil
}

func (w *worded) Sample(prompts []string, seed uint64) (*tensor.Tensor, error) {
	// Of a model with classes too, they are taken in turn.
	labels := make([]int, len(prompts))
	for i := range labels {
		labels[i] = i % max(1, len(w.Manifest.Pictures.Classes))
	}
	return w.SampleFor(prompts, trained.Latents(seed, 0, len(prompts), w.latent), labels, w.truncation)
}

func (f *flow) Sample(prompts []string, seed uint64) (*tensor.Tensor, error) {
	return f.sample(prompts, seed, func(guidance float64) float64 { return guidance })
}

// sample makes pictures with what guidance makes of that which the model's maker chose.
func (f *flow) sample(prompts []string, seed uint64, guidance func(float64) float64) (*tensor.Tensor, error) {
	told, err := f.Read(prompts...)
	if err != nil {
		return nil, err
	}
	way := f.Sampling(f.steps)
	latents, err := f.Paint(sampler.Request{Noise: f.Noise(seed, 0, len(prompts)), Prompts: told,
		Options: sampler.Options{Steps: way.Steps, Method: sampler.Method(way.Sampler), Guidance: guidance(way.Guidance)}})
	if err != nil {
		return nil, err
	}
	return f.Decode(latents)
}

// paints reports whether the model makes new pictures. What decodes the latents
// of other models makes none of its own: its prior is only a leash.
func (e *evaluation) paints() bool {
	_, part := e.m.Model.(model.Autoencoder)
	return e.opt.Sampler != nil || e.m.Has(model.UseSample) && !part
}

// draw makes the pictures [at, at+n) of the samples: of latents and classes, or
// for what is said of the held-out pictures.
func (e *evaluation) draw(at, n, latent int, labels []int) (*tensor.Tensor, error) {
	if e.opt.Sampler == nil {
		return e.m.Sample(trained.Latents(e.opt.Seed, at, n, latent), labels[at:at+n], e.opt.Truncation)
	}
	prompts := make([]string, n)
	for i := range prompts {
		p, err := promptOf(e.test, at+i)
		if err != nil {
			return nil, err
		}
		prompts[i] = p
	}
	return e.ask(prompts, uint64(at))
}

// ask makes pictures for prompts; what is made for different purposes has
// different noise.
func (e *evaluation) ask(prompts []string, purpose uint64) (*tensor.Tensor, error) {
	p := e.m.Manifest.Pictures
	images, err := e.opt.Sampler.Sample(prompts, e.opt.Seed+purpose)
	if err != nil {
		return nil, fmt.Errorf("drawing samples: %w", err)
	}
	if want := tensor.S(len(prompts), p.Height, p.Width, p.Channels); !images.Shape.Equal(want) {
		return nil, fmt.Errorf("drawing samples: pictures %v for %d prompts, not %v", images.Shape, len(prompts), want)
	}
	return images, nil
}
