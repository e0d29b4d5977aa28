package data

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/limner-ai/limner/internal/home"
	"github.com/limner-ai/limner/rights"
	"github.com/limner-ai/limner/rights/claim"
	"github.com/limner-ai/limner/rights/ledger"
	"github.com/limner-ai/limner/studio/work/answer"
)

// claimed is a claim as clients see it. How the holder is reached is not shown.
type claimed struct {
	ID       string          `json:"id"`
	State    string          `json:"state"`
	Standing rights.Standing `json:"standing"`
	Holder   string          `json:"holder"`
	Names    []string        `json:"names"`
	Reasons  []string        `json:"reasons"`
	Copies   int             `json:"copies"`
	Matches  []string        `json:"matches"` // some of them
}

const matchesShown = 24

func (d *Desk) claims(w http.ResponseWriter, r *http.Request) {
	l, err := d.places.Home.ReadLedger()
	if errors.Is(err, home.ErrNoLedger) {
		answer.JSON(w, map[string]any{"claims": []claimed{}})
		return
	}
	if err != nil {
		answer.Fail(w, err)
		return
	}
	defer l.Close()
	cases, err := rights.Cases(r.Context(), l)
	if err != nil {
		answer.Fail(w, err)
		return
	}
	out := []claimed{}
	for _, k := range cases {
		x := claimed{ID: k.ID, State: k.State, Standing: k.Standing, Names: k.Names, Reasons: k.Reasons, Matches: []string{}}
		if s, err := claim.Submitted(r.Context(), l, k); err == nil {
			x.Holder = s.Holder
		}
		for _, ref := range slices.Sorted(maps.Keys(k.Matches)) {
			if !k.Matches[ref] {
				continue
			}
			if x.Copies++; len(x.Matches) < matchesShown {
				x.Matches = append(x.Matches, strings.TrimPrefix(ref, string(ledger.KindCopy)+":"))
			}
		}
		out = append(out, x)
	}
	answer.JSON(w, map[string]any{"claims": out})
}

// handed is what a form hands in.
type handed struct {
	Holder   string   `json:"holder"`
	Contact  string   `json:"contact"`
	Words    string   `json:"words"`
	Digests  []string `json:"digests"`
	URLs     []string `json:"urls"`
	Creators []string `json:"creators"`
	Paths    []string `json:"paths"`
	Picture  []byte   `json:"picture"` // base64 in JSON: the file, and all that looks like it
	Name     string   `json:"name"`    // of the file
}

const (
	maxHanded = 12 << 20 // bytes
	maxNames  = 100
	maxText   = 4000 // characters
)

func (h handed) check() error {
	for name, s := range map[string]string{"holder": h.Holder, "contact": h.Contact, "words": h.Words, "name": h.Name} {
		if utf8.RuneCountInString(s) > maxText || !utf8.ValidString(s) {
			return fmt.Errorf("%s: want at most %d characters", name, maxText)
		}
	}
	if len(h.Digests)+len(h.URLs)+len(h.Creators)+len(h.Paths) > maxNames {
		return fmt.Errorf("at most %d works can be named at once here; see limner rights claim open", maxNames)
	}
	for _, list := range [][]string{h.Digests, h.URLs, h.Creators, h.Paths} {
		for _, s := range list {
			if len(s) > maxText {
				return errors.New("a name of a work is too long")
			}
		}
	}
	return nil
}

func (d *Desk) claim(w http.ResponseWriter, r *http.Request) {
	var h handed
	in := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxHanded))
	in.DisallowUnknownFields()
	if err := in.Decode(&h); err != nil {
		answer.Error(w, http.StatusBadRequest, fmt.Errorf("this is no claim: %w", err))
		return
	}
	if err := h.check(); err != nil {
		answer.Error(w, http.StatusBadRequest, err)
		return
	}
	s := claim.Submission{Holder: strings.TrimSpace(h.Holder), Contact: h.Contact, Words: h.Words}
	s.Names.URLs, s.Names.Creators, s.Names.Paths = h.URLs, h.Creators, h.Paths
	for _, text := range h.Digests {
		x, err := ledger.ParseDigest(strings.TrimPrefix(strings.TrimSpace(text), "sha256:"))
		if err != nil {
			answer.Error(w, http.StatusBadRequest, fmt.Errorf("digests: %w", err))
			return
		}
		s.Names.Contents = append(s.Names.Contents, x)
	}
	note := ""
	if len(h.Picture) > 0 {
		if err := s.Names.Show(r.Context(), h.Name, h.Picture); err != nil {
			note = err.Error() // the file itself is claimed all the same
		}
	}
	l, err := d.places.Home.WriteLedger()
	if errors.Is(err, home.ErrNoLedger) {
		answer.Error(w, http.StatusConflict, errors.New("nothing was taken in here, so there is nothing to claim"))
		return
	}
	if err != nil {
		answer.Fail(w, err)
		return
	}
	defer l.Close()
	opened, err := claim.Open(r.Context(), l, home.Actor(), s)
	switch {
	case errors.Is(err, ledger.ErrBusy):
		w.Header().Set("Retry-After", "10")
		answer.Error(w, http.StatusServiceUnavailable, err)
	case err != nil:
		answer.Error(w, http.StatusBadRequest, err)
	default:
		answer.JSON(w, map[string]any{"id": opened.ID, "held": len(opened.Matches), "note": note})
	}
}
