package paint

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/limner-ai/limner/internal/objects"
	"github.com/limner-ai/limner/studio/jobs"
)

// Worker makes pictures for the studio's queue.
type Worker struct {
	shelf *Shelf
	store *objects.Store
}

// NewWorker takes models from a shelf and pictures from a store.
func NewWorker(shelf *Shelf, store *objects.Store) *Worker { return &Worker{shelf, store} }

var _ jobs.Worker = (*Worker)(nil)

// Kind implements jobs.Worker.
func (*Worker) Kind() string { return Kind }

// Most implements jobs.Worker.
func (*Worker) Most() int { return 32 }

// AtOnce implements jobs.Worker: a short job need not wait for a long one.
func (*Worker) AtOnce() int { return 2 }

// Check implements jobs.Worker: the specification is a Spec.
func (w *Worker) Check(ctx context.Context, spec json.RawMessage) (json.RawMessage, error) {
	return spec, nil
}

// Group implements jobs.Worker.
func (w *Worker) Group(spec json.RawMessage) string { return "" }

// Run implements jobs.Worker.
func (w *Worker) Run(ctx context.Context, tasks []jobs.Task) error {
	return errors.New("not yet")
}
