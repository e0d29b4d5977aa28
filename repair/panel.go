package repair

import (
	"context"
	"image"
	"slices"

	"github.com/limner-ai/limner/inspect"
	"github.com/limner-ai/limner/inspect/all"
)

// Panel is inspectors that judge a picture together.
type Panel struct{ *all.Panel }

// NewPanel opens inspectors by name, all of the kinds if there is no name. The
// caller closes the panel.
func NewPanel(kinds []inspect.Kind, names []string, env inspect.Env) (*Panel, error) {
	p, err := all.From(kinds, env, names...)
	return &Panel{p}, err
}

// Verdict is what a panel says of a picture.
type Verdict struct {
	Findings []inspect.Finding `json:"findings"`
	// Fault is the chance that at least one of the faults is there, were they
	// independent: 1 − ∏(1 − Probability).
	Fault float64 `json:"fault"`
}

// Faulty reports whether an inspector calls the picture faulty.
func (v Verdict) Faulty() bool {
	return slices.ContainsFunc(v.Findings, func(f inspect.Finding) bool { return f.Faulty })
}

// Judge lets every inspector look at a picture.
func (p *Panel) Judge(ctx context.Context, m *image.NRGBA) (v Verdict, err error) {
	if v.Findings, err = p.Inspect(ctx, m); err != nil {
		return v, err
	}
	sound := 1.
	for _, f := range v.Findings {
		if f.Applies {
			sound *= 1 - f.Probability
		}
	}
	v.Fault = 1 - sound
	return v, nil
}
