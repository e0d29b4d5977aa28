package trained

import (
	"fmt"

	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/nn"
)

// Blended says that a model's weights lie between those that a run ended with
// and those that it had begun with.
type Blended struct {
	Of    string  `json:"of"`    // digest of the run's model
	With  string  `json:"with"`  // digest of the earlier one
	Share float64 `json:"share"` // of the way from the earlier one
}

// Blend is the model with weights that lie a share of the way from those of an
// earlier model, which its run began with, to its own: Wortsman et al., "Robust
// fine-tuning of zero-shot models" (2022), section 3. Between the ends a model
// often knows almost all that is new and more of what was known before than at
// either. Weights that the earlier one lacks stay as they are. Models that contain
// different ones are refused: what lies between two encoders reads nothing.
func (m *Model) Blend(earlier *Model, share float64) (*Model, error) {
	if !(share >= 0 && share <= 1) {
		return nil, fmt.Errorf("want a share from 0 to 1, not %v", share)
	}
	descends := false
	for from := m.Manifest.From; from != nil; from = from.From {
		descends = descends || from.Digest == earlier.Digest
	}
	if !descends {
		return nil, fmt.Errorf("%s did not begin with the weights of %s: between models of different origin lies nothing that is either", m.Manifest.Name, earlier.Manifest.Name)
	}
	for name, part := range m.Manifest.Parts {
		if old, ok := earlier.Manifest.Parts[name]; ok && old.Digest != part.Digest {
			return nil, fmt.Errorf("%s contains %s as its %s and %s contains %s: only models with the same parts can be blended", m.Manifest.Name, part.Name, name, earlier.Manifest.Name, old.Name)
		}
	}
	weights := map[string]*tensor.Tensor{}
	for name, own := range m.Weights {
		old := earlier.Weights[nn.AverageOf(nn.Plain(name))]
		if old == nil {
			old = earlier.Weights[nn.Plain(name)]
		}
		if old == nil {
			weights[name] = own
			continue
		}
		if !old.Shape.Equal(own.Shape) {
			return nil, fmt.Errorf("the weights %q have shape %v in %s and %v in %s", name, old.Shape, earlier.Manifest.Name, own.Shape, m.Manifest.Name)
		}
		t := tensor.New(own.Shape...)
		for i, v := range own.Data {
			t.Data[i] = float32(share*float64(v) + (1-share)*float64(old.Data[i]))
		}
		weights[name] = t
	}
	manifest := m.Manifest
	manifest.Blended = &Blended{Of: m.Digest, With: earlier.Digest, Share: share}
	manifest.Metrics = nil // they were measured on other weights
	return New(m.Model, manifest, weights, m.engine), nil
}
