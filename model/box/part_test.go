package box_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/box"
	"github.com/limner-ai/limner/model/family"
	"github.com/limner-ai/limner/nn"
)

// What the model contains can be used by itself, and says where it is from.
func TestParts(t *testing.T) {
	m, err := box.Open(family.All(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Manifest.Parts) != 2 {
		t.Fatalf("it contains %d models", len(m.Manifest.Parts))
	}
	for name, origin := range m.Manifest.Parts {
		p, err := m.Part(name, family.All())
		if err != nil {
			t.Fatal(err)
		}
		if p.Digest != origin.Digest || p.Manifest.Name != origin.Name || p.Manifest.Data.Root != m.Manifest.Data.Root || len(p.Manifest.Parts) != 0 {
			t.Errorf("%s: %+v", name, p.Manifest)
		}
		if len(p.Weights) == 0 {
			t.Errorf("%s has no weights", name)
		}
		for state, w := range p.Weights {
			of := m.Weights[name+"/"+state]
			if average := m.Weights[nn.AverageOf(name+"/"+nn.Plain(state))]; average != nil {
				of = average
			}
			if of == nil || !slices.Equal(of.Data, w.Data) {
				t.Errorf("%s: %s is not the model's", name, state)
			}
		}
		if same, err := m.Of(p.Manifest.Family, family.All()); err != nil || same.Digest != p.Digest {
			t.Errorf("the part of the family %s: %v", p.Manifest.Family, err)
		}
	}
	words, err := m.Of("contrast", family.All())
	if err != nil {
		t.Fatal(err)
	}
	if encoder, ok := words.Model.(model.TextEncoder); !ok || encoder.Tokens() == 0 {
		t.Error("its text encoder reads no text")
	}
	for _, f := range []string{"flow", "gan"} {
		if same, err := m.Of(f, family.All()); err != nil || same != m {
			t.Errorf("the family %s: %v, want the model itself", f, err)
		}
	}
	if _, err := m.Part("critic", family.All()); err == nil || !strings.Contains(err.Error(), `"critic"`) {
		t.Errorf("a part that is not there: %v", err)
	}
}
