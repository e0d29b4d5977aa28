// Package modeltest holds what the tests of every family share: a training
// run in the reference interpreter, and the suite that a family must pass.
// The nets it runs must be tiny.
package modeltest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/graph/reference"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/nn"
)

// Inputs are the values of graph inputs by name.
type Inputs map[string]reference.Array

// Decode reads a JSON object strictly, as model files are read.
func Decode(text string) func(any) error {
	return func(dst any) error {
		d := json.NewDecoder(bytes.NewReader([]byte(text)))
		d.DisallowUnknownFields()
		return d.Decode(dst)
	}
}

// New makes a model from a JSON configuration, which is right.
func New(t testing.TB, f model.Family, p model.Pictures, config string) model.Model {
	t.Helper()
	m, err := f.New(p, Decode(config))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Run is a training run in the interpreter.
type Run struct {
	Training *model.Training
	States   map[string]reference.Array
	Seed     uint64
	Step     uint32
	tb       testing.TB
}

// NewRun starts a run of a model at a batch size.
func NewRun(t testing.TB, m model.Model, batch int, seed uint64) *Run {
	t.Helper()
	training, err := m.Training(batch)
	if err != nil {
		t.Fatal(err)
	}
	r := &Run{Training: training, States: map[string]reference.Array{}, Seed: seed, tb: t}
	for _, s := range training.States {
		r.States[s.Name] = reference.FromTensor(s.New(seed))
	}
	return r
}

// Iterate runs every step of one iteration on the same inputs and returns
// the metrics by name.
func (r *Run) Iterate(inputs Inputs) map[string]float64 {
	r.tb.Helper()
	metrics := map[string]float64{}
	progress := 0.
	if p, ok := inputs[model.InputProgress]; ok {
		progress = p.Data[0]
	}
	for _, step := range r.Training.Steps {
		if !step.Due(int(r.Step), progress) {
			continue
		}
		var values []*graph.Value
		for _, m := range step.Metrics {
			values = append(values, m.Value)
		}
		for _, u := range step.Updates {
			values = append(values, u.Value)
		}
		got := r.Eval(values, inputs)
		for i, m := range step.Metrics {
			metrics[m.Name] = got[i].Data[0]
		}
		for i, u := range step.Updates {
			r.States[nameOf(u.State)] = got[len(step.Metrics)+i]
		}
	}
	r.Step++
	return metrics
}

// Eval computes values with the run's states.
func (r *Run) Eval(values []*graph.Value, inputs Inputs) []reference.Array {
	r.tb.Helper()
	got, err := reference.Eval(values, reference.Env{Inputs: inputs, States: r.States, Seed: r.Seed, Step: r.Step})
	if err != nil {
		r.tb.Fatal(err)
	}
	return got
}

// Use runs a use of the model with the run's states and returns its outputs
// by name.
func (r *Run) Use(m model.Model, use model.Use, batch int, inputs Inputs) map[string]reference.Array {
	r.tb.Helper()
	call, err := m.Build(use, batch)
	if err != nil {
		r.tb.Fatal(err)
	}
	return r.Call(call, inputs)
}

// Call runs a call with the run's states.
func (r *Run) Call(call *model.Call, inputs Inputs) map[string]reference.Array {
	r.tb.Helper()
	var values []*graph.Value
	for _, o := range call.Outputs {
		values = append(values, o.Value)
	}
	out := map[string]reference.Array{}
	for i, a := range r.Eval(values, inputs) {
		out[call.Outputs[i].Name] = a
	}
	return out
}

// Fill makes inputs for a batch: pictures of noise on 256 levels, classes in
// turn, normal latents, and the scalars given.
func Fill(p model.Pictures, batch, latent int, rate, progress float64) Inputs {
	noise := tensor.Philox{Seed: 11, Stream: tensor.StreamOf("test pictures")}
	x := tensor.New(batch, p.Height, p.Width, p.Channels)
	noise.Uniform(x.Data, 0)
	for i, v := range x.Data {
		x.Data[i] = float32(int(v*256)) / 255
	}
	z := tensor.New(batch, latent)
	noise.Normal(z.Data, 0)
	labels := reference.New(batch)
	for i := range labels.Data {
		labels.Data[i] = float64(i % max(1, len(p.Classes)))
	}
	scalar := func(v float64) reference.Array { return reference.From([]float64{v}) }
	return Inputs{
		model.InputImages: reference.FromTensor(x), model.InputLabels: labels,
		model.InputLatents: reference.FromTensor(z), model.InputRate: scalar(rate),
		model.InputProgress: scalar(progress), model.InputTruncate: scalar(1),
	}
}

// FillWords adds the tokens of prompts, all different, if the model takes them.
func FillWords(in Inputs, m model.Model, batch int) {
	w, ok := m.(model.Worded)
	if !ok || w.Tokens() == 0 {
		return
	}
	tokens := tensor.New(batch, w.Tokens())
	for i := range batch {
		w.Tokenise(tokens.Row(i), fmt.Sprintf("%d red apples", i))
	}
	in[model.InputTokens] = reference.FromTensor(tokens)
}

// Parameters counts the numbers that training changes by gradient in states
// whose names begin with a prefix: those that an optimiser keeps a second
// moment or a momentum of.
func Parameters(states []nn.State, prefix string) int {
	moments := map[string]bool{}
	for _, s := range states {
		for _, kind := range []string{"/v/", "/momentum/"} {
			if _, name, ok := strings.Cut(s.Name, kind); ok {
				moments[name] = true
			}
		}
	}
	n := 0
	for _, s := range states {
		if moments[s.Name] && strings.HasPrefix(s.Name, prefix) {
			n += s.Shape.Size()
		}
	}
	return n
}

func nameOf(v *graph.Value) string { return v.Attr().(graph.NameAttr).Name }
