package gallery

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/source/usage"
)

// Act notes what an owner did with a picture: kept or discarded it, which marks
// it; took the mark back (""); downloaded, edited or skipped it. If the owner
// has consented, the records of usage hear of it too, and recorded is true.
func (g *Gallery) Act(ctx context.Context, owner string, d digest.SHA256, action string) (recorded bool, err error) {
	p, err := g.Picture(ctx, owner, d)
	if err != nil {
		return false, err
	}
	switch a := usage.Action(action); a {
	case "", usage.Kept, usage.Discarded:
		if _, err := g.db.ExecContext(ctx, sqlMark, action, owner, d[:]); err != nil {
			return false, err
		}
		if action == "" {
			return false, nil // records are of what was done, and stay until they are erased
		}
	case usage.Downloaded, usage.Edited, usage.Skipped:
	default:
		return false, &badQuery{fmt.Sprintf("%q is nothing that is done with a picture: write kept, discarded, downloaded, edited or skipped", action)}
	}
	return g.record(ctx, owner, p, usage.Action(action))
}

// record passes an action on, if the owner consents.
func (g *Gallery) record(ctx context.Context, owner string, p Picture, a usage.Action) (bool, error) {
	if g.o.Usage == nil {
		return false, nil
	}
	e := usage.Event{
		User: User(owner), Action: a, Picture: p.Digest, Prompt: p.Meta.Prompt, Seed: p.Meta.Seed,
		Model: usage.Model{Name: p.Meta.Model},
	}
	if p.Meta.ModelDigest != "" {
		if err := e.Model.Weights.UnmarshalText([]byte(p.Meta.ModelDigest)); err != nil {
			return false, fmt.Errorf("gallery: the picture's model: %w", err)
		}
	}
	if g.o.Models != nil {
		// A model that is gone, or another now, leaves the set unknown.
		if m, err := g.o.Models.Model(ctx, p.Meta.Model); err == nil && m.Digest == p.Meta.ModelDigest {
			e.Model.Root = m.Root
		}
	}
	var data []byte
	if a == usage.Kept || a == usage.Downloaded || a == usage.Edited {
		var err error
		if data, err = g.o.Store.Get(p.Digest); err != nil {
			return false, fmt.Errorf("the picture cannot be read: %w", err)
		}
	}
	err := g.o.Usage.Record(ctx, e, data)
	if errors.Is(err, usage.ErrNoConsent) {
		return false, nil
	}
	return err == nil, err
}

// Delete removes a picture from the owner's gallery, and its file if nobody
// else made the same.
func (g *Gallery) Delete(ctx context.Context, owner string, d digest.SHA256) error {
	if err := g.take(ctx); err != nil { // someone else's may be new
		return err
	}
	return g.change(ctx, func(tx *sql.Tx) error {
		done, err := tx.Exec(sqlDelete, owner, d[:])
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, ErrUnknown)
		}
		var others int
		if err := tx.QueryRow(sqlOthers, d[:]).Scan(&others); err != nil || others > 0 {
			return err
		}
		if _, err := tx.Exec(sqlUnlook, d[:]); err != nil {
			return err
		}
		return g.o.Store.Erase(d)
	})
}

// Pinned reports whether a picture lies in someone's gallery and was not
// discarded, so that its file must stay.
func (g *Gallery) Pinned(d digest.SHA256) bool {
	var n int
	err := g.db.QueryRow(`SELECT count(*) FROM picture WHERE digest = ? AND NOT gone AND mark <> 'discarded'`, d[:]).Scan(&n)
	return err != nil || n > 0 // what cannot be told is not thrown away
}
