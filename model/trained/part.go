package trained

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/nn"
)

// Part is what the model contains under a name, as a model of its own that
// shares the weights: the autoencoder or the text encoder of a flow. It has
// the digest and the origin that it had as a file. Weights that the whole
// makes no use of are not there, as the picture half of a text encoder, so
// that its uses may lack some.
func (m *Model) Part(name string, families []model.Family) (*Model, error) {
	origin, ok := m.Manifest.Parts[name]
	if !ok {
		return nil, fmt.Errorf("%s contains no model called %q", m.Manifest.Name, name)
	}
	for _, f := range families {
		composite, ok := f.(model.Composite)
		if !ok || f.Name() != m.Manifest.Family {
			continue
		}
		parts, err := composite.Parts(func(dst any) error { return strict(m.Manifest.Config, dst) })
		if err != nil {
			return nil, fmt.Errorf("the parts of %s: %w", m.Manifest.Name, err)
		}
		part, ok := parts[name]
		if !ok {
			break
		}
		built, err := part.Build(families...)
		if err != nil {
			return nil, fmt.Errorf("the part %s of %s: %w", name, m.Manifest.Name, err)
		}
		config, err := json.Marshal(part.Config)
		if err != nil {
			return nil, fmt.Errorf("the part %s of %s: %w", name, m.Manifest.Name, err)
		}
		weights := map[string]*tensor.Tensor{}
		for state, t := range m.Weights {
			own, ok := strings.CutPrefix(nn.Plain(state), name+"/")
			switch {
			case ok && nn.Plain(state) != state:
				weights[nn.AverageOf(own)] = t
			case ok:
				weights[own] = t
			}
		}
		p := New(built, Manifest{
			Format: Format, Name: origin.Name, Family: part.Family, Config: config, Pictures: part.Pictures,
			Data: origin.Data, Made: origin.Made, From: origin.From,
		}, weights, m.engine)
		p.Digest = origin.Digest
		return p, nil
	}
	return nil, fmt.Errorf("%s names a part %q that its configuration does not have", m.Manifest.Name, name)
}

// Of is the model itself if it is of the family, or else the first part of it
// that is; the model itself if there is none.
func (m *Model) Of(family string, families []model.Family) (*Model, error) {
	if m.Manifest.Family == family {
		return m, nil
	}
	for _, name := range slices.Sorted(maps.Keys(m.Manifest.Parts)) {
		part, err := m.Part(name, families)
		if err != nil || part.Manifest.Family == family {
			return part, err
		}
	}
	return m, nil
}
