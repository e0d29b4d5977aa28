package page

import (
	"context"

	"github.com/limner-ai/limner/studio/jobs"
	"github.com/limner-ai/limner/studio/paint"
)

// Jobs is the queue, as far as pages without JavaScript need it.
type Jobs interface {
	Submit(ctx context.Context, s jobs.Submission) (jobs.Job, error)
	Job(ctx context.Context, owner, id string) (jobs.Job, error)
}

// Models lists what can be painted with.
type Models interface {
	Models(ctx context.Context) ([]paint.Model, error)
}

// Options are what the pages stand on. The modules on them speak to the API at
// /api/v1, which is mounted beside.
type Options struct {
	Jobs   Jobs
	Models Models
	// Upload keeps a picture for the owner of the context.
	Upload func(ctx context.Context, data []byte) (paint.Uploaded, error)
}
