// Package mark puts into pictures what says where they came from: an invisible
// watermark in the pixels, XMP that every program shows, and Content
// Credentials, which are signed. And it reads what is there.
package mark

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/limner-ai/limner/mark/c2pa"
	"github.com/limner-ai/limner/mark/carrier"
	"github.com/limner-ai/limner/mark/xmp"
)

// ID is the number of a picture.
type ID [8]byte

// Identify derives the ID from what the picture's pixels follow from, say the
// digest of the model, the request and the seed: the same parts in the same
// order give the same ID, so that a seeded run gives the same pixels.
func Identify(parts ...[]byte) ID {
	h := sha256.New()
	for _, p := range parts {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(p)))) // so that parts cannot run into each other
		h.Write(p)
	}
	return ID(h.Sum(nil)[:8])
}

// String is the ID in 16 hexadecimal digits.
func (id ID) String() string { return hex.EncodeToString(id[:]) }

// Short is the part of the ID that a watermark carries: its first four bytes.
func (id ID) Short() uint32 { return binary.BigEndian.Uint32(id[:]) }

// About is what is to be said of a picture.
type About struct {
	ID   ID
	When time.Time // when it was made; zero: now
	// Edited says that the picture is another one, changed: its first ingredient
	// is the picture that it was. Otherwise a model made all of it, and pictures
	// among the ingredients were what it was shown.
	Edited bool
	// Watermarked says that the pixels went through [Marker.Pixels].
	Watermarked bool
	Title       string
	Prompt      string // may be empty, then nothing is said of it
	Model       Model
	Ingredients []Ingredient
}

// Model is what made a picture, and what it was trained on.
type Model struct {
	Name, Family string
	Digest       string         // of its file
	Version      string         // of the code that trained it
	SetRoot      string         // Merkle root of the data set
	Licences     map[string]int // pictures in the set by SPDX expression
	Rights       string         // a line on the ground on which the set was used
	Checkpoint   string         // of the ledger when the set was frozen
}

// Ingredient is a picture that went into another.
type Ingredient struct {
	Title  string
	Format string // media type; empty: as its bytes say
	File   []byte // Content Credentials that it has are carried on
	// Relation overrides the usual one: c2pa.ParentOf, ComponentOf or InputTo.
	Relation string
}

// Trust is whom a reader believes; the zero value is nobody.
type Trust = c2pa.Trust

// Report is what the marks in a file say. Watermarks are not read here.
type Report struct {
	Format carrier.Format `json:"format"`
	// Credentials are nil where there are none.
	Credentials *c2pa.Report `json:"credentials,omitempty"`
	// Origin is what Limner said in the credentials; nil where it did not. What
	// it is worth, the credentials' state says.
	Origin *Origin `json:"origin,omitempty"`
	// XMP is nil where there is none. Anybody may have written it.
	XMP *xmp.Properties `json:"xmp,omitempty"`
	// Problems are lines about marks that cannot be read.
	Problems []string `json:"problems,omitempty"`
}

// Read gives what Content Credentials and XMP in a file say. Marks that are
// broken are told in the report; a file that is no PNG, JPEG or WebP is an
// error that wraps [carrier.ErrFormat].
func Read(file []byte, trust Trust) (Report, error) {
	format, err := carrier.FormatOf(file)
	if err != nil {
		return Report{}, err
	}
	r := Report{Format: format}
	switch p, err := xmp.Read(file); {
	case err == nil:
		r.XMP = &p
	case !errors.Is(err, xmp.ErrNone):
		r.Problems = append(r.Problems, err.Error())
	}
	switch c, err := c2pa.Read(file, trust); {
	case err == nil:
		r.Credentials = c
		r.Origin = originIn(c)
	case !errors.Is(err, c2pa.ErrNone):
		r.Problems = append(r.Problems, err.Error())
	}
	return r, nil
}

// originIn finds Limner's own assertion in the active manifest.
func originIn(c *c2pa.Report) *Origin {
	a, ok := c.Active().Assertions[originLabel]
	if !ok {
		return nil
	}
	var o Origin
	text, err := json.Marshal(a)
	if err == nil {
		err = json.Unmarshal(text, &o)
	}
	if err != nil {
		return nil // of another shape: it is still among the assertions
	}
	return &o
}

// line wraps an error so that it says what could not be done.
func line(what string, err error) error { return fmt.Errorf("cannot %s: %w", what, err) }
