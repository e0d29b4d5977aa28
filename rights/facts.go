package rights

import (
	"time"

	"github.com/limner-ai/limner/rights/ledger"
	"github.com/limner-ai/limner/source"
)

// Facts are what is known of a copy: from every place that it came from, since
// what one source reserves holds whatever another says.
type Facts struct {
	Content      ledger.Digest `json:"content"`
	Erased       bool          `json:"erased,omitempty"`
	Copy         ledger.Copy   `json:"copy"` // the newest
	Places       []Place       `json:"places"`
	Statements   []Statement   `json:"statements"`
	Reservations []Reservation `json:"reservations"`
	Agreements   []Agreement   `json:"agreements"`
	Claims       []Claim       `json:"claims"`
	Near         []Near        `json:"near,omitempty"` // claimed pictures that look like it
	Databases    []Database    `json:"databases"`
	// Seen is for the caller to add what its eyes found in the picture:
	// WATERMARK or PERSON.
	Seen []Code `json:"seen,omitempty"`
}

// Place is a file of a source that has the copy's content.
type Place struct {
	Source   ledger.Source `json:"source"`
	Path     string        `json:"path"`
	Work     string        `json:"work,omitempty"`
	Basis    string        `json:"basis"` // ground of access at the source's last taking; empty if none is recorded
	Recorded time.Time     `json:"recorded"`
	Event    int64         `json:"event"`
}

// Statement is what is stated about rights, and holds now.
type Statement struct {
	ledger.Licence
	Scope    source.Scope    `json:"scope"`
	Event    int64           `json:"event"`
	Evidence []ledger.Digest `json:"evidence,omitempty"`
}

// Reservation is a signal that holds now.
type Reservation struct {
	ledger.Reservation
	Event    int64           `json:"event"`
	Evidence []ledger.Digest `json:"evidence,omitempty"`
}

// Agreement is one that covers a source of the copy.
type Agreement struct {
	ledger.Agreement
	Event int64 `json:"event"`
}

// Standing says how a claim stands.
type Standing string

const (
	Held     Standing = "held"     // open: received, verified or appealed
	Upheld   Standing = "upheld"   // also while an appeal against it runs
	Released Standing = "released" // rejected
)

// Claim is one that matches the copy.
type Claim struct {
	ID       string   `json:"id"`
	Standing Standing `json:"standing"`
	Event    int64    `json:"event"` // its newest
}

// Near is a claimed picture that looks like the copy.
type Near struct {
	Claim    Claim `json:"claim"`
	Distance int   `json:"distance"` // bits of 256 in which their perceptual hashes differ
	Quality  int64 `json:"quality"`  // the lesser of the two hashes' qualities, 0 to 100
}

// Database is a collection that one or several sources took from, and how much
// has been taken over all time: many insubstantial takings add up (Directive
// 96/9/EC, article 7(5)).
type Database struct {
	Sources []string      `json:"sources"`
	About   ledger.Source `json:"about"` // the largest that its sources say of it
	Taken   ledger.Taken  `json:"taken"`
}
