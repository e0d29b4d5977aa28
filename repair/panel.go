package repair

import (
	"context"
	"errors"
	"fmt"
	"image"
	"slices"

	"github.com/limner-ai/limner/inspect"
)

// Panel is inspectors that judge a picture together. It is for one goroutine
// at a time.
type Panel struct {
	seats []inspect.Inspector
	names []string
}

// NewPanel opens inspectors by name, all if there is no name. The caller closes
// the panel.
func NewPanel(kinds []inspect.Kind, names []string, env inspect.Env) (*Panel, error) {
	for _, name := range names {
		if !slices.ContainsFunc(kinds, func(k inspect.Kind) bool { return k.Name == name }) {
			return nil, fmt.Errorf("%w: %s", inspect.ErrUnknown, name)
		}
	}
	p := &Panel{}
	for _, k := range kinds {
		if len(names) > 0 && !slices.Contains(names, k.Name) {
			continue
		}
		seat, err := k.Open(env)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("cannot open the inspector %s: %w", k.Name, err), p.Close())
		}
		p.seats, p.names = append(p.seats, seat), append(p.names, k.Name)
	}
	return p, nil
}

// Names are the inspectors', in the order in which they report.
func (p *Panel) Names() []string { return slices.Clone(p.names) }

// Close closes the inspectors.
func (p *Panel) Close() error {
	var errs []error
	for _, s := range p.seats {
		errs = append(errs, s.Close())
	}
	return errors.Join(errs...)
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
func (p *Panel) Judge(ctx context.Context, m *image.NRGBA) (Verdict, error) {
	v := Verdict{}
	sound := 1.
	for i, s := range p.seats {
		f, err := s.Inspect(ctx, m)
		if err != nil {
			return v, fmt.Errorf("the inspector %s: %w", p.names[i], err)
		}
		if f.Applies {
			sound *= 1 - f.Probability
		}
		v.Findings = append(v.Findings, f)
	}
	v.Fault = 1 - sound
	return v, nil
}
