package jobs

import (
	"context"
	"database/sql"
	"fmt"
)

// Cancel ends a job: a queued one at once, one under way through its context,
// as soon as its worker heeds that. The worker may be faster and finish. What
// is final stays as it is, and is no error. The job is returned as it now is;
// that it is to be cancelled is on the disk. The errors are ErrUnknown,
// ErrClosed and those of the disk.
func (q *Queue) Cancel(ctx context.Context, owner, id string) (Job, error) {
	for {
		j, again, err := q.tryCancel(ctx, owner, id)
		if !again {
			return j, err
		}
	}
}

// tryCancel reports whether the job was between two states, and it must be
// tried again.
func (q *Queue) tryCancel(ctx context.Context, owner, id string) (_ Job, again bool, _ error) {
	q.mu.Lock()
	e := q.live[id]
	switch {
	case q.closed:
		q.mu.Unlock()
		return Job{}, false, ErrClosed
	case e == nil || owner != "" && owner != e.job.Owner:
		q.mu.Unlock()
		j, err := q.Job(ctx, owner, id)
		return j, false, err
	case e.settled:
		outcome := e.outcome
		q.mu.Unlock()
		select {
		case <-outcome:
			return Job{}, true, nil
		case <-ctx.Done():
			return Job{}, false, ctx.Err()
		}
	case e.job.State == Queued:
		e.kind.lines.remove(e)
		e.asked = true
		q.settle(e, errCancelled, false)
		outcome := e.outcome
		q.shift()
		q.mu.Unlock()
		<-outcome
		q.mu.Lock()
		err := e.fault
		q.mu.Unlock()
		if err != nil {
			return Job{}, false, fmt.Errorf("the job could not be cancelled: %w", err)
		}
		j, err := q.Job(ctx, owner, id)
		return j, false, err
	}
	e.asked = true
	e.cancel(errCancelled)
	e.in.stopIfForlorn()
	q.mu.Unlock()
	// Should the process die now, the job must not begin again.
	err := q.writer.wait(func(tx *sql.Tx) error {
		_, err := tx.Exec(`UPDATE job SET cancel = 1 WHERE id = ? AND state = ?`, id, Running)
		return err
	})
	if err != nil {
		return Job{}, false, err
	}
	j, err := q.Job(ctx, owner, id)
	return j, false, err
}
