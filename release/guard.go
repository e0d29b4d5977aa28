package release

import (
	"context"
	"fmt"
	"image"

	"github.com/limner-ai/limner/model/trained"
)

// look holds what was made against the training pictures.
func (p *Press) look(ctx context.Context, m *trained.Manifest, pic *Picture) error {
	if p.Guard == nil || p.Policy == Allow {
		return nil
	}
	made := pic.Made
	if made == nil {
		made = []*image.NRGBA{straight(pic.Image)}
	}
	n, first := 0, ""
	for _, one := range made {
		near, known, err := p.Guard(ctx, root(m), one)
		if err != nil {
			return fmt.Errorf("cannot hold the picture against the training pictures: %w", err)
		}
		if !known {
			return nil
		}
		if near.TooNear {
			if n++; n == 1 {
				first = near.Whose
			}
		}
	}
	switch {
	case n == 0:
		return nil
	case p.Policy == Withhold:
		return fmt.Errorf("%w, %s", ErrWithheld, first)
	case len(made) > 1:
		pic.Origin.Near = fmt.Sprintf("%d of %d pictures lie near to one that the model was trained on, the first to %s", n, len(made), first)
	default:
		pic.Origin.Near = first
	}
	return nil
}
