// Package refresh is the studio's worker that takes in what sources of the
// catalogue have, crawls among them, as limner source refresh does: what is
// recorded already is passed over, so one that was stopped or killed goes on.
package refresh

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/limner-ai/limner/internal/home"
	"github.com/limner-ai/limner/rights/claim"
	"github.com/limner-ai/limner/rights/intake"
	"github.com/limner-ai/limner/rights/ledger"
	"github.com/limner-ai/limner/source"
	"github.com/limner-ai/limner/studio/jobs"
	"github.com/limner-ai/limner/studio/work/turn"
)

// Kind is the name of the worker.
const Kind = "refresh"

// Spec names sources of the catalogue, which the operator alone makes. No
// address that a client gives is ever fetched.
type Spec struct {
	Sources []string `json:"sources"`
}

const maxSources = 100

// Worker takes in sources. It implements jobs.Worker.
type Worker struct {
	home     home.Home
	place    string
	painting func() bool
}

// New returns a worker. Place is where this machine stands, for the record: an
// ISO 3166 code, or "". It gives way while painting reports that pictures are
// being made; nil: it never does.
func New(h home.Home, place string, painting func() bool) *Worker { return &Worker{h, place, painting} }

// Kind is "refresh".
func (w *Worker) Kind() string { return Kind }

// Group is "": every refresh is done alone.
func (w *Worker) Group(json.RawMessage) string { return "" }

// Most is 1.
func (w *Worker) Most() int { return 1 }

// AtOnce is 1: appends to the ledger take turns anyhow.
func (w *Worker) AtOnce() int { return 1 }

// Check holds that the catalogue has these sources.
func (w *Worker) Check(_ context.Context, raw json.RawMessage) (json.RawMessage, error) {
	s, _, err := w.find(raw)
	if err != nil {
		return nil, err
	}
	return json.Marshal(s)
}

func (w *Worker) find(raw json.RawMessage) (s Spec, out []home.Entry, err error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return s, nil, fmt.Errorf("this is no specification of a refresh: %w", err)
	}
	slices.Sort(s.Sources)
	s.Sources = slices.Compact(s.Sources)
	switch {
	case len(s.Sources) == 0:
		return s, nil, errors.New("sources: name at least one")
	case len(s.Sources) > maxSources:
		return s, nil, fmt.Errorf("sources: at most %d at once", maxSources)
	}
	for _, id := range s.Sources {
		e, err := w.home.Source(id)
		if err != nil {
			return s, nil, err
		}
		out = append(out, e)
	}
	return s, out, nil
}

// Run takes in the sources of one job after another.
func (w *Worker) Run(ctx context.Context, tasks []jobs.Task) error {
	for _, t := range tasks {
		err := w.refresh(t)
		if err != nil && ctx.Err() != nil {
			return ctx.Err() // what was taken is kept
		}
		t.Finish(err)
	}
	return nil
}

func (w *Worker) refresh(t jobs.Task) error {
	_, entries, err := w.find(t.Job().Spec)
	if err != nil {
		return err
	}
	l, err := w.home.OpenLedger()
	if err != nil {
		return err
	}
	defer l.Close()
	results := map[string]intake.Result{}
	refused := refusals{most: 200}
	for _, e := range entries {
		if results[e.ID], err = w.take(t, l, e, &refused); err != nil {
			return err
		}
	}
	held, err := claim.Extend(t.Context(), l, home.Actor())
	if err != nil {
		return err
	}
	text, err := json.Marshal(map[string]any{"sources": results, "held": held, "refused": refused.lines})
	if err != nil {
		return err
	}
	return t.Result(text, "application/json", map[string]any{"sources": results, "held": held})
}

func (w *Worker) take(t jobs.Task, l *ledger.Ledger, e home.Entry, refused *refusals) (intake.Result, error) {
	t.Progress(jobs.Progress{Stage: "opening " + e.ID})
	src, err := w.home.Open(t.Context(), e, func(line string) {
		t.Progress(jobs.Progress{Stage: e.ID + ": " + strings.TrimSpace(line)})
	})
	if err != nil {
		return intake.Result{}, err
	}
	pace := turn.New(w.painting)
	return intake.Run(t.Context(), src, e.ID, l, w.home.Objects(), intake.Options{
		Actor: home.Actor(), Place: w.place, Refused: refused.add,
		Workers: 1, // painting is not kept waiting
		Progress: func(p intake.Progress) {
			t.Progress(jobs.Progress{
				Stage: "taking in " + e.ID, Done: float64(p.Items), Total: float64(p.Works), Rate: p.Rate(), ETA: p.Left().Seconds(),
				Values: map[string]float64{"new": float64(p.New), "changed": float64(p.Changed), "unchanged": float64(p.Unchanged),
					"blocked": float64(p.Blocked), "refused": float64(refused.count())},
			})
			pace.Rest(t.Context())
		},
	})
}

// refusals are what sources refused; some of it in words. It is told from more
// than one goroutine.
type refusals struct {
	mu    sync.Mutex
	most  int
	n     int
	lines []string
}

func (r *refusals) add(x *source.Refused) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.n++; len(r.lines) < r.most {
		r.lines = append(r.lines, strings.ReplaceAll(x.Error(), "\n", " "))
	}
}

func (r *refusals) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.n
}
