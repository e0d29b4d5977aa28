package generate

import (
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/trained"
)

// adversarial paints with a generator alone: a GAN.
type adversarial struct {
	vector
}

func newAdversarial(m *trained.Model) (Painter, error) {
	if !m.Has(model.UseSample) {
		return nil, nil
	}
	v, err := newVector(m)
	if err != nil || v.z == 0 {
		return nil, err
	}
	return &adversarial{v}, nil
}
