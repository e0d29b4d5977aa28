package train

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/limner-ai/limner/internal/atomicfile"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/studio/jobs"
	"github.com/limner-ai/limner/studio/work/place"
	"github.com/limner-ai/limner/studio/work/turn"
	trainer "github.com/limner-ai/limner/train"
)

// Options are what a worker needs.
type Options struct {
	Places   place.Places
	Families []model.Family
	Threads  int         // of the studio, half of which train, so that the rest can paint; 0: the processors
	Painting func() bool // whether pictures are being made, to which a training gives way; nil: never
}

// Worker trains. It implements jobs.Worker.
type Worker struct {
	o         Options
	resolving sync.Mutex
}

// New returns a worker.
func New(o Options) *Worker { return &Worker{o: o} }

// Kind is "train".
func (w *Worker) Kind() string { return Kind }

// Group is "": every training is done alone.
func (w *Worker) Group(json.RawMessage) string { return "" }

// Most is 1.
func (w *Worker) Most() int { return 1 }

// AtOnce is 1: two trainings on one machine would only slow each other.
func (w *Worker) AtOnce() int { return 1 }

func (w *Worker) threads() int {
	return max(1, cmp.Or(w.o.Threads, runtime.GOMAXPROCS(0))/2)
}

// Run trains one model.
func (w *Worker) Run(ctx context.Context, tasks []jobs.Task) error {
	for _, t := range tasks {
		err := w.train(t)
		if err != nil && ctx.Err() != nil {
			return ctx.Err() // the queue stops; the run goes on when it is back
		}
		t.Finish(err)
	}
	return nil
}

func (w *Worker) train(t jobs.Task) error {
	s, err := parse(t.Job().Spec)
	if err != nil {
		return err
	}
	dir, err := w.o.Places.Run(s.Run)
	if err != nil {
		return err
	}
	cfg, resume, err := w.begin(s, dir, t.Job().ID)
	if err != nil {
		return err
	}
	if cfg.Data.Kind == "frozen" {
		began := time.Now()
		note, err := w.o.Places.Home.Recheck(t.Context(), cfg.Data.Path, func(done, total int) {
			t.Progress(pace("asking again whether all pictures may be used", done, total, began))
		})
		if err != nil {
			return bare(err, w.o.Places)
		}
		t.Progress(jobs.Progress{Stage: note})
	}
	m := &meter{task: t, dir: dir, turn: turn.New(w.o.Painting)}
	_, err = trainer.Run(t.Context(), cfg, trainer.Options{
		Families: w.o.Families, Open: w.open, Resume: resume, Overwrite: !resume, Progress: io.Discard, Each: m.each,
	})
	if err != nil {
		return bare(err, w.o.Places)
	}
	// What is trained is recorded, whether or not somebody stops the queue now.
	if err := w.o.Places.Home.RecordModel(context.WithoutCancel(t.Context()), filepath.Join(dir, modelFile)); err != nil {
		return fmt.Errorf("the model is trained, but not recorded in the ledger: %w", bare(err, w.o.Places))
	}
	return m.keep(s.Run)
}

const (
	markFile  = "job" // in the folder of a run: who began it
	modelFile = "model.safetensors"
)

// begin settles what is run, and whether it goes on from a checkpoint. A job
// that was begun before, by a process that died, finds its own mark in the
// folder and goes on; without a checkpoint it begins anew.
func (w *Worker) begin(s Spec, dir, job string) (cfg trainer.Config, resume bool, err error) {
	mark, err := os.ReadFile(filepath.Join(dir, markFile))
	ours := err == nil && strings.TrimSpace(string(mark)) == job
	switch {
	case s.Resume || ours && saved(dir):
		if !saved(dir) {
			return cfg, false, fmt.Errorf("the run %s has no checkpoint to go on from", s.Run)
		}
		if cfg, err = trainer.ReadConfig(filepath.Join(dir, "run.yaml")); err != nil {
			return cfg, false, bare(err, w.o.Places)
		}
		cfg.Out, cfg.Train.Threads = dir, w.threads()
		if s.Images > 0 && s.Resume {
			cfg.Train.Images, cfg.Train.Steps, cfg.Train.Epochs = s.Images, 0, 0
		}
		resume = true
	case !ours && taken(dir):
		return cfg, false, errBegun
	default:
		if cfg, err = w.config(s); err != nil {
			return cfg, false, err
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return cfg, false, fmt.Errorf("cannot make the folder of the run: %w", errors.Unwrap(err))
	}
	err = atomicfile.Write(filepath.Join(dir, markFile), 0o644, func(w io.Writer) error {
		_, err := io.WriteString(w, job+"\n")
		return err
	})
	return cfg, resume, err
}

// saved reports whether there is a checkpoint.
func saved(dir string) bool {
	found, err := filepath.Glob(filepath.Join(dir, "checkpoints", "step-*.safetensors"))
	return err == nil && len(found) > 0
}
