package ledger

import (
	"cmp"
	"slices"
	"time"
)

// Source is where copies come from: a folder, a package, a delivery, a site.
type Source struct {
	ID           string `json:"id"`
	Type         string `json:"type"` // internal, vendor, open, crawl or usage
	Name         string `json:"name,omitempty"`
	Location     string `json:"location,omitempty"` // address or path
	Version      string `json:"version,omitempty"`
	Risk         string `json:"risk,omitempty"`
	Jurisdiction string `json:"jurisdiction,omitempty"`
	// The database right: who made the collection, when it was completed, when
	// substantial investment last renewed it, how large it is.
	Maker     string `json:"maker,omitempty"`
	Completed string `json:"completed,omitempty"` // a day
	Renewed   string `json:"renewed,omitempty"`   // a day
	Works     int64  `json:"works,omitempty"`     // estimated number of works
	Bytes     int64  `json:"bytes,omitempty"`     // estimated size
}

func (s Source) about() (Kind, string, []string) { return KindSource, Ref(KindSource, s.ID), nil }

func (s Source) check() error {
	return cmp.Or(checkID("source", s.ID), checkDates(s.Completed, s.Renewed), checkNumbers(s.Works, s.Bytes),
		checkOneOf("type", s.Type, "internal", "vendor", "open", "crawl", "usage"))
}

// Agreement is what was agreed with those who may permit.
type Agreement struct {
	ID         string   `json:"id"`
	State      string   `json:"state"` // signed or revoked
	Parties    []string `json:"parties,omitempty"`
	Holders    []string `json:"holders,omitempty"`   // identifiers of rights holders
	Sources    []string `json:"sources,omitempty"`   // identifiers of the sources covered
	Document   Digest   `json:"document"`            // the agreement itself, kept as evidence
	Scope      string   `json:"scope,omitempty"`     // in words
	Purposes   []string `json:"purposes,omitempty"`  // train, output, sublicense
	Territory  []string `json:"territory,omitempty"` // ISO 3166 codes; none means everywhere
	From       string   `json:"from,omitempty"`      // a day
	Until      string   `json:"until,omitempty"`     // the last day
	Revocation string   `json:"revocation,omitempty"`
	Delete     bool     `json:"delete,omitempty"` // copies must be deleted at the end
	Indemnity  bool     `json:"indemnity,omitempty"`
}

func (a Agreement) about() (Kind, string, []string) {
	return KindAgreement, Ref(KindAgreement, a.ID), slices.Concat(refs(KindRightsHolder, a.Holders...), refs(KindSource, a.Sources...))
}

func (a Agreement) check() error {
	return cmp.Or(checkID("agreement", a.ID), checkDates(a.From, a.Until), checkDigest("document", a.Document),
		checkOneOf("state", a.State, "signed", "revoked"))
}

// Extraction is one taking from a source, for the meter of the database right.
type Extraction struct {
	Source string    `json:"source"`          // identifier
	By     string    `json:"by,omitempty"`    // who took
	Place  string    `json:"place,omitempty"` // where the taking machine stood
	Basis  string    `json:"basis"`           // on what ground there was access
	Copies int64     `json:"copies"`
	Bytes  int64     `json:"bytes"`
	Began  time.Time `json:"began,omitzero"`
	Ended  time.Time `json:"ended,omitzero"`
}

func (x Extraction) about() (Kind, string, []string) {
	return KindExtraction, Ref(KindSource, x.Source), nil
}

func (x Extraction) check() error {
	return cmp.Or(checkID("source", x.Source), checkID("basis", x.Basis), checkNumbers(x.Copies, x.Bytes))
}
