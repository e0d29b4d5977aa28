package train

import (
	"fmt"

	"github.com/limner-ai/limner/nn"
)

// Schedule is how the learning rate moves: it rises linearly over Warmup
// iterations, and goes by its kind from the full rate to Final times that.
type Schedule struct {
	Kind   string  `yaml:"kind"` // constant, linear or cosine
	Warmup int     `yaml:"warmup"`
	Final  float64 `yaml:"final"` // share of the rate that is left at the end
}

func (s Schedule) check() error {
	_, err := nn.CurveNamed(s.Kind)
	switch {
	case err != nil:
		return fmt.Errorf("train.schedule.kind: %w", err)
	case s.Warmup < 0:
		return fmt.Errorf("train.schedule.warmup: want 0 iterations or more, not %d", s.Warmup)
	case !(s.Final >= 0 && s.Final <= 1):
		return fmt.Errorf("train.schedule.final: want a share from 0 to 1, not %v", s.Final)
	}
	return nil
}

// rate is the learning rate of iteration i of n, counted from 0.
func (p Plan) rate(i, n int) float64 {
	s := nn.Schedule{
		From:  p.Rate,
		To:    p.Rate * p.Schedule.Final,
		Warm:  float64(p.Schedule.Warmup) / float64(n),
		Curve: nn.Curve(p.Schedule.Kind),
	}
	return s.At(float64(i+1) / float64(n))
}
