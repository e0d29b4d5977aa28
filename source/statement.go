package source

import "time"

// Scope says what a statement is about.
type Scope string

const (
	File  Scope = "file"  // this picture
	Group Scope = "group" // the files of Item.Group
	Whole Scope = "whole" // everything in the source
)

// Form says how a statement is written.
type Form string

const (
	// Expression is a licence's name, identifier or address, or several.
	Expression Form = "expression"
	// DebianName is the License field of a Debian copyright file.
	DebianName Form = "debian"
	// Text is a licence file, whole.
	Text Form = "text"
	// Prose is a paragraph that speaks of rights in its own words.
	Prose Form = "prose"
	// Notice is a copyright notice: who holds rights, not what is permitted.
	Notice Form = "notice"
	// Own is the word of the one who runs the source, that the rights in their
	// own pictures are theirs or were given to them by an agreement, which is
	// then the evidence. Only sources of the type Internal have it.
	Own Form = "own"
)

// Statement is what a source says about rights, word for word.
type Statement struct {
	Scope   Scope
	Form    Form
	Written string
	Where   string // file and field: "package.json license", "debian/copyright line 12"
	// Flag tells of a doubt about whether the statement is about the file at
	// all: "matches only after its extension changed from .png to .webp".
	Flag     string
	Evidence *Evidence // what it was read in; nil if the evidence is the picture itself
}

// Evidence is a file or answer that proves something. Statements read in the
// same bytes share one value.
type Evidence struct {
	Name string // file name or address
	Data []byte
	Time time.Time // when it was fetched; zero for what lay on disk
}

// Reservation is a machine-readable signal about the use of a picture.
type Reservation struct {
	Protocol string // as rights/signal names it: "robots", "tdmrep"
	Version  string
	Value    string // allow, deny, needs-licence or unknown
	Raw      string // the signal as written
	Where    string
	Observed time.Time
	Expires  time.Time
	Evidence *Evidence
}
