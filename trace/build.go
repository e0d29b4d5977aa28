package trace

import (
	"context"

	"github.com/limner-ai/limner/dataset/frozen"
	"github.com/limner-ai/limner/evaluate/feature"
	"github.com/limner-ai/limner/model/trained"
	"github.com/limner-ai/limner/trace/index"
)

// Build makes the index of the frozen set in a folder, with what the network sees in its
// pictures that comes with Limner for this set, if there is one. Progress may be nil.
func Build(ctx context.Context, set string, progress func(done, total int)) (*index.Index, error) {
	m, err := frozen.ReadManifest(set)
	if err != nil {
		return nil, err
	}
	engine := trained.NewCPU(0)
	defer engine.Close()
	space, err := feature.Of(m.Root.Root.String(), engine)
	if err != nil {
		return nil, err
	}
	return index.Build(ctx, set, space, progress)
}
