package page

import (
	"context"

	"github.com/limner-ai/limner/studio/jobs"
)

// Jobs is the queue, as far as pages without JavaScript need it.
type Jobs interface {
	Submit(ctx context.Context, s jobs.Submission) (jobs.Job, error)
	Job(ctx context.Context, owner, id string) (jobs.Job, error)
}

// Model is what the form of Make offers to paint with.
type Model struct {
	Name    string
	Classes []string
	Words   bool // it takes a prompt
}

// Options are what the pages stand on.
type Options struct {
	Jobs   Jobs
	Models func(ctx context.Context) ([]Model, error)
	// Upload keeps a picture that was sent, as a digest's text.
	Upload func(ctx context.Context, data []byte) (string, error)
	Owner  func(ctx context.Context) string
}
