package jobs

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"
)

// longestOwner bounds an owner's name, in bytes.
const longestOwner = 256

// Submit accepts a job: when it returns without an error, the job is on the
// disk and will be done. The errors are *RefusedError (the worker refused it,
// or there is none of that kind), *FullError, ErrClosed, and those of the disk.
func (q *Queue) Submit(ctx context.Context, s Submission) (Job, error) {
	if s.Owner == "" || len(s.Owner) > longestOwner || !utf8.ValidString(s.Owner) {
		return Job{}, fmt.Errorf("%.40q cannot own a job: an owner's name has 1 to %d bytes", s.Owner, longestOwner)
	}
	k := q.workers[s.Kind]
	if k == nil || k.worker == nil {
		return Job{}, &RefusedError{s.Kind, fmt.Errorf("there is no kind of work named %.40q", s.Kind)}
	}
	if err := q.reserve(s.Owner); err != nil {
		return Job{}, err
	}
	j, err := q.submit(ctx, k, s)
	if err != nil {
		q.mu.Lock()
		q.release(s.Owner)
		q.mu.Unlock()
	}
	return j, err
}

func (q *Queue) submit(ctx context.Context, k *kind, s Submission) (Job, error) {
	spec, group, err := q.check(ctx, k.worker, s.Spec)
	if err != nil {
		return Job{}, err
	}
	if err := ctx.Err(); err != nil {
		return Job{}, err
	}
	e := &entry{kind: k, group: group, job: Job{
		Kind: s.Kind, Owner: s.Owner, Priority: s.Priority, Spec: spec, State: Queued, Created: now(),
	}}
	q.mu.Lock()
	e.job.ID = q.clock.next(e.job.Created)
	j := e.job
	q.mu.Unlock()
	done := make(chan error, 1)
	q.writer.add(&change{
		do: func(tx *sql.Tx) error {
			// A commit that failed may have happened nevertheless.
			_, err := tx.Exec(`INSERT INTO job (id, kind, owner, priority, spec, state, created) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
				j.ID, j.Kind, j.Owner, j.Priority, []byte(j.Spec), Queued, micro(j.Created))
			return err
		},
		after: func(err error) {
			if err == nil {
				q.mu.Lock()
				q.live[j.ID] = e
				k.lines.add(e)
				q.shift()
				q.dispatch()
				j = q.snapshot(e)
				q.mu.Unlock()
			}
			done <- err
		},
	})
	err = <-done
	return j, err
}

// check asks the worker.
func (q *Queue) check(ctx context.Context, w Worker, spec json.RawMessage) (_ json.RawMessage, group string, err error) {
	name := w.Kind()
	defer q.broken(name, &err)
	if len(spec) > q.o.SpecSize {
		return nil, "", &RefusedError{name, fmt.Errorf("the specification has %d bytes; %d are the most", len(spec), q.o.SpecSize)}
	}
	if len(spec) == 0 {
		spec = json.RawMessage("{}")
	}
	if !json.Valid(spec) {
		return nil, "", &RefusedError{name, errors.New("the specification is not JSON")}
	}
	checked, err := w.Check(ctx, spec)
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, "", err
	case err != nil:
		return nil, "", &RefusedError{name, err}
	case !json.Valid(checked):
		return nil, "", fmt.Errorf("the worker %q made no JSON of the specification", name)
	}
	return checked, w.Group(checked), nil
}

// reserve takes a place for an owner's job.
func (q *Queue) reserve(owner string) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.draining {
		return ErrClosed
	}
	if q.unended[owner] >= q.o.PerOwner {
		// Of the places that become free, one in so many is the owner's.
		return &FullError{q.o.PerOwner, true, q.pace.until(len(q.unended))}
	}
	if q.unended[""] >= q.o.Capacity {
		return &FullError{q.o.Capacity, false, q.pace.until(1)}
	}
	q.unended[owner]++
	q.unended[""]++ // nobody's name: the sum
	return nil
}

// release gives a place back; q.mu is held.
func (q *Queue) release(owner string) {
	q.unended[""]--
	if q.unended[owner]--; q.unended[owner] == 0 {
		delete(q.unended, owner)
	}
}

// enter puts a queued job that was read from the disk where it belongs; q is
// not shared yet.
func (q *Queue) enter(e *entry) {
	k := q.workers[e.job.Kind]
	if k == nil {
		k = &kind{lines: newLines()}
		q.workers[e.job.Kind] = k
	}
	e.kind = k
	if k.worker != nil && e.deaths == 0 {
		var err error
		func() {
			defer q.broken(e.job.Kind, &err)
			e.group = k.worker.Group(e.job.Spec)
		}()
	}
	q.live[e.job.ID] = e
	q.unended[e.job.Owner]++
	q.unended[""]++
	k.lines.add(e)
}

// pace is how fast jobs end.
type pace struct {
	last time.Time
	mean time.Duration // between two ends, of the last few
}

// end notes that a job has ended. The time in which none was under way does not
// count.
func (p *pace) end(j Job) {
	if j.Started.IsZero() {
		return
	}
	since := p.last
	if j.Started.After(since) {
		since = j.Started
	}
	p.mean += (j.Ended.Sub(since) - p.mean) / 8
	p.last = j.Ended
}

// until guesses when so many more will have ended.
func (p *pace) until(n int) time.Duration {
	guess := time.Duration(n) * p.mean
	return min(max(guess, time.Second), 5*time.Minute).Round(time.Second)
}
