package apitest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/internal/objects"
	"github.com/limner-ai/limner/studio/api"
	"github.com/limner-ai/limner/studio/jobs"
)

// Still opens a studio in which nothing happens by itself: what is asked for is
// painted before Submit returns. That is for fuzz tests, which look at the code
// that an input reaches, and must find the same each time: a queue that works
// beside them keeps them looking for what is not there.
func Still(t testing.TB) *api.Studio {
	t.Helper()
	dir := t.TempDir()
	store := objects.Open(filepath.Join(dir, "objects"))
	up, err := api.OpenUploads(filepath.Join(dir, "uploads"), store)
	if err != nil {
		t.Fatal(err)
	}
	return &api.Studio{Queue: &still{store: store}, Models: shelf{}, Store: store, Uploads: up, Fault: func(_ context.Context, err error) { t.Logf("fault: %v", err) }}
}

// still is a queue whose jobs are done when they are submitted. It keeps the
// last few.
type still struct {
	store *objects.Store
	mu    sync.Mutex
	jobs  []jobs.Job
	count int
}

const (
	stillKeeps   = 16
	stillPaints  = 8    // pictures
	stillExtent  = 1024 // of a picture, in pixels
	stillAtFirst = "2026-01-02T03:04:05Z"
)

// Submit implements api.Queue.
func (q *still) Submit(ctx context.Context, s jobs.Submission) (jobs.Job, error) {
	if s.Kind != (easel{}).Kind() {
		return jobs.Job{}, &jobs.RefusedError{Kind: s.Kind, Err: fmt.Errorf("there is no work of the kind %q", s.Kind)}
	}
	spec, err := easel{}.Check(ctx, s.Spec)
	if err != nil {
		return jobs.Job{}, &jobs.RefusedError{Kind: s.Kind, Err: err}
	}
	var size struct{ N, Width, Height int }
	if err := json.Unmarshal(spec, &size); err != nil || size.N > stillPaints || min(size.Width, size.Height) < 0 || max(size.Width, size.Height) > stillExtent {
		return jobs.Job{}, &jobs.RefusedError{Kind: s.Kind, Err: errors.New("so much is not painted")}
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.count++
	at, err := time.Parse(time.RFC3339, stillAtFirst)
	if err != nil {
		return jobs.Job{}, err
	}
	ended, cancel := context.WithCancel(ctx)
	cancel() // what is never done ends at once
	t := &stillTask{q: q, ctx: ended, job: jobs.Job{ID: fmt.Sprintf("j%d", q.count), Kind: s.Kind, Owner: s.Owner, Priority: s.Priority, Spec: spec, State: jobs.Done, Created: at, Started: at, Ended: at, Tries: 1}}
	if err := (easel{}).Run(ctx, []jobs.Task{t}); err != nil {
		return jobs.Job{}, err
	}
	q.jobs = append(q.jobs, t.job)
	q.jobs = q.jobs[max(0, len(q.jobs)-stillKeeps):]
	return t.job, nil
}

// Job implements api.Queue.
func (q *still) Job(_ context.Context, owner, id string) (jobs.Job, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	i := slices.IndexFunc(q.jobs, func(j jobs.Job) bool { return j.ID == id && (owner == "" || j.Owner == owner) })
	if i < 0 {
		return jobs.Job{}, jobs.ErrUnknown
	}
	return q.jobs[i], nil
}

// List implements api.Queue.
func (q *still) List(_ context.Context, f jobs.Filter) ([]jobs.Job, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	var out []jobs.Job
	for _, j := range slices.Backward(q.jobs) {
		if (f.Owner == "" || j.Owner == f.Owner) && (f.Kind == "" || j.Kind == f.Kind) && (f.States == nil || slices.Contains(f.States, j.State)) && (f.Limit == 0 || len(out) < f.Limit) {
			out = append(out, j)
		}
	}
	return out, nil
}

// Cancel implements api.Queue.
func (q *still) Cancel(ctx context.Context, owner, id string) (jobs.Job, error) {
	return q.Job(ctx, owner, id)
}

// Watch implements api.Queue.
func (q *still) Watch(ctx context.Context, owner, id string) (<-chan jobs.Event, error) {
	j, err := q.Job(ctx, owner, id)
	if err != nil {
		return nil, err
	}
	events := make(chan jobs.Event, 1)
	events <- jobs.Event{Job: j}
	close(events)
	return events, nil
}

// Find implements api.Queue.
func (q *still) Find(_ context.Context, owner string, d digest.SHA256) (jobs.Job, jobs.Result, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, j := range q.jobs {
		for _, r := range j.Results {
			if r.Digest == d && j.Owner == owner {
				return j, r, nil
			}
		}
	}
	return jobs.Job{}, jobs.Result{}, jobs.ErrUnknown
}

// stillTask keeps what is painted.
type stillTask struct {
	q   *still
	ctx context.Context
	job jobs.Job
}

func (t *stillTask) Job() jobs.Job            { return t.job }
func (t *stillTask) Context() context.Context { return t.ctx }
func (t *stillTask) Progress(p jobs.Progress) { t.job.Progress = p }
func (t *stillTask) Preview(jobs.Preview)     {}
func (t *stillTask) Watched() bool            { return false }

func (t *stillTask) Result(data []byte, kind string, meta any) error {
	text, err := json.Marshal(meta)
	if err != nil {
		return err
	}
	d, err := t.q.store.Put(data)
	t.job.Results = append(t.job.Results, jobs.Result{Digest: d, Type: kind, Meta: text})
	return err
}

func (t *stillTask) Finish(err error) {
	if err != nil {
		t.job.State, t.job.Error, t.job.Results = jobs.Failed, err.Error(), nil
	}
}

var _ api.Queue = (*still)(nil)
