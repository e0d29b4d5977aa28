package jobs

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/limner-ai/limner/internal/digest"
)

// orphansAtOnce bounds a transaction.
const orphansAtOnce = 500

// Orphans erases those of some objects that nothing names: what jobs had made
// when their process died, and what an erasure that was cut short has left. Jobs
// may be done meanwhile, but nobody else may put objects into the store that
// Options.Pinned does not know yet: it is for the time before anybody is served.
// It returns how many there were.
func (q *Queue) Orphans(ctx context.Context, found []digest.SHA256) (int, error) {
	n := 0
	for some := range slices.Chunk(found, orphansAtOnce) {
		if err := ctx.Err(); err != nil {
			return n, err
		}
		var left []digest.SHA256
		for _, d := range some {
			if q.o.Pinned != nil && q.o.Pinned(d) || q.wanted(d) {
				continue
			}
			var named bool
			if err := q.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM result WHERE digest = ?)`, d[:]).Scan(&named); err != nil {
				return n, fmt.Errorf("reading the queue: %w", explain(err))
			}
			if !named {
				left = append(left, d)
			}
		}
		if len(left) == 0 {
			continue
		}
		done := make(chan error, 1)
		q.writer.add(&change{
			do: func(tx *sql.Tx) error {
				for _, d := range left {
					if err := unneed(tx, d[:]); err != nil {
						return err
					}
				}
				return nil
			},
			after: func(err error) {
				if err == nil {
					q.sweep() // looks again at what has come to name them
				}
				done <- err
			},
		})
		if err := <-done; err != nil {
			return n, err
		}
		n += len(slices.DeleteFunc(left, q.store.Has))
	}
	return n, nil
}
