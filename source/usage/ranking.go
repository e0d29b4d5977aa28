package usage

import (
	"context"
	"iter"

	"github.com/limner-ai/limner/internal/digest"
)

// Rank is what those who consented made of one picture. Each user counts once:
// of kept and discarded, the last word.
type Rank struct {
	Picture digest.SHA256 `json:"picture"`
	Prompt  string        `json:"prompt"`
	Seed    uint64        `json:"seed"`
	Model   Model         `json:"model"`

	Kept       int64 `json:"kept"`
	Discarded  int64 `json:"discarded"`
	Edited     int64 `json:"edited"`
	Skipped    int64 `json:"skipped"`
	Downloaded int64 `json:"downloaded"`
}

// Score is by how many more users kept the picture than threw it away.
func (r Rank) Score() int64 { return r.Kept - r.Discarded }

// Ranking gives, prompt by prompt, the pictures made from it, the best score
// first. Only what was recorded under a live consent to these terms counts.
// The store is not locked while the caller works.
func (s *Store) Ranking(ctx context.Context, t Terms) iter.Seq2[[]Rank, error] {
	return func(yield func([]Rank, error) bool) {
		id := t.ID()
		last := any(nil)
		for {
			prompts, err := s.prompts(ctx, id, last)
			if err != nil {
				yield(nil, wrap(err))
				return
			}
			for _, p := range prompts {
				ranks, err := s.ranks(ctx, sqlOfPrompt, id[:], p)
				if !yield(ranks, wrap(err)) || err != nil {
					return
				}
				last = p
			}
			if len(prompts) == 0 {
				return
			}
		}
	}
}

func (s *Store) prompts(ctx context.Context, terms digest.SHA256, after any) (all []string, err error) {
	rows, err := s.db.QueryContext(ctx, sqlPrompts, terms[:], after)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var p string
		if err := rows.Scan(&p); err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, rows.Err()
}

func (s *Store) ranks(ctx context.Context, query string, args ...any) (all []Rank, err error) {
	rows, err := s.db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var r Rank
		var id, weights []byte
		var seed int64
		if err := rows.Scan(&id, &r.Prompt, &seed, &r.Model.Name, &weights, &r.Model.Root,
			&r.Kept, &r.Discarded, &r.Edited, &r.Skipped, &r.Downloaded); err != nil {
			return nil, err
		}
		r.Picture, r.Seed, r.Model.Weights = digestOf(id), uint64(seed), digestOf(weights)
		all = append(all, r)
	}
	return all, rows.Err()
}
