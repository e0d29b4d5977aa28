package api

import (
	"context"
	"errors"
	"fmt"

	"github.com/limner-ai/limner/studio/gate"
	"github.com/limner-ai/limner/studio/jobs"
)

// Follow tells each event of a job, and returns the job when it is done. A
// failed or cancelled one is an error. If ctx ends first, as when the client
// has gone, the job is cancelled.
func (s *Studio) Follow(ctx context.Context, id string, tell func(jobs.Event)) (jobs.Job, error) {
	owner := gate.Owner(ctx)
	events, err := s.Queue.Watch(ctx, owner, id)
	if err != nil {
		return jobs.Job{}, err
	}
	var last jobs.Job
	for e := range events {
		last = e.Job
		if tell != nil {
			tell(e)
		}
	}
	switch {
	case last.State.Final():
		return last, outcome(last)
	case ctx.Err() != nil:
		_, err := s.Queue.Cancel(context.WithoutCancel(ctx), owner, id)
		return last, errors.Join(ctx.Err(), err)
	}
	return last, jobs.ErrClosed
}

func outcome(j jobs.Job) error {
	switch j.State {
	case jobs.Failed:
		return &Error{Status: 500, Message: "the pictures could not be made: " + j.Error}
	case jobs.Cancelled:
		return &Error{Status: 410, Code: "cancelled", Message: "the job was cancelled"}
	}
	return nil
}

// Bytes reads what a job made.
func (s *Studio) Bytes(j jobs.Job) ([][]byte, error) {
	out := make([][]byte, len(j.Results))
	for i, r := range j.Results {
		var err error
		if out[i], err = s.Store.Get(r.Digest); err != nil {
			return nil, fmt.Errorf("result %d of job %s: %w", i, j.ID, err)
		}
	}
	return out, nil
}
