package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/limner-ai/limner/generate"
	"github.com/limner-ai/limner/internal/digest"
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
			if err := s.leaving.Sweep(ctx, s.store); err != nil && ctx.Err() == nil {
				s.o.Log.Warn("what is kept of pictures that are gone cannot be swept", "error", err)
			}
			select {
			case <-t.C:
			case <-ctx.Done():
				return
			}
		}
	}()
}

// tidyObjects erases what processes that died have left in the object store,
// whose layout is told by package objects. Nobody is served yet.
func (s *studio) tidyObjects(ctx context.Context, folder string) error {
	var found []digest.SHA256
	err := filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			return err
		}
		var d digest.SHA256
		switch name := filepath.Base(filepath.Dir(path)) + e.Name(); {
		case strings.HasPrefix(e.Name(), ".new-"): // it was being written
			return os.Remove(path)
		case d.UnmarshalText([]byte("sha256:"+name)) == nil:
			found = append(found, d)
		}
		return ctx.Err()
	})
	if err != nil {
		return fmt.Errorf("the object store cannot be looked through: %w", err)
	}
	n, err := s.queue.Orphans(ctx, found)
	if n > 0 {
		s.o.Log.Info("erased what nothing names", "objects", n, "of", len(found))
	}
	return err
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
