package data

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/limner-ai/limner/internal/home"
	"github.com/limner-ai/limner/rights/ledger"
	"github.com/limner-ai/limner/studio/work/answer"
)

// source is one of the catalogue, with what was taken from it.
type source struct {
	ID       string    `json:"id"`
	Kind     string    `json:"kind"`
	Name     string    `json:"name,omitempty"`
	Version  string    `json:"version,omitempty"`
	Location string    `json:"location,omitempty"` // an address, never a folder of this machine
	Type     string    `json:"type,omitempty"`     // ground on which pictures are taken
	Works    int64     `json:"works,omitempty"`    // that it says it holds
	Taken    int64     `json:"taken"`              // files, over all time
	Bytes    int64     `json:"bytes"`
	Takings  int64     `json:"takings"`
	Last     time.Time `json:"last,omitzero"`
	Basis    string    `json:"basis,omitempty"` // of the last taking
}

func (d *Desk) sources(w http.ResponseWriter, r *http.Request) {
	entries, err := d.places.Home.Sources()
	if err != nil {
		answer.Fail(w, err)
		return
	}
	l, err := d.places.Home.ReadLedger()
	if err != nil && !errors.Is(err, home.ErrNoLedger) {
		answer.Fail(w, err)
		return
	}
	if l != nil {
		defer l.Close()
	}
	out := []source{}
	for _, e := range entries {
		x := source{ID: e.ID, Kind: e.Kind}
		if l != nil {
			if err := x.take(r.Context(), l); err != nil {
				answer.Fail(w, err)
				return
			}
		}
		out = append(out, x)
	}
	answer.JSON(w, map[string]any{"sources": out, "ledger": l != nil, "recipes": d.places.AllRecipes()})
}

// take reads from the ledger what was taken.
func (x *source) take(ctx context.Context, l *ledger.Ledger) error {
	t, err := l.Extracted(ctx, x.ID, time.Time{}, time.Time{})
	if err != nil {
		return err
	}
	x.Taken, x.Bytes, x.Takings = t.Copies, t.Bytes, t.Takings
	ref := ledger.Ref(ledger.KindSource, x.ID)
	for _, kind := range []ledger.Kind{ledger.KindExtraction, ledger.KindSource} {
		for e, err := range l.Events(ctx, ledger.Query{Subject: ref, Kinds: []ledger.Kind{kind}, Newest: true, Limit: 1}) {
			if err != nil {
				return err
			}
			switch f := e.Fact.(type) {
			case ledger.Extraction:
				x.Last, x.Basis = e.Time, f.Basis
			case ledger.Source:
				x.Name, x.Version, x.Type, x.Works = f.Name, f.Version, f.Type, f.Works
				if addressed(f.Location) {
					x.Location = f.Location
				}
			}
		}
	}
	return nil
}
