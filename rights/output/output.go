// Package output enters pictures that models made into the ledger, so that a
// claim on what a model learnt from finds them. What was made by a model of a set
// that the ledger does not know is not entered: no claim could lead there.
package output

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"sync"

	"github.com/limner-ai/limner/rights/ledger"
)

// Model is what made a picture.
type Model struct {
	Name    string
	Weights ledger.Digest // of the model file
	Roots   []string      // of the data sets that it learnt from, as package proof names them
	Code    string        // version of Limner that trained it
}

// Picture is what was made.
type Picture struct {
	ID        string // the same for the same picture made again
	Content   ledger.Digest
	Watermark string          // the id in it, "" without one
	Nearest   []ledger.Digest // contents of the training pictures that it is too near to
}

// Recorder gathers pictures and enters them together. Its methods may be called
// from any goroutine.
type Recorder struct {
	l     *ledger.Ledger
	actor string

	mu      sync.Mutex
	models  map[ledger.Digest]string // identifiers
	batch   *ledger.Batch
	pending map[string]bool // pictures in the batch
}

// Bounds of a batch.
const (
	most  = 256       // events that are entered at once at the latest
	bound = 16 * most // events that wait for a ledger that cannot be written
)

// New records in a ledger that is open for writing.
func New(l *ledger.Ledger, actor string) *Recorder {
	r := &Recorder{l: l, actor: actor, models: map[ledger.Digest]string{}}
	r.clear()
	return r
}

func (r *Recorder) clear() { r.batch, r.pending = &ledger.Batch{Actor: r.actor}, map[string]bool{} }

// Enter takes note of a picture. It is in the ledger after the next Flush.
func (r *Recorder) Enter(ctx context.Context, m Model, p Picture) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	id, err := r.model(ctx, m)
	if err != nil || id == "" || r.pending[p.ID] {
		return err
	}
	// The same picture made again may be another file, as signatures differ.
	if known, err := r.known(ctx, ledger.Ref(ledger.KindOutput, p.ID)); known || err != nil {
		return err
	}
	r.batch.Add(ledger.Output{ID: p.ID, Model: id, Content: p.Content, Watermark: p.Watermark, Nearest: p.Nearest})
	r.pending[p.ID] = true
	if r.batch.Len()%most == 0 { // not with every picture while a ledger is busy
		return r.flush(ctx)
	}
	return nil
}

// Flush enters what was gathered.
func (r *Recorder) Flush(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.flush(ctx)
}

func (r *Recorder) flush(ctx context.Context) error {
	if r.batch.Len() == 0 {
		return nil
	}
	_, err := r.l.Append(ctx, r.batch)
	switch n := r.batch.Len(); {
	case err == nil:
		r.clear()
	case n >= bound:
		r.clear()
		clear(r.models) // those of the batch are to be entered again
		err = fmt.Errorf("%d events on pictures that were made are lost to the ledger: %w", n, err)
	}
	return err // what was gathered is tried again with the next
}

// model gives the identifier of a model in the ledger, which it enters if the
// ledger knows a set of its but not the model, as after it was exported.
func (r *Recorder) model(ctx context.Context, m Model) (string, error) {
	if id, ok := r.models[m.Weights]; ok {
		return id, nil
	}
	sets, err := r.sets(ctx, m.Roots)
	if err != nil || len(sets) == 0 {
		return "", err
	}
	id := m.Name + "@" + hex.EncodeToString(m.Weights[:])[:16]
	known, err := r.known(ctx, ledger.Ref(ledger.KindModel, id))
	if err != nil {
		return "", err
	}
	if !known {
		r.batch.Add(ledger.Model{ID: id, State: "active", Datasets: sets, Code: m.Code, Weights: m.Weights})
	}
	r.models[m.Weights] = id
	return id, nil
}

// sets gives the identifiers of the data sets with these roots, as far as the
// ledger knows them.
func (r *Recorder) sets(ctx context.Context, roots []string) (ids []string, err error) {
	for e, err := range r.l.Events(ctx, ledger.Query{Kinds: []ledger.Kind{ledger.KindDataset}}) {
		if err != nil {
			return nil, err
		}
		if set, ok := e.Fact.(ledger.Dataset); ok && slices.Contains(roots, set.Root) && !slices.Contains(ids, set.ID) {
			ids = append(ids, set.ID)
		}
	}
	return ids, nil
}

func (r *Recorder) known(ctx context.Context, subject string) (bool, error) {
	for _, err := range r.l.Events(ctx, ledger.Query{Subject: subject, Limit: 1}) {
		return err == nil, err
	}
	return false, nil
}
