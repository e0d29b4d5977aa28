package data

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/rights"
	"github.com/limner-ai/limner/studio/work/answer"
)

// decision is a row as clients see it.
type decision struct {
	Content digest.SHA256  `json:"content"`
	Source  string         `json:"source"`
	Path    string         `json:"path"`
	Outcome rights.Outcome `json:"outcome"`
	Codes   []rights.Code  `json:"codes"`
	Licence string         `json:"licence,omitempty"`
}

const (
	pageOfRows = 60
	maxPage    = 500
	maxWords   = 200
	// patience is how long a request waits for a table before it says how far
	// that is.
	patience = 1500 * time.Millisecond
)

// filter is which rows are asked for.
type filter struct {
	source, outcome, code, words string
	from, limit                  int
}

func filterOf(r *http.Request) (filter, error) {
	f := filter{source: r.FormValue("source"), outcome: r.FormValue("outcome"), code: r.FormValue("code"),
		words: strings.ToLower(strings.TrimSpace(r.FormValue("words"))), limit: pageOfRows}
	for name, to := range map[string]*int{"from": &f.from, "limit": &f.limit} {
		s := r.FormValue(name)
		if s == "" {
			continue
		}
		n, err := strconv.Atoi(s)
		if err != nil || n < 0 {
			return f, errors.New(name + ": want a number")
		}
		*to = n
	}
	if len(f.words) > maxWords {
		return f, errors.New("words: too long")
	}
	f.limit = min(max(f.limit, 1), maxPage)
	return f, nil
}

func (f filter) fits(x *row) bool {
	return (f.source == "" || x.Source == f.source) &&
		(f.outcome == "" || string(x.Outcome) == f.outcome) &&
		(f.code == "" || slices.Contains(x.Codes, rights.Code(f.code))) &&
		(f.words == "" || strings.Contains(strings.ToLower(x.Path), f.words) || strings.Contains(strings.ToLower(x.Licence), f.words) ||
			strings.HasPrefix(strings.TrimPrefix(x.Content.String(), "sha256:"), strings.TrimPrefix(f.words, "sha256:")))
}

func (d *Desk) decisions(w http.ResponseWriter, r *http.Request) {
	f, err := filterOf(r)
	if err != nil {
		answer.Error(w, http.StatusBadRequest, err)
		return
	}
	l, ok := d.ledger(w)
	if !ok {
		return
	}
	defer l.Close()
	t, err := d.decided(r.Context(), l)
	if err != nil {
		answer.Fail(w, err)
		return
	}
	select {
	case <-t.ready:
	case <-r.Context().Done():
		return
	case <-time.After(patience):
		answer.JSON(w, map[string]any{"deciding": true, "counted": t.counted.Load()})
		return
	}
	if t.err != nil {
		answer.Fail(w, t.err)
		return
	}
	rows, found := []decision{}, 0
	for i := range t.rows {
		x := &t.rows[i]
		if !f.fits(x) {
			continue
		}
		if found >= f.from && len(rows) < f.limit {
			rows = append(rows, decision(*x))
		}
		found++
	}
	tallies := t.tallies
	if tallies == nil {
		tallies = []*tally{}
	}
	answer.JSON(w, map[string]any{
		"decisions": rows, "found": found, "from": f.from, "total": t.total, "listed": len(t.rows),
		"outcomes": t.outcomes, "sources": t.sources, "tallies": tallies, "ruleset": t.ruleset,
	})
}
