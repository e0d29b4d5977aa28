package ledger

import (
	"cmp"
	"slices"
	"time"
)

// RightsHolder is a person or company that holds rights in works.
type RightsHolder struct {
	ID       string `json:"id"`
	Name     string `json:"name,omitempty"`
	Contact  string `json:"contact,omitempty"`
	Identity string `json:"identity,omitempty"` // how the identity was proven
}

func (h RightsHolder) about() (Kind, string, []string) {
	return KindRightsHolder, Ref(KindRightsHolder, h.ID), nil
}
func (h RightsHolder) check() error { return checkID("rights holder", h.ID) }

// Work is what rights exist in, however many copies of it there are.
type Work struct {
	ID      string   `json:"id"`
	Title   string   `json:"title,omitempty"`
	Holders []string `json:"holders,omitempty"` // identifiers
	Rights  []string `json:"rights,omitempty"`  // copyright, neighbouring, database, personality, mark …
	Until   string   `json:"until,omitempty"`   // the last day of protection, where known
}

func (w Work) about() (Kind, string, []string) {
	return KindWork, Ref(KindWork, w.ID), refs(KindRightsHolder, w.Holders...)
}
func (w Work) check() error { return cmp.Or(checkID("work", w.ID), checkDates(w.Until)) }

// Copy is one file, known by its content.
type Copy struct {
	Content   Digest `json:"content"` // SHA-256 of the bytes as they came
	State     string `json:"state"`   // kept, held (a claim is open) or erased
	Source    string `json:"source,omitempty"`
	Work      string `json:"work,omitempty"`
	Path      string `json:"path,omitempty"` // within the source
	URL       string `json:"url,omitempty"`
	MediaType string `json:"media_type,omitempty"`
	Width     int64  `json:"width,omitempty"`  // pixels
	Height    int64  `json:"height,omitempty"` // pixels
	Bytes     int64  `json:"bytes,omitempty"`
	PDQ       string `json:"pdq,omitempty"`  // perceptual hash, hexadecimal
	ISCC      string `json:"iscc,omitempty"` // ISO 24138
	Title     string `json:"title,omitempty"`
	Creator   string `json:"creator,omitempty"`
}

func (c Copy) about() (Kind, string, []string) {
	return KindCopy, CopyRef(c.Content), slices.Concat(refs(KindSource, c.Source), refs(KindWork, c.Work))
}

func (c Copy) check() error {
	return cmp.Or(checkDigest("content", c.Content), checkNumbers(c.Width, c.Height, c.Bytes),
		checkOneOf("state", c.State, "kept", "held", "erased"))
}

// Licence is a statement of a licence for something: as written, and as read.
type Licence struct {
	Of         string `json:"of"`                   // reference to what it is stated for
	Written    string `json:"written"`              // as found
	Expression string `json:"expression,omitempty"` // SPDX; empty if the statement says nothing
	Where      string `json:"where,omitempty"`      // file and field it was found in
}

func (l Licence) about() (Kind, string, []string) { return KindLicence, l.Of, nil }
func (l Licence) check() error                    { return checkRefs("subject", l.Of) }

// Reservation is a signal about use for training, as observed.
type Reservation struct {
	Of       string    `json:"of"`                // reference to what it covers
	Protocol string    `json:"protocol"`          // robots.txt, tdmrep, aipref …
	Version  string    `json:"version,omitempty"` // of the protocol as read
	Value    string    `json:"value"`             // allow, deny or unknown
	Where    string    `json:"where,omitempty"`   // address, header or field
	Observed time.Time `json:"observed,omitzero"`
	Expires  time.Time `json:"expires,omitzero"`
}

func (r Reservation) about() (Kind, string, []string) { return KindReservation, r.Of, nil }

func (r Reservation) check() error {
	return cmp.Or(checkRefs("subject", r.Of), checkID("protocol", r.Protocol), checkOneOf("value", r.Value, "allow", "deny", "unknown"))
}
