package jobs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/limner-ai/limner/internal/digest"
)

// Filter tells which jobs List returns. What is empty is not asked for.
type Filter struct {
	Owner  string
	Kind   string
	States []State
	Before string // an id: older ones only
	Limit  int    // 0: 50; 500 at most
}

// snapshot returns a job as it is now; q.mu is held.
func (q *Queue) snapshot(e *entry) Job {
	j := e.job
	if j.State == Queued {
		j.Position = e.kind.lines.position(e)
	}
	return j
}

// Job returns a job of that owner; owner "" may see everyone's. What is not
// there is ErrUnknown.
func (q *Queue) Job(ctx context.Context, owner, id string) (Job, error) {
	if _, ok := parseID(id); !ok {
		return Job{}, ErrUnknown
	}
	q.mu.Lock()
	e, closed := q.live[id], q.closed
	if !closed && e != nil && (owner == "" || owner == e.job.Owner) {
		defer q.mu.Unlock()
		return q.snapshot(e), nil
	}
	q.mu.Unlock()
	if closed {
		return Job{}, ErrClosed
	}
	all, err := q.query(ctx, `id = ? AND (? = '' OR owner = ?)`, []any{id, owner, owner}, 1)
	if err != nil {
		return Job{}, err
	}
	if len(all) == 0 {
		return Job{}, ErrUnknown
	}
	return all[0], nil
}

// List returns jobs, the newest first.
func (q *Queue) List(ctx context.Context, f Filter) ([]Job, error) {
	where := []string{"1"}
	var args []any
	if f.Owner != "" {
		where, args = append(where, "owner = ?"), append(args, f.Owner)
	}
	if f.Kind != "" {
		where, args = append(where, "kind = ?"), append(args, f.Kind)
	}
	if f.Before != "" {
		if _, ok := parseID(f.Before); !ok {
			return nil, ErrUnknown
		}
		where, args = append(where, "id < ?"), append(args, f.Before)
	}
	if len(f.States) > 0 {
		seen := map[State]bool{}
		for _, s := range f.States {
			if !seen[s] && (s.Final() || s == Queued || s == Running) {
				args = append(args, string(s))
				seen[s] = true
			}
		}
		where = append(where, "state IN ("+strings.TrimSuffix(strings.Repeat("?,", len(seen)), ",")+")")
	}
	limit := f.Limit
	if limit <= 0 {
		limit = 50
	}
	q.mu.Lock()
	closed := q.closed
	q.mu.Unlock()
	if closed {
		return nil, ErrClosed
	}
	return q.query(ctx, strings.Join(where, " AND "), args, min(limit, 500))
}

// query reads jobs from the disk, and of those that are not final what only
// the memory knows.
func (q *Queue) query(ctx context.Context, where string, args []any, limit int) ([]Job, error) {
	// One statement, so that a job and its results are of one moment.
	rows, err := q.read.QueryContext(ctx, `SELECT `+columns+`, number, digest, type, meta
		FROM (SELECT * FROM job WHERE `+where+` ORDER BY id DESC LIMIT ?) LEFT JOIN result ON job = id
		ORDER BY id DESC, number`, append(args, limit)...)
	if err != nil {
		return nil, fmt.Errorf("reading the queue: %w", explain(err))
	}
	defer rows.Close()
	all := []Job{}
	for rows.Next() {
		var j Job
		var number sql.NullInt64
		var d, meta []byte
		var mediaType sql.NullString
		if err := scan(rows, &j, &number, &d, &mediaType, &meta); err != nil {
			return nil, fmt.Errorf("reading the queue: %w", explain(err))
		}
		if n := len(all); n == 0 || all[n-1].ID != j.ID {
			all = append(all, j)
		}
		if number.Valid {
			r := Result{Type: mediaType.String, Meta: meta}
			copy(r.Digest[:], d)
			last := &all[len(all)-1]
			last.Results = append(last.Results, r)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading the queue: %w", explain(err))
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	for i, j := range all {
		if e := q.live[j.ID]; e != nil && e.job.State == j.State {
			all[i] = q.snapshot(e)
		}
	}
	return all, nil
}

// Find returns a result by its digest, and the newest of the owner's jobs that
// has it; owner "" may see everyone's. What is not there is ErrUnknown.
func (q *Queue) Find(ctx context.Context, owner string, d digest.SHA256) (Job, Result, error) {
	var id string
	err := q.read.QueryRowContext(ctx, `SELECT id FROM result JOIN job ON job = id WHERE digest = ? AND (? = '' OR owner = ?) ORDER BY id DESC LIMIT 1`,
		d[:], owner, owner).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return Job{}, Result{}, ErrUnknown
	}
	if err != nil {
		return Job{}, Result{}, fmt.Errorf("reading the queue: %w", explain(err))
	}
	j, err := q.Job(ctx, owner, id)
	if err != nil {
		return Job{}, Result{}, err
	}
	for _, r := range j.Results {
		if r.Digest == d {
			return j, r, nil
		}
	}
	return Job{}, Result{}, ErrUnknown // it was removed meanwhile
}

// Counts returns how many jobs of each kind are in each state.
func (q *Queue) Counts(ctx context.Context) (map[string]map[State]int, error) {
	rows, err := q.read.QueryContext(ctx, `SELECT kind, state, count(*) FROM job GROUP BY kind, state`)
	if err != nil {
		return nil, fmt.Errorf("reading the queue: %w", explain(err))
	}
	defer rows.Close()
	all := map[string]map[State]int{}
	for name := range q.workers {
		all[name] = map[State]int{}
	}
	for rows.Next() {
		var kind string
		var state State
		var n int
		if err := rows.Scan(&kind, &state, &n); err != nil {
			return nil, fmt.Errorf("reading the queue: %w", explain(err))
		}
		if all[kind] == nil {
			all[kind] = map[State]int{}
		}
		all[kind][state] = n
	}
	return all, rows.Err()
}
