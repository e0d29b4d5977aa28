// Package diagnose is the studio's worker that has a model make pictures, has
// inspectors look at them, and says what the training set has to do with what
// goes wrong.
package diagnose

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/limner-ai/limner/dataset/frozen"
	"github.com/limner-ai/limner/dataset/picture"
	doctor "github.com/limner-ai/limner/diagnose"
	"github.com/limner-ai/limner/generate"
	"github.com/limner-ai/limner/inspect"
	"github.com/limner-ai/limner/inspect/all"
	"github.com/limner-ai/limner/studio/jobs"
	"github.com/limner-ai/limner/studio/paint"
	"github.com/limner-ai/limner/studio/work/place"
	"github.com/limner-ai/limner/studio/work/turn"
)

// Kind is the name of the worker.
const Kind = "diagnose"

// Spec is what a client asks for.
type Spec struct {
	Model    string   `json:"model,omitempty"`    // "": the one that comes with Limner
	N        int      `json:"n,omitempty"`        // pictures to make; 0: 60
	Training int      `json:"training,omitempty"` // training pictures to compare with; 0: 60
	Steps    int      `json:"steps,omitempty"`
	Seed     uint64   `json:"seed,omitempty"`
	Prompts  []string `json:"prompts,omitempty"` // none: captions of the training set
}

// Bounds of a diagnosis.
const (
	usual      = 60
	maxN       = 400
	maxPrompts = 400
)

// Options are what a worker stands on.
type Options struct {
	Shelf    *paint.Shelf
	Library  *place.Library
	Cache    string      // folder where what was found in training pictures is kept
	Painting func() bool // whether pictures are being made, to which a diagnosis gives way; nil: never
}

// Worker diagnoses. It implements jobs.Worker.
type Worker struct{ o Options }

// New returns a worker.
func New(o Options) *Worker { return &Worker{o} }

// Kind is "diagnose".
func (w *Worker) Kind() string { return Kind }

// Group is "": every diagnosis is done alone.
func (w *Worker) Group(json.RawMessage) string { return "" }

// Most is 1.
func (w *Worker) Most() int { return 1 }

// AtOnce is 1.
func (w *Worker) AtOnce() int { return 1 }

// Check refuses what cannot be done, and fills in what was left open.
func (w *Worker) Check(ctx context.Context, raw json.RawMessage) (json.RawMessage, error) {
	var s Spec
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return nil, fmt.Errorf("this is no specification of a diagnosis: %w", err)
	}
	m, err := w.o.Shelf.Model(ctx, s.Model)
	if err != nil {
		return nil, err
	}
	if s.Model = m.Name; s.N == 0 {
		s.N = usual
	}
	if s.Training == 0 {
		s.Training = usual
	}
	switch {
	case s.N < 1 || s.N > maxN || s.Training < 0 || s.Training > maxN:
		return nil, fmt.Errorf("n and training: want 1 to %d pictures", maxN)
	case s.Steps < 0 || s.Steps > paint.MaxSteps:
		return nil, fmt.Errorf("steps: want at most %d", paint.MaxSteps)
	case len(s.Prompts) > maxPrompts:
		return nil, fmt.Errorf("prompts: want at most %d", maxPrompts)
	}
	for _, p := range s.Prompts {
		if len(p) > paint.MaxPrompt {
			return nil, fmt.Errorf("prompts: one has more than %d bytes", paint.MaxPrompt)
		}
	}
	return json.Marshal(s)
}

// Run diagnoses one model.
func (w *Worker) Run(ctx context.Context, tasks []jobs.Task) error {
	for _, t := range tasks {
		err := w.diagnose(t)
		if err != nil && ctx.Err() != nil {
			return ctx.Err() // what was found in training pictures is kept
		}
		t.Finish(err)
	}
	return nil
}

func (w *Worker) diagnose(t jobs.Task) error {
	var s Spec
	if err := json.Unmarshal(t.Job().Spec, &s); err != nil {
		return err
	}
	ctx := t.Context()
	m, err := w.o.Shelf.Model(ctx, s.Model)
	if err != nil {
		return err
	}
	set, root, err := w.set(ctx, m)
	if err != nil {
		return err
	}
	panel, err := all.Open(inspect.Env{Threads: 1})
	if err != nil {
		return err
	}
	pace := turn.New(w.o.Painting)
	o := doctor.Options{
		N: s.N, Seed: s.Seed, Steps: s.Steps, Prompts: s.Prompts, Root: root, Training: s.Training, Cache: w.o.Cache,
		Progress: func(stage string, done, of int) {
			t.Progress(jobs.Progress{Stage: stage, Done: float64(done), Total: float64(of)})
			pace.Rest(ctx)
		},
	}
	if set == nil {
		o.Training = 0
	}
	var r *doctor.Report
	err = w.o.Shelf.Alone(ctx, s.Model, func(g *generate.Generator) error {
		r, err = doctor.Run(ctx, g, set, panel, o)
		return err
	})
	if err = errors.Join(err, panel.Close()); err != nil {
		return err
	}
	text, err := written(r)
	if err != nil {
		return err
	}
	return t.Result(text, "application/json", map[string]any{"model": s.Model, "digest": m.Digest, "n": r.N, "faulty": r.Faulty})
}

// set is the training set of a model, nil if it is not here.
func (w *Worker) set(ctx context.Context, m paint.Model) (picture.Set, string, error) {
	set, err := w.o.Library.Open(ctx, m.Manifest.Data)
	if errors.Is(err, place.ErrNoSet) {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", err
	}
	if f, ok := set.(*frozen.Set); ok {
		return set, f.Manifest().Root.Root.String(), nil
	}
	return set, m.Root, nil
}

// written is a report as JSON, with the pictures of its examples.
func written(r *doctor.Report) ([]byte, error) {
	var plain bytes.Buffer
	if err := r.Write(&plain, doctor.JSON); err != nil {
		return nil, err
	}
	var tree map[string]any
	if err := json.Unmarshal(plain.Bytes(), &tree); err != nil {
		return nil, err
	}
	pictures := [][][]string{} // by inspector, fault and example
	for _, in := range r.Inspectors {
		faults := [][]string{}
		for _, f := range in.Faults {
			shown := []string{}
			for _, e := range f.Examples {
				shown = append(shown, strings.TrimSpace(string(e.Picture())))
			}
			faults = append(faults, shown)
		}
		pictures = append(pictures, faults)
	}
	tree["pictures"] = pictures
	return json.Marshal(tree)
}
