package home

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/limner-ai/limner/dataset/clearance"
	"github.com/limner-ai/limner/dataset/frozen"
	"github.com/limner-ai/limner/internal/basis"
	"github.com/limner-ai/limner/model/trained"
	"github.com/limner-ai/limner/rights"
	"github.com/limner-ai/limner/rights/ledger"
)

// Desk decides by the policy of the folder.
func (h Home) Desk(ctx context.Context, l *ledger.Ledger, purpose, territory string) (*clearance.Desk, error) {
	p, err := h.Policy()
	if err != nil {
		return nil, err
	}
	ask := rights.Request{Purpose: purpose, Territory: territory, At: time.Now().UTC()}
	return clearance.Open(ctx, l, p, ask, Actor())
}

// Recheck asks, before a training on the frozen set in dir, whether all of its
// pictures may still be used, as far as this ledger knows. The note is a line
// for people.
func (h Home) Recheck(ctx context.Context, dir string, progress func(done, total int)) (note string, err error) {
	m, err := frozen.ReadManifest(dir)
	if err != nil {
		return "", err
	}
	if m.Purpose != "train" {
		return "", fmt.Errorf("data: the set was frozen for the purpose %q, not for training: freeze it anew", m.Purpose)
	}
	l, err := h.ReadLedger()
	if errors.Is(err, ErrNoLedger) {
		return "no ledger here: whether a claim has come since the freeze is not known", nil
	}
	if err != nil {
		return "", err
	}
	defer l.Close()
	desk, err := h.Desk(ctx, l, m.Purpose, m.Territory)
	if err != nil {
		return "", err
	}
	if err := desk.Recheck(ctx, dir, func(done int) { progress(done, m.Pictures) }); err != nil {
		return "", fmt.Errorf("data: %w", err)
	}
	return "all pictures of the set may still be used", nil
}

// RecordModel enters the model in a file into the ledger, if there is one, with
// all frozen sets that it learnt from: the one that it was trained on, and those of
// what it began with and of what it contains. A model that learnt from none is not
// entered: no claim could lead there.
func (h Home) RecordModel(ctx context.Context, path string) error {
	m, text, err := trained.ReadManifest(path)
	if err != nil {
		return err
	}
	t := clearance.Trained{Name: m.Name, Place: m.Made.Place, Code: m.Made.Code}
	for _, g := range m.Grounds() {
		if g.Basis.Status == basis.Recorded {
			t.Sets = append(t.Sets, clearance.SetID(g.Basis.Set, g.Basis.Root))
		}
	}
	if len(t.Sets) == 0 {
		return nil
	}
	l, err := h.WriteLedger()
	if errors.Is(err, ErrNoLedger) {
		return nil
	}
	if err != nil {
		return err
	}
	defer l.Close()
	if err := t.Weights.UnmarshalText([]byte(text)); err != nil {
		return err
	}
	return clearance.RecordModel(ctx, l, t, Actor())
}
