package jobs

import (
	"context"
	"encoding/json"
)

// Worker does one kind of work.
type Worker interface {
	// Kind is its name.
	Kind() string
	// Check refuses what cannot be done before it is accepted, in a line for
	// people, and returns the specification with what was left open filled in.
	Check(ctx context.Context, spec json.RawMessage) (json.RawMessage, error)
	// Group names the jobs that can be done in one go: those of the same name.
	// "" is for one that is done alone.
	Group(spec json.RawMessage) string
	// Most is how many jobs may be done in one go, and AtOnce how many such goes
	// may run side by side.
	Most() int
	AtOnce() int
	// Run does tasks of one group, and ends each by Finish. One that is left
	// unended when Run returns has failed with Run's error; if ctx has ended, it
	// goes back into the queue.
	Run(ctx context.Context, tasks []Task) error
}

// Task is a job in a worker's hands. Its methods can be called from any
// goroutine.
type Task interface {
	Job() Job
	// Context ends when this job is cancelled, or the queue stops.
	Context() context.Context
	// Progress tells watchers how far the job is; the last one is kept.
	Progress(Progress)
	// Preview shows watchers a picture of the moment.
	Preview(Preview)
	// Watched reports whether anyone would see a preview.
	Watched() bool
	// Result keeps something that was made. It is part of the job when Finish
	// says that all is well, and not before.
	Result(data []byte, mediaType string, meta any) error
	// Finish ends the job: done if err is nil, cancelled if its context has
	// ended for that reason, failed otherwise.
	Finish(err error)
}
