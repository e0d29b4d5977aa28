// Package all lists the inspectors.
package all

import (
	"context"
	"errors"
	"fmt"
	"image"
	"slices"
	"strings"

	"github.com/limner-ai/limner/inspect"
	"github.com/limner-ai/limner/inspect/blur"
	"github.com/limner-ai/limner/inspect/hands"
	"github.com/limner-ai/limner/inspect/jumble"
	"github.com/limner-ai/limner/inspect/light"
	"github.com/limner-ai/limner/inspect/texture"
)

// Kinds lists the inspectors, in the order in which they report.
var Kinds = []inspect.Kind{
	blur.Kind,
	hands.Kind,
	jumble.Kind,
	light.Kind,
	texture.Kind,
}

// Panel is several opened inspectors. It may be used at once.
type Panel struct {
	Kinds      []inspect.Kind
	inspectors []inspect.Inspector
}

// Open opens the inspectors of these names, in the order of Kinds; all if there
// are no names. The error for a name that there is not wraps inspect.ErrUnknown.
func Open(env inspect.Env, names ...string) (*Panel, error) { return From(Kinds, env, names...) }

// From is Open of other kinds than those that there are.
func From(kinds []inspect.Kind, env inspect.Env, names ...string) (*Panel, error) {
	for _, n := range names {
		if !slices.ContainsFunc(kinds, func(k inspect.Kind) bool { return k.Name == n }) {
			return nil, fmt.Errorf("inspect: %.80q: %w; there are %s", n, inspect.ErrUnknown, strings.Join(namesOf(kinds), ", "))
		}
	}
	p := &Panel{}
	for _, k := range kinds {
		if len(names) > 0 && !slices.Contains(names, k.Name) {
			continue
		}
		in, err := k.Open(env)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("inspect: %s: %w", k.Name, err), p.Close())
		}
		p.Kinds = append(p.Kinds, k)
		p.inspectors = append(p.inspectors, in)
	}
	return p, nil
}

// Names lists the names of the inspectors.
func Names() []string { return namesOf(Kinds) }

func namesOf(kinds []inspect.Kind) (names []string) {
	for _, k := range kinds {
		names = append(names, k.Name)
	}
	return names
}

// Inspect is what each inspector finds in a picture, in the order of p.Kinds.
func (p *Panel) Inspect(ctx context.Context, m *image.NRGBA) ([]inspect.Finding, error) {
	findings := make([]inspect.Finding, 0, len(p.inspectors))
	for i, in := range p.inspectors {
		f, err := in.Inspect(ctx, m)
		if err != nil {
			return nil, fmt.Errorf("inspect: %s: %w", p.Kinds[i].Name, err)
		}
		findings = append(findings, f)
	}
	return findings, nil
}

// Close gives back what the inspectors hold.
func (p *Panel) Close() error {
	var err error
	for _, in := range p.inspectors {
		err = errors.Join(err, in.Close())
	}
	return err
}
