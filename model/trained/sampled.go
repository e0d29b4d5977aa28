package trained

import (
	"encoding/json"
	"fmt"

	"github.com/limner-ai/limner/model"
)

// Sampled is a flow model with another way to sample it for those who do not
// choose: what of the way is set takes the place of what its maker had said.
func (m *Model) Sampled(way model.Sampling, families []model.Family) (*Model, error) {
	flow, ok := m.Model.(model.Flow)
	if !ok {
		return nil, fmt.Errorf("the %s model %s is not sampled step by step", m.Manifest.Family, m.Manifest.Name)
	}
	set := flow.Sampling()
	if way.Steps != 0 {
		set.Steps = way.Steps
	}
	if way.Guidance != 0 {
		set.Guidance = way.Guidance
	}
	if way.Sampler != "" {
		set.Sampler = way.Sampler
	}
	config := map[string]any{}
	if err := json.Unmarshal(m.Manifest.Config, &config); err != nil {
		return nil, fmt.Errorf("the configuration of %s: %w", m.Manifest.Name, err)
	}
	config["sampling"] = set
	manifest := m.Manifest
	var err error
	if manifest.Config, err = json.Marshal(config); err != nil {
		return nil, fmt.Errorf("the configuration of %s: %w", m.Manifest.Name, err)
	}
	built, err := manifest.Build(families)
	if err != nil {
		return nil, err
	}
	return New(built, manifest, m.Weights, m.engine), nil
}
