package evaluate

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/contrast"
	"github.com/limner-ai/limner/model/gan"
	"github.com/limner-ai/limner/model/trained"
)

// A GAN with words is sampled by prompts: picture i by the seed, i and its
// prompt alone.
func TestGANSampler(t *testing.T) {
	const config = `{"arch":"dcgan","channels":[4],"latent":3,"words":{"from":"w","family":"contrast","pictures":{"height":8,"width":8,"channels":1},
		"config":{"vocabulary":262,"length":9,"channels":4,"layers":1,"heads":1,"patch":2,"pictures":[2],"blocks":0,"embedding":2}}}`
	manifest := trained.Manifest{
		Name: "tiny", Family: "gan", Config: json.RawMessage(config), Pictures: model.Pictures{Height: 8, Width: 8, Channels: 1},
	}
	built, err := manifest.Build([]model.Family{gan.Family{Encoders: []model.Family{contrast.Family{}}}})
	if err != nil {
		t.Fatal(err)
	}
	training, err := built.Training(2)
	if err != nil {
		t.Fatal(err)
	}
	weights := map[string]*tensor.Tensor{}
	for _, s := range training.States {
		weights[s.Name] = tensor.New(s.Shape...)
		tensor.Philox{Seed: 1, Stream: tensor.StreamOf(s.Name)}.Normal(weights[s.Name].Data, 0)
	}
	engine := trained.NewCPU(2)
	defer engine.Close()
	m := trained.New(built, manifest, weights, engine)
	s, err := NewSampler(m, 0, 1)
	if err != nil || s == nil {
		t.Fatal(s, err)
	}
	prompts := make([]string, 20)
	for i := range prompts {
		prompts[i] = strings.Repeat("a", i%5)
	}
	all, err := s.Sample(prompts, 7)
	if err != nil || !all.Shape.Equal(tensor.S(20, 8, 8, 1)) {
		t.Fatal(all, err)
	}
	few, err := s.Sample([]string{"", "b", "aa"}, 7)
	if err != nil {
		t.Fatal(err)
	}
	for i, same := range []bool{true, false, true} {
		if slices.Equal(few.Row(i), all.Row(i)) != same {
			t.Errorf("picture %d is the same: %v, want %v", i, !same, same)
		}
	}
	silent, err := m.Sample(trained.Latents(7, 0, 1, 3), nil, 1)
	if err != nil || !slices.Equal(silent.Data, all.Row(0)) {
		t.Error("without words it is told something", err)
	}
	if _, err := m.SampleFor([]string{"a"}, trained.Latents(7, 0, 2, 3), nil, 1); err == nil || !strings.Contains(err.Error(), "a prompt for each of 2") {
		t.Errorf("one prompt for two pictures gave %v", err)
	}
}
