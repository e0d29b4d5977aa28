// Package trace goes from a picture back to where it came from: the model that
// made it, the data set that the model was trained on, and the training pictures
// nearest to it with their sources, holders and licences.
package trace

import (
	"context"
	"errors"
	"fmt"
	"image"
	"sync"

	"github.com/limner-ai/limner/evaluate/feature"
	"github.com/limner-ai/limner/model/trained"
	"github.com/limner-ai/limner/trace/index"
)

// Near says how near a picture just made is to the training pictures.
type Near struct {
	// TooNear says that it shows the whole or a substantial part of one, by the test
	// of package copying; see index.Judgement.
	TooNear bool            `json:"too_near"`
	Whose   string          `json:"whose,omitempty"` // the nearest, with its holders and licence
	Copy    index.Judgement `json:"copy"`
}

// Guard holds pictures just made against the training pictures of models, whose
// sets are known by their roots: what they look like, and where the index has it what a
// network that comes with Limner sees in them. What becomes of a picture that is too near is the
// caller's policy.
type Guard struct {
	find func(root string) (*index.Index, error)
	mu   sync.Mutex // held while a network looks
	seen map[string]*feature.Space
}

// NewGuard makes a guard that finds indexes as [Indexes.Find] does: nil without an
// error where there is none for a root. It asks with every picture, so find must
// keep what it finds.
func NewGuard(find func(root string) (*index.Index, error)) *Guard {
	return &Guard{find: find, seen: map[string]*feature.Space{}}
}

// network gives what tells how the network of this digest sees a picture; nil if it is
// not among those that come with Limner.
func (g *Guard) network(digest string) (index.Look, error) {
	if digest == "" {
		return nil, nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	s, ok := g.seen[digest]
	if !ok {
		var err error
		if s, err = feature.Single(digest, trained.NewCPU(1)); err != nil {
			return nil, fmt.Errorf("trace: %w", err)
		}
		g.seen[digest] = s
	}
	if s == nil {
		return nil, nil
	}
	return func(m *image.NRGBA) ([]float32, error) {
		g.mu.Lock()
		defer g.mu.Unlock()
		return index.LookWith(s, m)
	}, nil
}

// Near holds a picture against the training pictures of the set with that root.
// known is false where there is no index of the set, and for pictures of fewer
// than 8 pixels a side. It may be called at once.
func (g *Guard) Near(ctx context.Context, root string, m *image.NRGBA) (near Near, known bool, err error) {
	x, err := g.find(root)
	if err != nil || x == nil {
		return Near{}, false, err
	}
	look, err := g.network(x.Network())
	if err != nil {
		return Near{}, false, err
	}
	j, err := x.Near(ctx, m, look)
	if errors.Is(err, index.ErrSmall) {
		return Near{}, false, nil
	}
	if err != nil {
		return Near{}, false, fmt.Errorf("trace: %w", err)
	}
	n := Near{TooNear: j.Extent != index.None, Copy: j}
	if j.Nearest != nil {
		n.Whose = j.Nearest.Picture.Credit()
	}
	return n, true, nil
}
