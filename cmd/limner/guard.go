package main

import (
	"context"
	"image"

	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/evaluate"
	"github.com/limner-ai/limner/generate"
	"github.com/limner-ai/limner/model/trained"
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

// guardFor is the guard of a model as evaluate asks it; nil where nobody can say what lies near
// to the model's training pictures.
func guardFor(ctx context.Context, m *trained.Manifest) (*evaluate.Guard, error) {
	indexes, known := trace.OpenIndexes(traceFolder()), false
	for _, g := range m.Grounds() {
		x, err := indexes.Find(g.Root)
		if err != nil {
			return nil, err
		}
		known = known || x != nil
	}
	if !known {
		return nil, nil
	}
	press := &release.Press{Guard: guard()}
	return &evaluate.Guard{Others: release.Others, Less: release.Less, TooNear: func(picture *tensor.Tensor) (bool, error) {
		p := &generate.Pictures{Images: tensor.From(picture.Data, append(tensor.S(1), picture.Shape...)...), Items: make([]generate.Item, 1)}
		made, err := release.Made(p, 0)
		if err != nil {
			return false, err
		}
		near, err := press.Near(ctx, m, made)
		return near.TooNear, err
	}}, nil
}
