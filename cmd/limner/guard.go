package main

import (
	"context"
	"image"

	"github.com/limner-ai/limner/release"
	"github.com/limner-ai/limner/trace"
)

// guard holds pictures against the training pictures of the set with a root,
// if the model comes with Limner or its set was indexed by limner trace.
func guard() release.Guard {
	g := trace.NewGuard(trace.OpenIndexes(traceFolder()).Find)
	return func(ctx context.Context, root string, m *image.NRGBA) (release.Near, bool, error) {
		n, known, err := g.Near(ctx, root, m)
		near := release.Near{TooNear: n.TooNear, Whose: n.Whose}
		if n.Copy.Nearest != nil {
			near.Content = n.Copy.Nearest.Picture.Content
		}
		return near, known, err
	}
}
