package bench

import (
	"encoding/json"
	"math"
	"slices"

	"github.com/limner-ai/limner/engine/compile"
	"github.com/limner-ai/limner/engine/cpu"
	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/family"
	"github.com/limner-ai/limner/model/trained"
)

var flowPictures = model.Pictures{Height: 64, Width: 64, Channels: 4}

// Flow is a text-to-image model of the size that learns small pictures of
// things, on weights of noise: 7 million numbers. What it paints is noise, and
// takes as long as a picture.
func Flow(engine trained.Engine) (*trained.Model, error) {
	return newFlow(flowSize, flowPictures, engine)
}

// flowSize is the configuration of a flow model's own net and of its parts.
var flowSize = [3]string{
	`{"channels":192,"layers":8,"heads":3,"ratio":3,"shortcut":0.25,"sampling":{"steps":4,"guidance":1,"sampler":"euler"}}`,
	`{"latent":16,"encoder":[32,64,128],"decoder":[48,64,128],"decoder_blocks":1}`,
	`{"vocabulary":2048,"length":32,"channels":192,"layers":3,"heads":4}`,
}

func newFlow(sizes [3]string, p model.Pictures, engine trained.Engine) (*trained.Model, error) {
	m, manifest, err := configured(sizes, p)
	if err != nil {
		return nil, err
	}
	weights, err := noisy(m)
	return trained.New(m, manifest, weights, engine), err
}

// configured joins a net with its autoencoder and its text encoder.
func configured(sizes [3]string, p model.Pictures) (model.Model, trained.Manifest, error) {
	manifest := trained.Manifest{Format: trained.Format, Name: "flow", Family: "flow", Pictures: p}
	var own, autoencoder, words map[string]any
	for i, dst := range []*map[string]any{&own, &autoencoder, &words} {
		if err := json.Unmarshal([]byte(sizes[i]), dst); err != nil {
			return nil, manifest, err
		}
	}
	own["autoencoder"] = model.Part{Family: "autoencoder", Config: autoencoder, Pictures: p}
	own["words"] = model.Part{Family: "contrast", Config: words, Pictures: p}
	var err error
	if manifest.Config, err = json.Marshal(own); err != nil {
		return nil, manifest, err
	}
	m, err := manifest.Build(family.All())
	return m, manifest, err
}

// noisy are weights of noise for all that a model can do.
func noisy(m model.Model) (map[string]*tensor.Tensor, error) {
	weights := map[string]*tensor.Tensor{}
	seen := map[*graph.Value]bool{}
	var visit func(v *graph.Value)
	visit = func(v *graph.Value) {
		if seen[v] {
			return
		}
		seen[v] = true
		for _, in := range v.Inputs() {
			visit(in)
		}
		if a, ok := v.Attr().(graph.NameAttr); ok && v.Op() == graph.OpState && weights[a.Name] == nil {
			t := tensor.New(v.Shape()...)
			tensor.Philox{Seed: 1, Stream: tensor.StreamOf(a.Name)}.Normal(t.Data, 0)
			sigma := float32(1 / math.Sqrt(float64(v.Shape()[:max(v.Shape().Rank()-1, 0)].Size())))
			for i := range t.Data {
				t.Data[i] *= sigma
			}
			weights[a.Name] = t
		}
	}
	for _, use := range m.Uses() {
		call, err := m.Build(use, 1)
		if err != nil {
			return nil, err
		}
		for _, o := range call.Outputs {
			visit(o.Value)
		}
	}
	return weights, nil
}

// velocities are those of so many steps of a batch of pictures, without words
// and pixels.
func velocities() Case {
	const batch, count = 16, 4
	work := map[string]any{"family": "flow", "batch": batch, "sample": true, "steps": count}
	return Case{Name: "sample/flow", Work: work, load: func(pool *cpu.Pool, o compile.Options) (*Iteration, error) {
		return newVelocities(flowSize, flowPictures, batch, count, pool, o)
	}}
}

// newVelocities compiles one step and repeats it.
func newVelocities(sizes [3]string, p model.Pictures, batch, count int, pool *cpu.Pool, o compile.Options) (*Iteration, error) {
	m, _, err := configured(sizes, p)
	if err != nil {
		return nil, err
	}
	c, err := m.Build(model.UseVelocity, batch)
	if err != nil {
		return nil, err
	}
	it := &Iteration{options: o}
	if err := it.add([]*graph.Value{c.Outputs[0].Value}, nil, map[string]*tensor.Tensor{}, pool); err != nil {
		return nil, err
	}
	it.FLOPs, it.Bytes = int64(count)*it.FLOPs, int64(count)*it.Bytes
	it.Steps = slices.Repeat(it.Steps, count)
	return it, nil
}
