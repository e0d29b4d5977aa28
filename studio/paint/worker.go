package paint

import (
	"context"
	"encoding/json"
	"fmt"
	"sync/atomic"

	"github.com/limner-ai/limner/internal/objects"
	"github.com/limner-ai/limner/studio/jobs"
)

// Worker makes pictures for the studio's queue.
type Worker struct {
	shelf   *Shelf
	store   *objects.Store
	leaving Leaving
	passes  atomic.Int32 // that are going on
}

// NewWorker takes models from a shelf and pictures from a store.
func NewWorker(shelf *Shelf, store *objects.Store, l Leaving) *Worker {
	return &Worker{shelf: shelf, store: store, leaving: l}
}

var _ jobs.Worker = (*Worker)(nil)

// Kind implements jobs.Worker.
func (*Worker) Kind() string { return Kind }

// Most implements jobs.Worker.
func (*Worker) Most() int { return 32 }

// AtOnce implements jobs.Worker: a short job need not wait for a long one. They
// share the threads.
func (*Worker) AtOnce() int { return 2 }

// Check implements jobs.Worker: the specification is a Spec.
func (w *Worker) Check(ctx context.Context, text json.RawMessage) (json.RawMessage, error) {
	s, err := parse(text)
	if err != nil {
		return nil, err
	}
	r, err := w.shelf.take(s.Model)
	if err != nil {
		return nil, err
	}
	defer w.shelf.give(r)
	a, err := w.askAt(ctx, r, s)
	if err != nil {
		return nil, err
	}
	return json.Marshal(a.Spec)
}

// askAt asks at the desk of an open model.
func (w *Worker) askAt(ctx context.Context, r *rack, s Spec) (*ask, error) {
	r.checking.Lock()
	defer r.checking.Unlock()
	return w.ask(ctx, r.desk, s)
}

// Group implements jobs.Worker: jobs of the same model and settings, which begin
// at the same kind of thing.
func (w *Worker) Group(text json.RawMessage) string {
	s, err := parse(text)
	if err != nil || s.Repair != nil { // a repair is done alone
		return ""
	}
	kind := "noise"
	switch {
	case s.From != nil:
		kind = "ends"
	case s.Image != none:
		kind = fmt.Sprintf("picture %t %t", s.Mask != none, s.Style != none)
	}
	return fmt.Sprintf("%s, %d steps by %s, guidance %t, from %s", s.Model, s.Steps, s.Sampler, s.Guidance != 1, kind)
}
