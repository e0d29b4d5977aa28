package intake

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"

	"github.com/limner-ai/limner/rights/ledger"
	"github.com/limner-ai/limner/source"
)

// begin puts into the first batch what is said of the source as a whole, where
// the ledger does not have it yet.
func (r *recorder) begin(ctx context.Context) error {
	a := r.about
	fact := ledger.Source{ID: r.id, Type: string(a.Type), Name: clip(a.Name), Location: clip(a.Location), Version: clip(a.Version),
		Maker: clip(a.Maker), Completed: a.Completed, Renewed: a.Renewed, Works: a.Works}
	ref := ledger.Ref(ledger.KindSource, r.id)
	if err := r.once(ctx, ref, ledger.KindSource, fact); err != nil {
		return err
	}
	if a.Agreement != nil {
		if err := r.agreement(ctx, a.Agreement); err != nil {
			return err
		}
	}
	g, err := r.thing(ctx, ref)
	if err != nil {
		return err
	}
	var facts []stated
	for _, s := range a.Statements {
		facts = append(facts, statement(r.id, "", ref, s))
	}
	r.note(g, facts)
	return nil
}

// once adds a fact unless it is the last word already.
func (r *recorder) once(ctx context.Context, ref string, kind ledger.Kind, fact ledger.Fact, evidence ...ledger.Digest) error {
	q := ledger.Query{Subject: ref, Kinds: []ledger.Kind{kind}, Newest: true, Limit: 1}
	for e, err := range r.ledger.Events(ctx, q) {
		if err != nil {
			return err
		}
		was, err := json.Marshal(e.Fact)
		if err != nil {
			return err
		}
		is, err := json.Marshal(fact)
		if err != nil || bytes.Equal(was, is) {
			return err
		}
	}
	r.batch.Add(fact, evidence...)
	return nil
}

func (r *recorder) agreement(ctx context.Context, a *source.Agreement) error {
	if a.Document == nil || len(a.Document.Data) == 0 {
		return errors.New("its agreement has no document; give the file that was signed")
	}
	ref := ledger.Ref(ledger.KindAgreement, a.ID)
	covered := []string{r.id}
	for e, err := range r.ledger.Events(ctx, ledger.Query{Subject: ref, Kinds: []ledger.Kind{ledger.KindAgreement}, Newest: true, Limit: 1}) {
		if err != nil {
			return err
		}
		if was, ok := e.Fact.(ledger.Agreement); ok { // it may cover other sources too
			covered = append(covered, was.Sources...)
		}
	}
	slices.Sort(covered)
	fact := ledger.Agreement{ID: a.ID, State: "signed", Parties: a.Parties, Sources: slices.Compact(covered),
		Document: r.batch.Keep(a.Document.Data), Scope: a.Scope, Purposes: a.Purposes, Territory: a.Territory,
		From: a.From, Until: a.Until, Revocation: a.Revocation, Delete: a.Delete, Indemnity: a.Indemnity}
	if a.Revoked {
		fact.State = "revoked"
	}
	return r.once(ctx, ref, ledger.KindAgreement, fact, fact.Document)
}

// finish records what is left. After a whole run it is known what is not said
// any more of the source and its groups, and what was refused.
func (r *recorder) finish(ctx context.Context, whole bool) error {
	if r.failed {
		return nil
	}
	if whole {
		for _, ref := range slices.Sorted(maps.Keys(r.groups)) {
			g := r.groups[ref]
			for _, k := range slices.Sorted(maps.Keys(g.recorded)) {
				if !g.keys[k] {
					r.batch.Add(withdrawn(g.recorded[k]))
				}
			}
		}
		if err := r.report(ctx); err != nil {
			return err
		}
	}
	if err := r.append(ctx); err != nil {
		return err
	}
	if r.o.Progress != nil {
		r.o.Progress(r.progress())
	}
	return nil
}
