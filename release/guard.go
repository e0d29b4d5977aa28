package release

import (
	"context"
	"fmt"
	"image"
	"slices"

	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/model/trained"
)

// look holds what was made against the training pictures, and gives those that it
// is too near to.
func (p *Press) look(ctx context.Context, m *trained.Manifest, pic *Picture) (nearest []digest.SHA256, err error) {
	made := pic.Made
	if made == nil {
		made = []*image.NRGBA{straight(pic.Image)}
	}
	seen := pic.Seen
	for _, one := range made[min(len(seen), len(made)):] {
		near, err := p.Near(ctx, m, one)
		if err != nil {
			return nil, err
		}
		seen = append(seen, near)
	}
	n, first := 0, ""
	for _, near := range seen {
		if near.TooNear {
			if n++; n == 1 {
				first = near.Whose
			}
			if near.Content != (digest.SHA256{}) && !slices.Contains(nearest, near.Content) {
				nearest = append(nearest, near.Content)
			}
		}
	}
	switch {
	case n == 0:
	case p.Policy == Withhold:
		return nil, fmt.Errorf("%w, %s", ErrWithheld, first)
	case len(seen) > 1:
		pic.Origin.Near = fmt.Sprintf("%d of %d pictures lie near to one that the model was trained on, the first to %s", n, len(made), first)
	default:
		pic.Origin.Near = first
	}
	return nearest, nil
}
