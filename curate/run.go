package curate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"image/color"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/limner-ai/limner/curate/caption"
	"github.com/limner-ai/limner/curate/decode"
	"github.com/limner-ai/limner/curate/decode/svg"
	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/internal/objects"
)

// Options is what a run does not depend on.
type Options struct {
	// Dir is the folder that paths of the recipe are relative to.
	Dir string
	// Threads is how many pictures are prepared at once; 0: one a processor.
	Threads int
	// Total is the number of copies to come, 0 if that is not known.
	Total int
	// Progress, if not nil, is told now and then how far the run is. It is
	// called by several goroutines, one at a time.
	Progress func(Progress)

	part int // copies of a part, partSize if 0; for tests
}

// Run makes a curated set in the folder dir, with its prepared pictures in the
// store.
//
// The work is done in parts, whose files (dir/parts) stay: a run that was
// stopped or killed does the unfinished ones when it is run again, and one with
// another recipe those that it changes. What comes out (dir/entries,
// dir/rejected.jsonl, dir/summary.json) follows from the recipe, the copies and
// the version of Go alone: it is the same, byte for byte, on any machine and
// any number of threads. The only exceptions are copies that could not be
// opened, or not within the time limit: they are left out, counted, and tried
// again by the next run.
//
// Memory grows by about 200 bytes a picture, whatever its size; beside that a
// thread needs what its picture does.
func Run(ctx context.Context, recipe Recipe, input Input, store *objects.Store, dir string, o Options) (Summary, error) {
	r, err := newRunner(recipe, input, store, dir, o)
	if err != nil {
		return Summary{}, err
	}
	if err := os.MkdirAll(filepath.Join(dir, "parts"), 0o755); err != nil {
		return Summary{}, fmt.Errorf("curate: %w", err)
	}
	// From here on what an earlier run left is no longer whole.
	if err := os.Remove(summaryPath(dir)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return Summary{}, fmt.Errorf("curate: %w", err)
	}
	parts, err := r.makeParts(ctx)
	if err != nil {
		return Summary{}, err
	}
	if err := removeFrom(partPath, dir, parts); err != nil {
		return Summary{}, err
	}
	return r.join(ctx, parts)
}

// runner is one run.
type runner struct {
	recipe Recipe
	input  Input
	store  *objects.Store
	dir    string
	ground *color.NRGBA
	limits decode.Limits
	writer *caption.Writer
	words  *caption.Data
	slots  chan struct{} // one for each picture that may be prepared at once
	draw   sync.Once
	meter  *meter
	part   int
}

func newRunner(recipe Recipe, input Input, store *objects.Store, dir string, o Options) (*runner, error) {
	if err := recipe.Check(); err != nil {
		return nil, err
	}
	r := &runner{recipe: recipe, input: input, store: store, dir: dir, limits: recipe.Limits.decoding()}
	r.ground, _ = recipe.ground()
	c := recipe.Captions
	var err error
	if r.words, err = caption.Read(resolve(o.Dir, c.Emojibase), resolve(o.Dir, c.Emojilib), c.Languages); err != nil {
		return nil, err
	}
	r.writer = caption.NewWriter(r.words, c.Styles)
	threads := o.Threads
	if threads <= 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	r.slots = make(chan struct{}, threads)
	r.part = cmp.Or(o.part, partSize)
	r.meter = newMeter(o.Total, o.Progress)
	return r, nil
}

// resolve is a path of the recipe, seen from where the run is.
func resolve(dir, path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, filepath.FromSlash(path))
}

// makeParts divides the wanted copies into parts, makes those that are not
// there, and returns their number.
func (r *runner) makeParts(ctx context.Context) (int, error) {
	// Two parts at a time, so that no thread waits for the last picture of one.
	g, within := errgroup.WithContext(ctx)
	g.SetLimit(2)
	seen := map[digest.SHA256]struct{}{}
	parts := 0
	var jobs []job
	submit := func() {
		part, batch := parts, jobs
		parts, jobs = parts+1, nil
		g.Go(func() error { return r.makePart(within, part, batch) })
	}
	var failed error
	for c, err := range r.input.Copies(within, r.recipe.Sources) {
		if failed = err; err != nil || within.Err() != nil {
			break
		}
		j := job{Candidate: c}
		if c.Decision == Allow {
			_, j.Same = seen[c.Content]
			seen[c.Content] = struct{}{}
		}
		if jobs = append(jobs, j); len(jobs) == r.part {
			submit()
		}
	}
	if failed == nil && len(jobs) > 0 && within.Err() == nil {
		submit()
	}
	err := g.Wait()
	switch {
	case ctx.Err() != nil:
		return 0, ctx.Err()
	case err != nil:
		return 0, err
	case failed != nil:
		return 0, fmt.Errorf("curate: %w", failed)
	}
	r.meter.end()
	return parts, nil
}

// makePart prepares the copies of a part, unless that has been done.
func (r *runner) makePart(ctx context.Context, part int, jobs []job) error {
	made, err := r.recipe.madeOf(part, jobs)
	if err != nil {
		return fmt.Errorf("part %d: %w", part, err)
	}
	if r.isMade(part, made) {
		r.meter.reuse(len(jobs))
		return nil
	}
	records := make([]record, len(jobs))
	r.draw.Do(func() { go svg.Start() }) // the renderer of SVG, while files are read
	g, within := errgroup.WithContext(ctx)
	for i := range jobs {
		j, to := &jobs[i], &records[i]
		to.Candidate = j.Candidate
		if why, detail := j.refused(); why != "" {
			to.Rejection = &Rejection{Why: why, Detail: detail}
			r.meter.picture()
			continue
		}
		if j.Same {
			to.Rejection = &Rejection{Why: Duplicate}
			r.meter.picture()
			continue
		}
		select {
		case <-within.Done():
		case r.slots <- struct{}{}:
			g.Go(func() (err error) {
				defer func() { <-r.slots }()
				to.Prepared, to.Rejection, err = r.prepare(within, to.Candidate)
				r.meter.picture()
				return err
			})
		}
	}
	if err := g.Wait(); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil { // some were not begun
		return err
	}
	// The pictures must be there before the file that says so.
	if err := r.store.Flush(); err != nil {
		return err
	}
	return writePart(r.dir, header{Part: part, Made: made}, records)
}

// isMade reports whether the part of that digest is there with its pictures.
func (r *runner) isMade(part int, made digest.SHA256) bool {
	good := func(h header) bool { return h.Made == made && !h.Again }
	return nil == readPart(r.dir, part, good, func(x *record) error {
		if x.Prepared != nil && !r.store.Has(x.Prepared.Picture) {
			return errStale
		}
		return nil
	})
}

// removeFrom removes the files of parts that the set has no more.
func removeFrom(pathOf func(dir string, part int) string, dir string, part int) error {
	for ; ; part++ {
		switch err := os.Remove(pathOf(dir, part)); {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return fmt.Errorf("curate: %w", err)
		}
	}
}
