package main

import (
	"context"
	"fmt"
	"image"
	"sync"

	"github.com/limner-ai/limner/model/box"
	"github.com/limner-ai/limner/release"
	"github.com/limner-ai/limner/trace"
	"github.com/limner-ai/limner/trace/index"
)

// boxIndex is the index of what the model that comes with Limner was trained
// on, read when it is first needed.
var boxIndex = sync.OnceValues(func() (*index.Index, error) {
	x, err := index.Read(box.Trace())
	if err != nil {
		return nil, fmt.Errorf("the index that comes with Limner: %w", err)
	}
	return x, nil
})

// guard holds pictures against the training pictures of the set with a root.
func guard() release.Guard {
	g := trace.NewGuard(func(root string) (*index.Index, error) {
		x, err := boxIndex()
		if err != nil || x.Set().Root != root {
			return nil, err
		}
		return x, nil
	})
	return func(ctx context.Context, root string, m *image.NRGBA) (release.Near, bool, error) {
		n, known, err := g.Near(ctx, root, m)
		return release.Near{TooNear: n.TooNear, Whose: n.Whose}, known, err
	}
}
