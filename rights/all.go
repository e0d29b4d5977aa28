package rights

import (
	"context"
	"iter"
	"slices"

	"github.com/limner-ai/limner/rights/ledger"
)

// All gathers the facts on every copy of the sources, or of all sources if none
// is named, each once, in the order in which they were last recorded. Memory
// does not grow with their number. An error ends the sequence.
func (r *Reader) All(ctx context.Context, sources ...string) iter.Seq2[Facts, error] {
	return func(yield func(Facts, error) bool) {
		of := func(id string) bool { return id != "" && (len(sources) == 0 || slices.Contains(sources, id)) }
		for e, err := range r.ledger.Events(ctx, ledger.Query{Kinds: []ledger.Kind{ledger.KindCopy}}) {
			if err != nil {
				yield(Facts{}, err)
				return
			}
			c, ok := e.Fact.(ledger.Copy)
			if !ok || !of(c.Source) {
				continue
			}
			f, err := r.Gather(ctx, c.Content)
			if err != nil {
				yield(Facts{}, err)
				return
			}
			last := int64(-1)
			for _, p := range f.Places {
				if of(p.Source.ID) {
					last = max(last, p.Event)
				}
			}
			if last == e.Seq && !yield(f, nil) {
				return
			}
		}
	}
}
