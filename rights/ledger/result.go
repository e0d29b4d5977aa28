package ledger

import (
	"cmp"
	"errors"
	"slices"
	"time"
)

// Decision says whether a copy may be used, and why.
type Decision struct {
	Copy      Digest    `json:"copy"`
	Purpose   string    `json:"purpose"`
	Territory string    `json:"territory,omitempty"`
	Outcome   string    `json:"outcome"` // allow, deny or quarantine
	Reasons   []string  `json:"reasons"`
	Basis     []string  `json:"basis,omitempty"` // references to agreements and claims it rests on
	Ruleset   string    `json:"ruleset"`         // version of the rules
	Expires   time.Time `json:"expires,omitzero"`
}

func (d Decision) about() (Kind, string, []string) {
	return KindDecision, CopyRef(d.Copy), slices.Clone(d.Basis)
}

func (d Decision) check() error {
	err := cmp.Or(checkDigest("copy", d.Copy), checkRefs("basis", d.Basis...), checkID("purpose", d.Purpose),
		checkID("ruleset", d.Ruleset), checkOneOf("outcome", d.Outcome, "allow", "deny", "quarantine"))
	if err == nil && len(d.Reasons) == 0 {
		err = errors.New("there is no reason")
	}
	return err
}

// Dataset is a frozen set of pictures.
type Dataset struct {
	ID       string   `json:"id"`
	Root     string   `json:"root"`     // Merkle root over its contents' digests
	Manifest Digest   `json:"manifest"` // the list of its contents
	Recipe   Digest   `json:"recipe,omitzero"`
	Sources  []string `json:"sources,omitempty"` // identifiers
	Replaces string   `json:"replaces,omitempty"`
	Ruleset  string   `json:"ruleset,omitempty"`
	Copies   int64    `json:"copies"`
	Bytes    int64    `json:"bytes,omitempty"`
}

func (d Dataset) about() (Kind, string, []string) {
	return KindDataset, Ref(KindDataset, d.ID), slices.Concat(refs(KindSource, d.Sources...), refs(KindDataset, d.Replaces))
}

func (d Dataset) check() error {
	return cmp.Or(checkID("data set", d.ID), checkID("root", d.Root), checkDigest("manifest", d.Manifest), checkNumbers(d.Copies, d.Bytes))
}

// Model is a trained model.
type Model struct {
	ID       string   `json:"id"`
	State    string   `json:"state"`              // active, suspended or withdrawn
	Datasets []string `json:"datasets,omitempty"` // identifiers
	Base     string   `json:"base,omitempty"`     // the model that it continues
	Place    string   `json:"place,omitempty"`    // where it was trained
	Code     string   `json:"code,omitempty"`     // version of Limner
	Weights  Digest   `json:"weights"`
}

func (m Model) about() (Kind, string, []string) {
	return KindModel, Ref(KindModel, m.ID), slices.Concat(refs(KindDataset, m.Datasets...), refs(KindModel, m.Base))
}

func (m Model) check() error {
	return cmp.Or(checkID("model", m.ID), checkDigest("weights", m.Weights), checkOneOf("state", m.State, "active", "suspended", "withdrawn"))
}

// Output is a picture that a model made.
type Output struct {
	ID          string   `json:"id"`
	Model       string   `json:"model"` // identifier
	Content     Digest   `json:"content"`
	Manifest    Digest   `json:"manifest,omitzero"`
	Watermark   string   `json:"watermark,omitempty"`
	Fingerprint string   `json:"fingerprint,omitempty"`
	Nearest     []Digest `json:"nearest,omitempty"` // contents of the most similar training copies
}

func (o Output) about() (Kind, string, []string) {
	mentions := refs(KindModel, o.Model)
	for _, d := range o.Nearest {
		mentions = append(mentions, CopyRef(d))
	}
	return KindOutput, Ref(KindOutput, o.ID), mentions
}

func (o Output) check() error {
	return cmp.Or(checkID("output", o.ID), checkID("model", o.Model), checkDigest("content", o.Content))
}

// Claim is what a rights holder says of works, and what became of it. The
// newest event gives the state; matches add up over all of a claim's events,
// less those that one of them clears.
type Claim struct {
	ID      string   `json:"id"`
	State   string   `json:"state"` // received, held, verified, upheld, rejected or appealed
	Holder  string   `json:"holder,omitempty"`
	Names   []string `json:"names,omitempty"`   // as the holder names the works: files, addresses, words
	Matches []string `json:"matches,omitempty"` // references to what was found
	Cleared []string `json:"cleared,omitempty"` // references to what was found and is not the holder's
	Looks   []string `json:"looks,omitempty"`   // perceptual hashes of pictures that the holder showed, turned every way
	Reasons []string `json:"reasons,omitempty"`
}

func (c Claim) about() (Kind, string, []string) {
	return KindClaim, Ref(KindClaim, c.ID), slices.Concat(refs(KindRightsHolder, c.Holder), c.Matches, c.Cleared)
}

func (c Claim) check() error {
	return cmp.Or(checkID("claim", c.ID), checkRefs("match", c.Matches...), checkRefs("cleared match", c.Cleared...),
		checkOneOf("state", c.State, "received", "held", "verified", "upheld", "rejected", "appealed"))
}

// Erasure says that the bytes of an evidence were erased, as privacy or a
// ruling may demand. Appending it erases them; the digest and all that cites it
// stay.
type Erasure struct {
	Evidence Digest `json:"evidence"`
	Reason   string `json:"reason"`
}

func (e Erasure) about() (Kind, string, []string) {
	return KindErasure, Ref(KindErasure, e.Evidence.String()), nil
}

func (e Erasure) check() error {
	return cmp.Or(checkDigest("evidence", e.Evidence), checkID("reason", e.Reason))
}
