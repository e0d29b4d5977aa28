// Package shelf offers a curation what was taken in: the copies that a ledger
// knows, each with the decision on its rights as of now, and their bytes from
// the object store. The decisions are not recorded; a freeze makes them anew.
package shelf

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/limner-ai/limner/curate"
	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/internal/objects"
	"github.com/limner-ai/limner/rights"
	"github.com/limner-ai/limner/rights/intake"
	"github.com/limner-ai/limner/rights/ledger"
)

// Shelf is a curate.Input. Its Copies may be used by one goroutine at a time.
type Shelf struct {
	ledger *ledger.Ledger
	reader *rights.Reader
	store  *objects.Store
	policy *rights.Policy
	ask    rights.Request
}

// Open looks at a ledger. All decisions are for the purpose, place and time of
// ask.
func Open(ctx context.Context, l *ledger.Ledger, store *objects.Store, p *rights.Policy, ask rights.Request) (*Shelf, error) {
	r, err := rights.NewReader(ctx, l)
	if err != nil {
		return nil, err
	}
	return &Shelf{l, r, store, p, ask}, nil
}

// Open gives the bytes of a copy.
func (s *Shelf) Open(_ context.Context, content digest.SHA256) ([]byte, error) {
	return s.store.Get(content)
}

// place is where a file lies in its source, and the event that says most of it.
type place struct {
	path  string
	event int64
}

// places lists the wanted files of a source by their paths. It takes about 80
// bytes for each.
func (s *Shelf) places(ctx context.Context, from *curate.From) ([]place, error) {
	if err := s.known(ctx, from.ID); err != nil {
		return nil, err
	}
	var out []place
	q := ledger.Query{Mentions: ledger.Ref(ledger.KindSource, from.ID), Kinds: []ledger.Kind{ledger.KindCopy}}
	for e, err := range s.ledger.Events(ctx, q) {
		if err != nil {
			return nil, err
		}
		// Those without evidence change a copy's state and say nothing of it.
		c, ok := e.Fact.(ledger.Copy)
		if ok && c.Source == from.ID && len(e.Evidence) > 0 && from.Wants(c.Path) {
			out = append(out, place{c.Path, e.Seq})
		}
	}
	slices.SortFunc(out, func(a, b place) int { return cmp.Or(cmp.Compare(a.path, b.path), cmp.Compare(b.event, a.event)) })
	// The newest word on a path counts.
	return slices.CompactFunc(out, func(a, b place) bool { return a.path == b.path }), nil
}

// known is an error for a source that was never taken in.
func (s *Shelf) known(ctx context.Context, id string) error {
	q := ledger.Query{Subject: ledger.Ref(ledger.KindSource, id), Kinds: []ledger.Kind{ledger.KindSource}, Newest: true, Limit: 1}
	for _, err := range s.ledger.Events(ctx, q) {
		return err
	}
	return fmt.Errorf("nothing was taken in from a source %q: see limner source list", id)
}

// Count is how many copies Copies yields.
func (s *Shelf) Count(ctx context.Context, from []curate.From) (int, error) {
	n := 0
	for i := range from {
		places, err := s.places(ctx, &from[i])
		if err != nil {
			return 0, err
		}
		n += len(places)
	}
	return n, nil
}

// Copies yields the wanted copies source by source, each in the order of its
// paths.
func (s *Shelf) Copies(ctx context.Context, from []curate.From) iter.Seq2[curate.Candidate, error] {
	return func(yield func(curate.Candidate, error) bool) {
		for i := range from {
			places, err := s.places(ctx, &from[i])
			if err != nil {
				yield(curate.Candidate{}, err)
				return
			}
			for _, p := range places {
				c, err := s.candidate(ctx, p)
				if !yield(c, err) || err != nil {
					return
				}
			}
		}
	}
}

// candidate tells all that is known of a copy, and decides on it.
func (s *Shelf) candidate(ctx context.Context, p place) (curate.Candidate, error) {
	e, err := s.ledger.Event(ctx, p.event)
	if err != nil {
		return curate.Candidate{}, err
	}
	cp, ok := e.Fact.(ledger.Copy)
	if !ok {
		return curate.Candidate{}, fmt.Errorf("event %d of the ledger is no copy: limner rights verify", p.event)
	}
	c := curate.Candidate{Content: digest.SHA256(cp.Content), Source: cp.Source, Path: cp.Path, Title: cp.Title, Creator: cp.Creator}
	facts, err := s.reader.Gather(ctx, cp.Content)
	if err != nil {
		return c, fmt.Errorf("%s %s: %w", cp.Source, cp.Path, err)
	}
	ruling := rights.Decide(facts, s.ask, s.policy)
	c.Decision = curate.Decision(ruling.Outcome)
	if ruling.Outcome != rights.Allow {
		c.Reason = string(ruling.Code())
		if len(ruling.Reasons) > 0 {
			c.Reason += ": " + ruling.Reasons[0].Text
		}
		return c, nil
	}
	c.Licence = ruling.Licence
	r, err := intake.ReadRecord(ctx, s.ledger, e)
	switch {
	case errors.Is(err, ledger.ErrNotFound) || errors.Is(err, ledger.ErrErased):
		return c, nil
	case err != nil:
		return c, fmt.Errorf("%s %s: %w", cp.Source, cp.Path, err)
	}
	c.Title, c.Creator, c.Holders = r.Title, r.Creator, r.Holders
	c.Captions, c.Keywords = r.Captions, r.Keywords
	c.Codepoints, c.Style = r.Codepoints, r.Style
	return c, nil
}
