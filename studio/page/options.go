package page

import (
	"context"
	"encoding/json"

	"github.com/limner-ai/limner/studio/jobs"
	"github.com/limner-ai/limner/studio/paint"
)

// Studio takes what the form of a browser without JavaScript sends, for the
// owner of the context; an api.Studio does.
type Studio interface {
	Submit(ctx context.Context, kind string, priority int, spec json.RawMessage) (jobs.Job, error)
	Upload(ctx context.Context, data []byte) (paint.Uploaded, error)
}

// Jobs tells such a browser what became of a job.
type Jobs interface {
	Job(ctx context.Context, owner, id string) (jobs.Job, error)
}

// Models lists what can be painted with.
type Models interface {
	Models(ctx context.Context) ([]paint.Model, error)
}

// Options are what the pages stand on. The modules on them speak to the API at
// /api/v1, which is mounted beside, as are those of the packages gallery and
// explore.
type Options struct {
	Studio Studio
	Jobs   Jobs
	Models Models
}
