package trained

import (
	"strings"
	"testing"

	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/nn"
)

func TestBlend(t *testing.T) {
	first, last := made(t, nil), made(t, nil)
	first.Digest, last.Digest = "sha256:first", "sha256:last"
	first.Weights = map[string]*tensor.Tensor{nn.AverageOf("w"): tensor.From([]float32{5, 2, 3, 0}, 2, 2)}
	last.Weights["new"] = tensor.From([]float32{7}, 1)
	if _, err := last.Blend(first, .5); err == nil || !strings.Contains(err.Error(), "did not begin with") {
		t.Errorf("models of different origin: %v", err)
	}
	last.Manifest.From = &Origin{Digest: "sha256:between", From: &Origin{Digest: "sha256:first"}}
	for share, want := range map[float64][]float32{0: {5, 2, 3, 0}, .25: {4, 2, 3, 1}, 1: {1, 2, 3, 4}} {
		m, err := last.Blend(first, share)
		if err != nil {
			t.Fatal(err)
		}
		for i, w := range want {
			if m.Weights["w"].Data[i] != w {
				t.Errorf("%v of the way: weight %d is %v, want %v", share, i, m.Weights["w"].Data[i], w)
			}
		}
		if m.Weights["new"].Data[0] != 7 {
			t.Error("what the earlier model lacks has changed")
		}
		if b := m.Manifest.Blended; b == nil || *b != (Blended{"sha256:last", "sha256:first", share}) || m.Manifest.Metrics != nil {
			t.Errorf("it says of itself %+v and %v", b, m.Manifest.Metrics)
		}
	}
	if last.Weights["w"].Data[0] != 1 || last.Manifest.Blended != nil {
		t.Error("the models themselves have changed")
	}
	if _, err := last.Blend(first, 1.5); err == nil {
		t.Error("more than all of the way")
	}
	last.Manifest.Parts = map[string]Origin{"words": {Name: "new", Digest: "sha256:2"}}
	first.Manifest.Parts = map[string]Origin{"words": {Name: "old", Digest: "sha256:1"}}
	if _, err := last.Blend(first, .5); err == nil || !strings.Contains(err.Error(), "same parts") {
		t.Errorf("other words: %v", err)
	}
	last.Manifest.Parts = first.Manifest.Parts
	first.Weights = map[string]*tensor.Tensor{"w": tensor.New(2, 3)}
	if _, err := last.Blend(first, .5); err == nil || !strings.Contains(err.Error(), "shape") {
		t.Errorf("other shapes: %v", err)
	}
}
