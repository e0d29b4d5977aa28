package usage

import (
	"context"
	"database/sql"
	"time"

	"github.com/limner-ai/limner/internal/digest"
)

// Erased says what an erasure removed.
type Erased struct {
	Events int64
	// Pictures are those that nobody else's events are about; their files are
	// gone too. If they were taken into a data set, they must be denied there.
	Pictures []digest.SHA256
}

// Erase removes all that is known of a user: events, consents, and the pictures
// and prompts that nobody else's events are about. The bytes are overwritten and
// the database is written anew. Of the erasure itself only its day and numbers
// are kept, so that the totals stay true.
func (s *Store) Erase(ctx context.Context, user string) (Erased, error) {
	var gone Erased
	err := s.change(ctx, func(tx *sql.Tx) error {
		gone = Erased{}
		r, err := tx.Exec(sqlForgetEvents, user)
		if err != nil {
			return err
		}
		if gone.Events, err = r.RowsAffected(); err != nil {
			return err
		}
		if r, err = tx.Exec(sqlForgetConsents, user); err != nil {
			return err
		}
		if n, err := r.RowsAffected(); err != nil || n == 0 {
			return err // nobody of that name
		}
		if gone.Pictures, err = digests(tx, sqlOrphans); err != nil {
			return err
		}
		for _, p := range gone.Pictures {
			if _, err := tx.Exec(sqlDoom, p[:]); err != nil {
				return err
			}
			if _, err := tx.Exec(sqlForgetPicture, p[:]); err != nil {
				return err
			}
		}
		_, err = tx.Exec(sqlErasure, s.now().UTC().Format(time.DateOnly), gone.Events, len(gone.Pictures))
		return err
	})
	if err != nil {
		return Erased{}, wrap(err)
	}
	if _, err := s.db.ExecContext(ctx, `VACUUM`); err != nil {
		return gone, wrap(err)
	}
	return gone, wrap(s.clean(ctx))
}

// clean removes the files that an erasure doomed.
func (s *Store) clean(ctx context.Context) error {
	return s.change(ctx, func(tx *sql.Tx) error {
		doomed, err := digests(tx, `SELECT picture FROM doomed`)
		if err != nil {
			return err
		}
		for _, p := range doomed {
			if err := s.pictures.Erase(p); err != nil {
				return err
			}
			if _, err := tx.Exec(sqlSpare, p[:]); err != nil {
				return err
			}
		}
		return nil
	})
}

func digests(tx *sql.Tx, query string) (all []digest.SHA256, err error) {
	rows, err := tx.Query(query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var b []byte
		if err := rows.Scan(&b); err != nil {
			return nil, err
		}
		all = append(all, digestOf(b))
	}
	return all, rows.Err()
}

// digestOf reads a column that holds a digest.
func digestOf(b []byte) (d digest.SHA256) {
	copy(d[:], b)
	return d
}

// Totals are the numbers of a store.
type Totals struct {
	Users    int64 `json:"users"`    // who consent now
	Events   int64 `json:"events"`   // that are kept
	Used     int64 `json:"used"`     // of them, under a consent that was not withdrawn
	Recorded int64 `json:"recorded"` // ever: Events and Erased
	Erased   int64 `json:"erased"`   // events
	Erasures int64 `json:"erasures"` // of users
}

// Totals counts what there is and what was erased.
func (s *Store) Totals(ctx context.Context) (t Totals, err error) {
	err = s.db.QueryRowContext(ctx, `SELECT
	(SELECT count(*) FROM consent WHERE withdrawn IS NULL),
	(SELECT count(*) FROM event),
	(SELECT count(*) FROM event e JOIN consent c ON c.id = e.consent WHERE c.withdrawn IS NULL),
	coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'event'), 0),
	(SELECT coalesce(sum(events), 0) FROM erasure),
	(SELECT count(*) FROM erasure)`).Scan(&t.Users, &t.Events, &t.Used, &t.Recorded, &t.Erased, &t.Erasures)
	return t, wrap(err)
}
