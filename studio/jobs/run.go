package jobs

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"
)

// batch is one go of a worker.
type batch struct {
	kind   *kind
	jobs   []*entry
	ctx    context.Context
	cancel context.CancelCauseFunc
	ends   sync.WaitGroup // of the jobs, whose fate is then on the disk
}

// stopIfForlorn ends the whole go when nobody wants any of its jobs any more;
// q.mu is held.
func (b *batch) stopIfForlorn() {
	for _, e := range b.jobs {
		if e.in == b && !e.settled && !e.asked {
			return
		}
	}
	b.cancel(errCancelled)
}

// dispatch begins what can be begun; q.mu is held.
func (q *Queue) dispatch() {
	if q.draining {
		return
	}
	for _, k := range q.workers {
		for k.worker != nil && k.running < max(1, k.worker.AtOnce()) && k.lines.waiting > 0 {
			q.begin(k)
		}
	}
}

// begin takes the next jobs of a kind and starts a go with them; q.mu is held.
func (q *Queue) begin(k *kind) {
	b := &batch{kind: k, jobs: k.lines.take(max(1, k.worker.Most()))}
	b.ctx, b.cancel = context.WithCancelCause(context.Background())
	b.ends.Add(len(b.jobs))
	k.running++
	k.stats.Goes++
	at := now()
	tasks := make([]Task, len(b.jobs))
	for i, e := range b.jobs {
		var ctx context.Context
		ctx, e.cancel = context.WithCancelCause(b.ctx)
		e.in, e.asked, e.settled, e.results = b, false, false, nil
		e.job.State, e.job.Started, e.job.Progress = Running, at, Progress{}
		e.job.Tries++
		k.stats.Begun++
		k.stats.Waited += at.Sub(e.job.Created)
		tasks[i] = &task{q, e, ctx, e.job.Tries}
	}
	ids := make([]string, len(b.jobs))
	for i, e := range b.jobs {
		ids[i] = e.job.ID
		q.tell(e, nil)
	}
	q.shift()
	q.going.Add(1)
	begun := make(chan error, 1)
	q.writer.add(&change{must: true, after: func(err error) { begun <- err }, do: func(tx *sql.Tx) error {
		for _, id := range ids {
			if _, err := tx.Exec(`UPDATE job SET state = ?, started = ?, tries = tries + 1 WHERE id = ?`, Running, micro(at), id); err != nil {
				return err
			}
		}
		return nil
	}})
	go q.run(b, tasks, begun)
}

// run does one go.
func (q *Queue) run(b *batch, tasks []Task, begun <-chan error) {
	err := <-begun
	panicked := err == nil
	defer func() { q.conclude(b, err, panicked) }() // also if the worker ends its goroutine
	if err != nil {
		return
	}
	defer q.broken(b.kind.worker.Kind(), &err)
	err = b.kind.worker.Run(b.ctx, tasks)
	panicked = false
}

// conclude settles what a go left open, and makes room for the next.
func (q *Queue) conclude(b *batch, err error, panicked bool) {
	defer q.going.Done()
	defer b.cancel(nil)
	if err == nil {
		err = errors.New("the worker ended without finishing the job")
	}
	q.mu.Lock()
	for _, e := range b.jobs {
		if e.in == b {
			q.settle(e, err, panicked)
		}
	}
	q.mu.Unlock()
	b.ends.Wait()
	q.mu.Lock()
	b.kind.running--
	q.dispatch()
	q.mu.Unlock()
}

// broken makes an error of a worker's panic; it is to be deferred.
func (q *Queue) broken(kind string, err *error) {
	if cause := recover(); cause != nil {
		*err = fmt.Errorf("the worker %q broke: %v", kind, cause)
		if q.o.Broken != nil {
			q.o.Broken(kind, cause, debug.Stack())
		}
	}
}

// settle decides what becomes of a job that its worker, its client or the queue
// has ended, once, and sends that to the disk; q.mu is held.
func (q *Queue) settle(e *entry, err error, panicked bool) {
	if e.settled {
		return
	}
	e.settled = true
	e.outcome = make(chan struct{})
	b := e.in
	j := e.job
	switch {
	case err == nil:
		j.State = Done
	case e.asked:
		j.State = Cancelled
	case q.stopping || errors.Is(err, ErrClosed):
		j.State = Queued
	case panicked && len(b.jobs) > 1:
		// One of them may be to blame; each has its next try alone.
		e.deaths++
		e.group = ""
		if j.State = Queued; e.deaths >= q.o.Tries {
			j.State, j.Error = Failed, tooOften(q.o.Tries)
		}
	default:
		j.State, j.Error = Failed, line(err)
	}
	if j.State == Queued {
		j.Started, j.Progress = time.Time{}, Progress{}
	} else {
		j.Ended = now()
	}
	if j.State == Done {
		j.Results = e.results
	} else if len(e.results) > 0 {
		q.discard(e.results)
		e.results = nil
	}
	progress, jsonErr := json.Marshal(j.Progress)
	if jsonErr != nil { // not a number, or infinite
		j.Progress = Progress{Stage: j.Progress.Stage}
		progress, _ = json.Marshal(j.Progress)
	}
	deaths := e.deaths
	q.writer.add(&change{must: b != nil, flush: len(j.Results) > 0,
		do:    func(tx *sql.Tx) error { return writeFate(tx, j, progress, deaths) },
		after: func(err error) { q.fell(e, b, j, err) },
	})
}

// writeFate writes what became of a job. What is final already stays.
func writeFate(tx *sql.Tx, j Job, progress []byte, deaths int) error {
	done, err := tx.Exec(`UPDATE job SET state = ?, progress = ?, error = ?, started = ?, ended = ?, deaths = ? WHERE id = ? AND state IN ('queued', 'running')`,
		j.State, progress, j.Error, micro(j.Started), micro(j.Ended), deaths, j.ID)
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return err
	}
	for i, r := range j.Results {
		if _, err := tx.Exec(`INSERT INTO result (job, number, digest, type, meta) VALUES (?, ?, ?, ?, ?)`,
			j.ID, i, r.Digest[:], r.Type, []byte(r.Meta)); err != nil {
			return err
		}
		if _, err := tx.Exec(`DELETE FROM unneeded WHERE digest = ?`, r.Digest[:]); err != nil {
			return err
		}
	}
	return nil
}

// fell makes known what became of a job when it is on the disk; b is the go
// that it was in, nil if it was queued.
func (q *Queue) fell(e *entry, b *batch, j Job, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if b != nil {
		defer b.ends.Done()
		e.cancel(nil)
		e.in, e.cancel = nil, nil
	}
	q.held.release(j.Results)
	e.results = nil
	e.fault = err
	close(e.outcome)
	if err != nil { // the queue closes, or a queued one could not be cancelled
		e.settled, e.asked = false, false
		j = e.job
		j.State = Queued
	}
	e.job = j
	if j.State == Queued {
		e.settled = false
		e.kind.lines.add(e)
		q.tell(e, nil)
		q.dispatch()
		return
	}
	e.kind.stats.count(j)
	q.pace.end(j)
	q.tell(e, nil)
	q.dismiss(e)
	delete(q.live, j.ID)
	q.release(j.Owner)
	q.ended[j.Owner]++
	q.prune(j.Owner)
}
