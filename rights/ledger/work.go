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
	PDQ       string `json:"pdq,omitempty"`         // perceptual hash, hexadecimal
	Quality   int64  `json:"pdq_quality,omitempty"` // 0 (flat: its hash says little) to 100
	ISCC      string `json:"iscc,omitempty"`        // ISO 24138
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

// Licence is a statement on rights in something: as written, and as read. The
// same words from the same source, path and place are one statement, of which
// the newest event counts.
type Licence struct {
	Of         string `json:"of"`                   // reference to what it is stated for
	Source     string `json:"source,omitempty"`     // identifier of the source that states it
	Path       string `json:"path,omitempty"`       // within the source, if it is about that file alone
	Form       string `json:"form,omitempty"`       // expression, debian, text, prose, notice or own
	Written    string `json:"written"`              // as found; of a long text the beginning
	Expression string `json:"expression,omitempty"` // SPDX; empty if the statement names no licence
	Coverage   int64  `json:"coverage,omitempty"`   // percent of a text that belongs to the licences found in it
	Where      string `json:"where,omitempty"`      // file and field it was found in
	Flag       string `json:"flag,omitempty"`       // a doubt about whether it is about the thing at all
	Withdrawn  bool   `json:"withdrawn,omitempty"`  // it was looked for again and is gone
}

func (l Licence) about() (Kind, string, []string) { return KindLicence, l.Of, nil }
func (l Licence) check() error {
	return cmp.Or(checkRefs("subject", l.Of), checkNumbers(l.Coverage))
}

// Reservation is a signal about use for training, as observed. The same words of
// a protocol from the same source, path and place are one signal, of which the
// newest event counts.
type Reservation struct {
	Of        string    `json:"of"`                // reference to what it covers
	Source    string    `json:"source,omitempty"`  // identifier of the source by which it was observed
	Path      string    `json:"path,omitempty"`    // within the source
	Protocol  string    `json:"protocol"`          // robots, tdmrep, aipref …
	Version   string    `json:"version,omitempty"` // of the protocol as read
	Value     string    `json:"value"`             // allow, deny, needs-licence or unknown
	Raw       string    `json:"raw,omitempty"`     // as written
	Where     string    `json:"where,omitempty"`   // address, header or field
	Defect    string    `json:"defect,omitempty"`  // what could not be read
	Observed  time.Time `json:"observed,omitzero"`
	Expires   time.Time `json:"expires,omitzero"`
	Withdrawn bool      `json:"withdrawn,omitempty"` // it was looked for again and is gone
}

func (r Reservation) about() (Kind, string, []string) { return KindReservation, r.Of, nil }

func (r Reservation) check() error {
	return cmp.Or(checkRefs("subject", r.Of), checkID("protocol", r.Protocol), checkOneOf("value", r.Value, "allow", "deny", "needs-licence", "unknown"))
}
