// Package c2pa writes and reads Content Credentials: manifests by which a
// picture says, signed, how it came to be and out of what (C2PA Technical
// Specification 2.4). It writes the claims of version 2 into PNG and JPEG
// files, and checks those of versions 1 and 2.
//
// Not written and not checked are time-stamps (RFC 3161) and revocation
// (OCSP): a signature counts for as long as its certificate is valid. Of hard
// bindings, c2pa.hash.data alone is checked. Compressed manifests are not read.
package c2pa

import (
	"crypto/x509"
	"time"
)

// specVersion is that of the specification that results are based on.
const specVersion = "2.4.0"

// Digital source types of pictures that a model made, whole or in part, by
// IPTC's names.
const (
	Generated = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
	Composite = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
)

// Actions (section 18.15.4.2).
const (
	Created     = "c2pa.created"             // made from nothing but its inputs
	Opened      = "c2pa.opened"              // begun from its parent
	Placed      = "c2pa.placed"              // a component was put in
	Edited      = "c2pa.edited"              // changed
	Watermarked = "c2pa.watermarked.unbound" // given a watermark that is no soft binding
)

// Relations of an ingredient to the picture (section 18.16.3).
const (
	ParentOf    = "parentOf"
	ComponentOf = "componentOf"
	InputTo     = "inputTo"
)

// Manifest is what is said of a picture.
type Manifest struct {
	Generator, Version string // the program that says it
	Title              string
	// Actions begin with [Created] or [Opened].
	Actions     []Action
	Disclosure  *Disclosure
	Ingredients []Ingredient
	// Others are further assertions.
	Others []Assertion
}

// Action is something that was done.
type Action struct {
	Name        string // as [Created]
	When        time.Time
	Source      string // digital source type, as [Generated]; may be empty
	Description string // may be empty
	// Ingredients are the indices of the manifest's ingredients that it acts on.
	Ingredients []int
}

// Disclosure says which model was at work (section 18.28).
type Disclosure struct {
	Model      string // name
	Identifier string // digest or address
	Oversight  string // as prompt_guided
}

// Ingredient is what went into a picture.
type Ingredient struct {
	Title, Format string // Format is a media type
	Relation      string // as [ParentOf]
	// File is a picture; the manifests that it carries are carried on. Its
	// bytes are not.
	File []byte
	// The following are for what is no picture, as a model.
	ID          string   // its digest or address
	Types       []string // as c2pa.types.model
	Description string
}

// Assertion is one of the program's own kind. Content is encoded as CBOR; the
// label begins with the program's own domain, reversed.
type Assertion struct {
	Label   string
	Content any
}

// Trust is whom a reader believes.
type Trust struct {
	Roots *x509.CertPool // nil: nobody
	At    time.Time      // the time to check validity at; zero: now
}

// State says what a manifest is worth (section 14.3).
type State string

// The states.
const (
	Invalid State = "invalid" // something failed
	Valid   State = "valid"   // nothing was altered, but whoever signed is not known
	Trusted State = "trusted" // nothing was altered, and a root that is trusted vouches for the signer
)

// Report is what was found in a file.
type Report struct {
	State State `json:"state"` // of the active manifest
	// Manifests are the active one first, then those of its ingredients, each
	// after one that it is an ingredient of.
	Manifests []*Record `json:"manifests"`
}

// Active is the manifest about the file itself; nil where not even its place
// could be found.
func (r *Report) Active() *Record {
	if len(r.Manifests) == 0 {
		return nil
	}
	return r.Manifests[0]
}

// Failures are the failures of the active manifest.
func (r *Report) Failures() []Status {
	if a := r.Active(); a != nil {
		return a.Failures()
	}
	return nil
}

// Record is a manifest that was read. Unless its state is better than
// [Invalid], nothing in it may be ascribed to the signer.
type Record struct {
	Label       string            `json:"label"`
	State       State             `json:"state"`
	Title       string            `json:"title,omitempty"`
	Generator   string            `json:"generator,omitempty"`
	Version     string            `json:"version,omitempty"`
	Signer      Signatory         `json:"signer"`
	Actions     []Done            `json:"actions,omitempty"`
	Ingredients []Part            `json:"ingredients,omitempty"`
	Assertions  map[string]any    `json:"assertions,omitempty"` // by label; values as in JSON
	Statuses    []Status          `json:"statuses"`
	parts       []ingredientParts // beside Ingredients
}

// Failures are the statuses that are failures.
func (r *Record) Failures() []Status {
	var all []Status
	for _, s := range r.Statuses {
		if s.Kind == Failure {
			all = append(all, s)
		}
	}
	return all
}

// Signatory is who signed a manifest.
type Signatory struct {
	Name        string    `json:"name"` // the subject of the certificate
	Issuer      string    `json:"issuer"`
	Fingerprint string    `json:"fingerprint"` // SHA-256 of the certificate, hex
	From        time.Time `json:"from,omitzero"`
	To          time.Time `json:"to,omitzero"`
}

// Done is an action that was read.
type Done struct {
	Name        string    `json:"name"`
	When        time.Time `json:"when,omitzero"`
	Source      string    `json:"source,omitempty"`
	Description string    `json:"description,omitempty"`
	Agent       string    `json:"agent,omitempty"`
}

// Part is an ingredient that was read.
type Part struct {
	Title    string `json:"title,omitempty"`
	Format   string `json:"format,omitempty"`
	Relation string `json:"relation"`
	ID       string `json:"id,omitempty"`
	Manifest string `json:"manifest,omitempty"` // label of its own one
}
