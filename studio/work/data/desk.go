// Package data shows what the studio may learn from: the sources, the decision
// on each copy and what it rests on, what curated sets cover, and the claims of
// rights holders. It records nothing but claims.
package data

import (
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/limner-ai/limner/internal/home"
	"github.com/limner-ai/limner/rights/ledger"
	"github.com/limner-ai/limner/studio/work/answer"
	"github.com/limner-ai/limner/studio/work/place"
)

// Desk answers for the data of a studio.
type Desk struct {
	places place.Places
	now    func() time.Time

	mu    sync.Mutex
	table *table // the decisions, as they were last made
}

// New returns a desk.
func New(p place.Places) *Desk { return &Desk{places: p, now: time.Now} }

// Routes mounts what clients may ask:
//
//	GET  /api/v1/data/sources                                    the catalogue, and recipes of curation
//	GET  /api/v1/data/decisions                                  ?source= &outcome= &code= &words= &from= &limit=
//	GET  /api/v1/data/pictures/{content}                         all that is known of a copy, and the decision
//	GET  /api/v1/data/pictures/{content}/picture                 what it shows, as PNG
//	GET  /api/v1/data/pictures/{content}/evidence/{evidence}     what a reason rests on, as text
//	GET  /api/v1/data/coverage                                   the curated sets
//	GET  /api/v1/data/coverage/{set}                             what one covers
//	GET  /api/v1/data/coverage/{set}/pictures/{picture}          an example out of that report
//	GET  /api/v1/data/claims                                     the claims
//	POST /api/v1/data/claims                                     a new one, which holds at once what it names
func (d *Desk) Routes(mux *http.ServeMux) {
	mux.HandleFunc("GET /api/v1/data/sources", d.sources)
	mux.HandleFunc("GET /api/v1/data/decisions", d.decisions)
	mux.HandleFunc("GET /api/v1/data/pictures/{content}", d.picture)
	mux.HandleFunc("GET /api/v1/data/pictures/{content}/picture", d.shown)
	mux.HandleFunc("GET /api/v1/data/pictures/{content}/evidence/{evidence}", d.evidence)
	mux.HandleFunc("GET /api/v1/data/coverage", d.curated)
	mux.HandleFunc("GET /api/v1/data/coverage/{set}", d.coverage)
	mux.HandleFunc("GET /api/v1/data/coverage/{set}/pictures/{picture}", d.example)
	mux.HandleFunc("GET /api/v1/data/claims", d.claims)
	mux.HandleFunc("POST /api/v1/data/claims", d.claim)
}

// ledger opens the ledger for a request, or answers.
func (d *Desk) ledger(w http.ResponseWriter) (*ledger.Ledger, bool) {
	l, err := d.places.Home.ReadLedger()
	switch {
	case errors.Is(err, home.ErrNoLedger):
		answer.Error(w, http.StatusNotFound, err)
	case err != nil:
		answer.Fail(w, err)
	default:
		return l, true
	}
	return nil, false
}
