// Package curate is the studio's worker that makes curated sets by the recipes
// of the operator, as limner curate does: stopped or killed, it goes on where it
// was.
package curate

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"

	curator "github.com/limner-ai/limner/curate"
	"github.com/limner-ai/limner/studio/jobs"
	"github.com/limner-ai/limner/studio/work/place"
	"github.com/limner-ai/limner/studio/work/turn"
)

// Kind is the name of the worker.
const Kind = "curate"

// Spec names a recipe. A recipe that a client wrote is not taken: it names files
// of this machine.
type Spec struct {
	Recipe string `json:"recipe"`
}

// Worker curates. It implements jobs.Worker.
type Worker struct {
	places   place.Places
	painting func() bool
}

// New returns a worker that gives way while painting reports that pictures are
// being made; nil: it never does.
func New(p place.Places, painting func() bool) *Worker { return &Worker{p, painting} }

// Kind is "curate".
func (w *Worker) Kind() string { return Kind }

// Group is "": every curation is done alone.
func (w *Worker) Group(json.RawMessage) string { return "" }

// Most is 1.
func (w *Worker) Most() int { return 1 }

// AtOnce is 1.
func (w *Worker) AtOnce() int { return 1 }

// Check holds that there is such a recipe.
func (w *Worker) Check(_ context.Context, raw json.RawMessage) (json.RawMessage, error) {
	s, _, err := w.find(raw)
	if err != nil {
		return nil, err
	}
	return json.Marshal(s)
}

func (w *Worker) find(raw json.RawMessage) (Spec, place.Recipe, error) {
	var s Spec
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return s, place.Recipe{}, fmt.Errorf("this is no specification of a curation: %w", err)
	}
	r, err := w.places.FindRecipe(s.Recipe)
	return s, r, err
}

// Run curates one set.
func (w *Worker) Run(ctx context.Context, tasks []jobs.Task) error {
	for _, t := range tasks {
		err := w.curate(t)
		if err != nil && ctx.Err() != nil {
			return ctx.Err() // what is done is kept
		}
		t.Finish(err)
	}
	return nil
}

func (w *Worker) curate(t jobs.Task) error {
	_, found, err := w.find(t.Job().Spec)
	if err != nil {
		return err
	}
	recipe, err := curator.ReadRecipe(found.Path)
	if err != nil {
		return err
	}
	if err := place.CheckName(recipe.Name); err != nil {
		return fmt.Errorf("recipe: name: %w", err)
	}
	pace := turn.New(w.painting)
	t.Progress(jobs.Progress{Stage: "counting what was taken in"})
	sum, err := w.places.Home.Curate(t.Context(), recipe, filepath.Join(w.places.Curated, recipe.Name), curator.Options{
		Dir: filepath.Dir(found.Path), Threads: 1, // a processor, so that the others can paint
		Progress: func(p curator.Progress) {
			t.Progress(jobs.Progress{
				Stage: "preparing pictures", Done: float64(p.Done), Total: float64(p.Total), Rate: p.Rate, ETA: p.Left.Seconds(),
				Values: map[string]float64{"done before": float64(p.Reused)},
			})
			pace.Rest(t.Context())
		},
	})
	if err != nil {
		return err
	}
	text, err := json.Marshal(sum)
	if err != nil {
		return err
	}
	return t.Result(text, "application/json", map[string]any{"set": recipe.Name, "pictures": sum.Pictures})
}
