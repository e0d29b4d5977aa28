package modeltest

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/graph/reference"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model"
)

// Conform holds a family to the contract in package model. The configuration
// is JSON and must be so small that the interpreter can train it.
func Conform(t *testing.T, f model.Family, p model.Pictures, config string) {
	m := New(t, f, p, config)
	t.Run("config", func(t *testing.T) { conformConfig(t, f, p, m) })
	t.Run("training", func(t *testing.T) { conformTraining(t, p, m) })
	t.Run("uses", func(t *testing.T) { conformUses(t, p, m) })
}

// A configuration survives JSON, and a key that does not exist is refused.
func conformConfig(t *testing.T, f model.Family, p model.Pictures, m model.Model) {
	text, err := json.Marshal(m.Config())
	if err != nil {
		t.Fatal(err)
	}
	again := New(t, f, p, string(text))
	text2, _ := json.Marshal(again.Config())
	if string(text) != string(text2) || !reflect.DeepEqual(m.Config(), again.Config()) {
		t.Errorf("the configuration\n%s\ncame back as\n%s", text, text2)
	}
	if _, err := f.New(p, Decode(`{"no_such_key": 1}`)); err == nil || !strings.Contains(err.Error(), "no_such_key") {
		t.Errorf("an unknown key gave %v", err)
	}
}

func conformTraining(t *testing.T, p model.Pictures, m model.Model) {
	const batch = 4
	if _, err := m.Training(0); err == nil {
		t.Error("an empty batch was accepted")
	}
	r := NewRun(t, m, batch, 1)
	inputs := FillFor(m, p, batch, latentOf(t, m), 1e-3, .5)
	declared := map[string]tensor.Shape{}
	fixed := map[string]bool{}
	for _, s := range r.Training.States {
		fixed[s.Name] = s.Fixed
		if declared[s.Name] != nil {
			t.Errorf("the state %s is listed twice", s.Name)
		}
		declared[s.Name] = append(tensor.Shape{}, s.Shape...)
	}
	for _, step := range r.Training.Steps {
		checkGraph(t, step.Name, step.Graph, inputs, batch, declared)
		for _, metric := range step.Metrics {
			if metric.Value.Shape().Size() != 1 || metric.Value.Rank() != 0 {
				t.Errorf("%s: the metric %s has shape %v, not that of a scalar", step.Name, metric.Name, metric.Value.Shape())
			}
		}
		updated := map[string]bool{}
		for _, u := range step.Updates {
			if u.State.Op() != graph.OpState || !u.State.Shape().Equal(u.Value.Shape()) || updated[nameOf(u.State)] {
				t.Errorf("%s: the update of %v by %v", step.Name, u.State, u.Value)
			}
			updated[nameOf(u.State)] = true
		}
	}

	// A few iterations change every state, even behind gates that begin at
	// zero, give finite metrics, and can be repeated.
	first := map[string]reference.Array{}
	for name, a := range r.States {
		first[name] = a
	}
	var metrics [2]map[string]float64
	again := NewRun(t, m, batch, 1)
	for range 4 {
		metrics[0], metrics[1] = r.Iterate(inputs), again.Iterate(inputs)
		for name, v := range metrics[0] {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				t.Errorf("the metric %s is %v", name, v)
			}
		}
	}
	if !reflect.DeepEqual(metrics[0], metrics[1]) {
		t.Errorf("the same run gave %v and %v", metrics[0], metrics[1])
	}
	for name, a := range r.States {
		if still := reflect.DeepEqual(a.Data, first[name].Data); still != fixed[name] {
			t.Errorf("the state %s stayed as it was: %v, it is to be fixed: %v", name, still, fixed[name])
		}
	}
}

// checkGraph finds inputs that no one feeds and states that no one keeps.
func checkGraph(t *testing.T, what string, g *graph.Graph, inputs Inputs, batch int, declared map[string]tensor.Shape) {
	t.Helper()
	for _, v := range g.Values() {
		switch v.Op() {
		case graph.OpInput:
			name := nameOf(v)
			if (name == model.InputLatents || name == model.InputTokens) && v.Rank() == 2 && v.Dim(0) == batch {
				continue
			}
			if want, ok := inputs[name]; !ok || !v.Shape().Equal(want.Shape) {
				t.Errorf("%s: the input %v is not fed, want %v", what, v, want.Shape)
			}
		case graph.OpState:
			if want, ok := declared[nameOf(v)]; !ok || !v.Shape().Equal(want) {
				t.Errorf("%s: the state %v is not kept by the training, want %v", what, v, want)
			}
		}
	}
}

func conformUses(t *testing.T, p model.Pictures, m model.Model) {
	const batch = 3
	r := NewRun(t, m, batch, 1)
	declared := map[string]tensor.Shape{}
	for _, s := range r.Training.States {
		declared[s.Name] = s.Shape
	}
	if _, err := m.Build("no such use", batch); err == nil {
		t.Error("an unknown use was built")
	}
	images := tensor.S(batch, p.Height, p.Width, p.Channels)
	for _, use := range m.Uses() {
		if _, err := m.Build(use, 0); err == nil {
			t.Errorf("%s: an empty batch was accepted", use)
		}
		call, err := m.Build(use, batch)
		if err != nil {
			t.Errorf("%s: %v", use, err)
			continue
		}
		inputs := FillFor(m, p, batch, call.Latent, 0, 0)
		checkGraph(t, string(use), call.Graph, inputs, batch, declared)
		got := r.Call(call, inputs)
		want := map[string]tensor.Shape{}
		switch use {
		case model.UseSample, model.UseReconstruct, model.UsePrepare, model.UseDecode:
			want["images"] = images
		case model.UseEncode:
			want["mean"], want["std"] = tensor.S(batch, call.Latent), tensor.S(batch, call.Latent)
		case model.UseBound:
			want["elbo"], want["log_weight"] = tensor.S(batch), tensor.S(batch, 1)
		case model.UseScore:
			if len(got) == 0 {
				t.Errorf("%s gives no numbers", use)
			}
			for name := range got {
				want[name] = tensor.S(batch)
			}
		case model.UseVelocity:
			want["velocity"] = inputs[model.InputNoised].Shape
		case model.UseFeatures:
			want["logits"] = tensor.S(batch, len(p.Classes))
		case model.UseRead:
			if e, ok := m.(model.TextEncoder); ok {
				n, d := e.Tokens(), e.Width()
				want[model.States], want[model.Pooled], want[model.Present] = tensor.S(batch, n, d), tensor.S(batch, d), tensor.S(batch, n)
			}
		}
		for name, shape := range want {
			a, ok := got[name]
			if !ok || !a.Shape.Equal(shape) {
				t.Errorf("%s: the output %s has shape %v, want %v", use, name, a.Shape, shape)
			}
			for _, x := range a.Data {
				if name == "images" && !(x >= 0 && x <= 1) {
					t.Errorf("%s: a pixel of %v", use, x)
					break
				}
			}
		}
	}
}

// latentOf is the length of the latents that the model's samples take.
func latentOf(t *testing.T, m model.Model) int {
	for _, use := range m.Uses() {
		if use == model.UseSample {
			call, err := m.Build(use, 1)
			if err != nil {
				t.Fatal(err)
			}
			return call.Latent
		}
	}
	return 0
}
