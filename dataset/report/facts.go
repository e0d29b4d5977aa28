package report

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/limner-ai/limner/dataset/frozen"
	"github.com/limner-ai/limner/rights/ledger"
)

// Facts is what is known of a frozen set.
type Facts struct {
	Set     frozen.Manifest `json:"set"`
	Frozen  frozen.Freeze   `json:"frozen"`
	Sources []Source        `json:"sources"`
}

// Source is one source of the set's pictures.
type Source struct {
	ledger.Source
	Pictures   int                `json:"pictures"` // in the set
	Taken      ledger.Taken       `json:"taken"`    // from the source in all
	First      time.Time          `json:"first,omitzero"`
	Last       time.Time          `json:"last,omitzero"`
	Basis      []string           `json:"basis,omitempty"` // grounds of access
	By         []string           `json:"by,omitempty"`    // who took, such as a crawler
	Agreements []ledger.Agreement `json:"agreements,omitempty"`
	Licences   []string           `json:"licences,omitempty"` // stated for the source as a whole
	Reserved   map[string]int     `json:"reserved,omitempty"` // reservations that deny, by protocol
	Unrecorded bool               `json:"unrecorded,omitempty"`
}

// Gather reads what the ledger knows of a set's sources. A nil ledger gives the
// set's own facts, with every source unrecorded.
func Gather(ctx context.Context, dir string, l *ledger.Ledger) (Facts, error) {
	m, err := frozen.ReadManifest(dir)
	if err != nil {
		return Facts{}, err
	}
	f := Facts{Set: m}
	if f.Frozen, err = frozen.ReadFreeze(dir); err != nil {
		return f, err
	}
	for id, n := range m.Sources {
		s := Source{Source: ledger.Source{ID: id}, Pictures: n, Unrecorded: true}
		if l != nil {
			if err := s.read(ctx, l); err != nil {
				return f, fmt.Errorf("what the ledger knows of the source %s: %w", id, err)
			}
		}
		f.Sources = append(f.Sources, s)
	}
	slices.SortFunc(f.Sources, func(a, b Source) int { return b.Pictures - a.Pictures })
	return f, nil
}

func (s *Source) read(ctx context.Context, l *ledger.Ledger) error {
	ref := ledger.Ref(ledger.KindSource, s.ID)
	s.Reserved = map[string]int{}
	kinds := []ledger.Kind{ledger.KindSource, ledger.KindExtraction, ledger.KindLicence, ledger.KindReservation}
	for e, err := range l.Events(ctx, ledger.Query{Subject: ref, Kinds: kinds}) {
		if err != nil {
			return err
		}
		switch fact := e.Fact.(type) {
		case ledger.Source:
			s.Source, s.Unrecorded = fact, false
		case ledger.Extraction:
			s.took(e, fact)
		case ledger.Licence:
			if fact.Expression != "" && !fact.Withdrawn && !slices.Contains(s.Licences, fact.Expression) {
				s.Licences = append(s.Licences, fact.Expression)
			}
		case ledger.Reservation:
			s.reserve(fact)
		}
	}
	for e, err := range l.Events(ctx, ledger.Query{Mentions: ref, Kinds: []ledger.Kind{ledger.KindAgreement, ledger.KindReservation}}) {
		if err != nil {
			return err
		}
		switch fact := e.Fact.(type) {
		case ledger.Agreement:
			s.Agreements = slices.DeleteFunc(s.Agreements, func(a ledger.Agreement) bool { return a.ID == fact.ID })
			s.Agreements = append(s.Agreements, fact)
		case ledger.Reservation:
			s.reserve(fact)
		}
	}
	var err error
	s.Taken, err = l.Extracted(ctx, s.ID, time.Time{}, time.Time{})
	if errors.Is(err, ledger.ErrNotFound) {
		err = nil
	}
	return err
}

func (s *Source) reserve(r ledger.Reservation) {
	if r.Value == "deny" && !r.Withdrawn {
		s.Reserved[r.Protocol]++
	}
}

func (s *Source) took(e ledger.Event, x ledger.Extraction) {
	began, ended := x.Began, x.Ended
	if began.IsZero() {
		began = e.Time
	}
	if ended.IsZero() {
		ended = e.Time
	}
	if s.First.IsZero() || began.Before(s.First) {
		s.First = began
	}
	if ended.After(s.Last) {
		s.Last = ended
	}
	if !slices.Contains(s.Basis, x.Basis) {
		s.Basis = append(s.Basis, x.Basis)
	}
	if x.By != "" && !slices.Contains(s.By, x.By) {
		s.By = append(s.By, x.By)
	}
}
