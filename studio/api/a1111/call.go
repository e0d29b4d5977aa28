package a1111

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/limner-ai/limner/studio/api"
	"github.com/limner-ai/limner/studio/gate"
	"github.com/limner-ai/limner/studio/jobs"
	"github.com/limner-ai/limner/studio/paint"
)

// call is a txt2img or img2img under way: a job a picture, of consecutive
// seeds, as it is done there; the queue makes those of one shape in one go.
type call struct {
	begun time.Time
	steps int

	mu          sync.Mutex
	jobs        []jobs.Job // as they last were
	preview     []byte
	kind        string // of the preview
	interrupted bool
	skipped     bool
}

// begin asks for the pictures of a call. If one is refused, so are all.
func (a *API) begin(ctx context.Context, specs []paint.Spec) (*call, error) {
	c := &call{begun: time.Now()}
	for _, spec := range specs {
		j, err := a.studio.Paint(ctx, spec)
		if err != nil {
			a.cancel(ctx, c.list())
			return nil, err
		}
		c.jobs = append(c.jobs, j)
	}
	c.steps = specs[0].Steps
	owner := gate.Owner(ctx)
	a.mu.Lock()
	a.calls[owner] = append(a.calls[owner], c)
	a.mu.Unlock()
	return c, nil
}

// end forgets a call.
func (a *API) end(owner string, c *call) {
	a.mu.Lock()
	defer a.mu.Unlock()
	left := a.calls[owner][:0]
	for _, other := range a.calls[owner] {
		if other != c {
			left = append(left, other)
		}
	}
	if a.calls[owner] = left; len(left) == 0 {
		delete(a.calls, owner)
	}
}

// wait returns the jobs of a call when all have ended, those that were
// interrupted too. If the client leaves, all are cancelled.
func (a *API) wait(ctx context.Context, c *call) ([]jobs.Job, error) {
	ended := make([]jobs.Job, len(c.jobs))
	errs := make([]error, len(c.jobs))
	var all sync.WaitGroup
	for i, j := range c.list() {
		all.Go(func() {
			ended[i], errs[i] = a.studio.Follow(ctx, j.ID, func(e jobs.Event) { c.tell(i, e) })
		})
	}
	all.Wait()
	for i, err := range errs {
		var known *api.Error
		if errors.As(err, &known) && ended[i].State == jobs.Cancelled {
			continue // what was made before stands
		}
		if err != nil {
			a.cancel(context.WithoutCancel(ctx), c.list())
			return nil, err
		}
	}
	return ended, nil
}

// tell notes what became of a job.
func (c *call) tell(i int, e jobs.Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.jobs[i] = e.Job
	if e.Preview != nil {
		c.preview, c.kind = e.Preview.Data, e.Preview.Type
	}
}

func (c *call) list() []jobs.Job {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]jobs.Job(nil), c.jobs...)
}

// cancel ends jobs; those that are not there any more have ended.
func (a *API) cancel(ctx context.Context, list []jobs.Job) error {
	var errs []error
	for _, j := range list {
		if j.State.Final() {
			continue
		}
		if _, err := a.studio.Queue.Cancel(ctx, gate.Owner(ctx), j.ID); err != nil && !errors.Is(err, jobs.ErrUnknown) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// newest is the owner's call that began last; nil if none is under way.
func (a *API) newest(ctx context.Context) *call {
	a.mu.Lock()
	defer a.mu.Unlock()
	mine := a.calls[gate.Owner(ctx)]
	if len(mine) == 0 {
		return nil
	}
	return mine[len(mine)-1]
}
