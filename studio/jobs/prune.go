package jobs

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"strings"
	"sync"

	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/internal/objects"
)

// holds counts results that are in the store but in no row of the database
// yet, so that nobody erases them.
type holds struct {
	mu sync.Mutex
	of map[digest.SHA256]int
}

// put keeps data in the store and holds it.
func (h *holds) put(store *objects.Store, data []byte) (digest.SHA256, error) {
	d := digest.SHA256(sha256.Sum256(data))
	h.mu.Lock()
	h.of[d]++
	h.mu.Unlock()
	if _, err := store.Put(data); err != nil {
		h.release([]Result{{Digest: d}})
		return d, err
	}
	return d, nil
}

func (h *holds) release(results []Result) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, r := range results {
		if h.of[r.Digest]--; h.of[r.Digest] <= 0 {
			delete(h.of, r.Digest)
		}
	}
}

// erase removes an object unless it is held.
func (h *holds) erase(store *objects.Store, d digest.SHA256) (bool, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.of[d] > 0 {
		return false, nil
	}
	return true, store.Erase(d)
}

// discard lets results go that no job will have, and erases what the last
// process had not come to.
func (q *Queue) discard(results []Result) {
	q.held.release(results)
	q.writer.add(&change{
		do: func(tx *sql.Tx) error {
			for _, r := range results {
				if err := unneed(tx, r.Digest[:]); err != nil {
					return err
				}
			}
			return nil
		},
		after: func(err error) {
			if err == nil {
				q.sweep()
			}
		},
	})
}

// unneed notes that an object is to be erased.
func unneed(tx *sql.Tx, d []byte) error {
	_, err := tx.Exec(`INSERT INTO unneeded (digest) VALUES (?) ON CONFLICT DO NOTHING`, d)
	return err
}

// prune removes an owner's oldest finished jobs if there are too many; q.mu is
// held. It lets a few more come together so as not to do it for each.
func (q *Queue) prune(owner string) {
	if q.o.Keep < 0 || q.ended[owner] <= q.o.Keep+min(q.o.Keep/8, 64) {
		return
	}
	q.ended[owner] = q.o.Keep
	q.writer.add(&change{
		do: func(tx *sql.Tx) error { return q.removeOld(tx, owner) },
		after: func(err error) {
			if err == nil {
				q.sweep()
			}
		},
	})
}

// removeOld removes the rows of an owner's finished jobs but the newest.
func (q *Queue) removeOld(tx *sql.Tx, owner string) error {
	ids, err := texts(tx, `SELECT id FROM job WHERE owner = ? AND state NOT IN ('queued', 'running') AND pinned = 0 ORDER BY id DESC LIMIT -1 OFFSET ?`, owner, q.o.Keep)
	if err != nil {
		return err
	}
	for _, id := range ids {
		digests, err := texts(tx, `SELECT digest FROM result WHERE job = ?`, id)
		if err != nil {
			return err
		}
		if q.anyPinned(digests) {
			if _, err := tx.Exec(`UPDATE job SET pinned = 1 WHERE id = ?`, id); err != nil {
				return err
			}
			continue
		}
		if _, err := tx.Exec(`DELETE FROM job WHERE id = ?`, id); err != nil {
			return err
		}
		for _, d := range digests {
			if err := unneed(tx, []byte(d)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (q *Queue) anyPinned(digests []string) bool {
	for _, d := range digests {
		if q.o.Pinned != nil && q.o.Pinned(digest.SHA256([]byte(d))) {
			return true
		}
	}
	return false
}

// sweep erases the objects that nothing needs. The writer calls it between two
// transactions, so that no row can begin to name one meanwhile.
func (q *Queue) sweep() {
	ctx := context.Background()
	tx, err := q.write.BeginTx(ctx, nil)
	if err != nil {
		return // the next sweep finds them
	}
	defer tx.Rollback()
	if _, err := tx.Exec(`DELETE FROM unneeded WHERE digest IN (SELECT digest FROM result)`); err != nil {
		return
	}
	all, err := texts(tx, `SELECT digest FROM unneeded LIMIT 1000`)
	if err != nil {
		return
	}
	for _, s := range all {
		d := digest.SHA256([]byte(s))
		if q.anyPinned([]string{s}) || q.wanted(d) {
			continue
		}
		if gone, err := q.held.erase(q.store, d); err != nil || !gone {
			continue
		}
		if _, err := tx.Exec(`DELETE FROM unneeded WHERE digest = ?`, d[:]); err != nil {
			return
		}
	}
	_ = tx.Commit() // what was erased is looked for once more, which is no error
}

// wanted reports whether a job that is to be done names an object.
func (q *Queue) wanted(d digest.SHA256) bool {
	name := d.String()
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, e := range q.live {
		if strings.Contains(string(e.job.Spec), name) {
			return true
		}
	}
	return false
}

// texts reads one column.
func texts(tx *sql.Tx, query string, args ...any) ([]string, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, rows.Err()
}
