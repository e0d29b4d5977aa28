package clearance

import (
	"context"

	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/rights/ledger"
)

// Trained says what was trained on frozen sets.
type Trained struct {
	Name    string
	Weights digest.SHA256 // of the model file
	Place   string        // where it was trained, as the run file says
	Code    string        // version of Limner
	Sets    []string      // that it learnt from, as SetID names them
}

// RecordModel enters a model into the ledger, so that a claim on a picture finds
// the models that learnt from it. Recording the same file again is no event.
func RecordModel(ctx context.Context, l *ledger.Ledger, t Trained, actor string) error {
	fact := ledger.Model{
		ID: t.Name + "@" + t.Weights.String()[len("sha256:"):][:16], State: "active", Datasets: t.Sets,
		Place: t.Place, Code: t.Code, Weights: ledger.Digest(t.Weights),
	}
	for _, err := range l.Events(ctx, ledger.Query{Subject: ledger.Ref(ledger.KindModel, fact.ID), Limit: 1}) {
		return err // it is known, or cannot be read
	}
	b := &ledger.Batch{Actor: actor}
	b.Add(fact)
	_, err := l.Append(ctx, b)
	return err
}
