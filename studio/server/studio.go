package server

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/limner-ai/limner/generate"
)

// sweepTime is how often old uploads are looked for.
const sweepTime = time.Hour

// tidy forgets old uploads, now and then.
func (s *studio) tidy() {
	ctx, end := context.WithCancel(context.Background())
	s.untidy = end
	go func() {
		defer close(s.tidied)
		t := time.NewTicker(sweepTime)
		defer t.Stop()
		for {
			if err := s.uploads.Sweep(ctx, s.queue, s.keeps); err != nil && ctx.Err() == nil {
				s.o.Log.Warn("old uploads cannot be swept", "error", err)
			}
			select {
			case <-t.C:
			case <-ctx.Done():
				return
			}
		}
	}()
}

// warm opens the model that comes with Limner.
func (s *studio) warm(ctx context.Context) error {
	return s.shelf.Use(ctx, "", func(*generate.Generator) error { return nil })
}

// stop lets work under way go on until ctx ends; what is not done by then is
// queued again.
func (s *studio) stop(ctx context.Context) error {
	s.untidy()
	<-s.tidied
	return s.queue.Close(ctx)
}

// close ends what was opened, the last first.
func (s *studio) close() error {
	var errs []error
	for _, c := range slices.Backward(s.closers) {
		errs = append(errs, c())
	}
	s.closers = nil
	return errors.Join(errs...)
}
