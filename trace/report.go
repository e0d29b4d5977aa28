package trace

import (
	"github.com/limner-ai/limner/generate"
	"github.com/limner-ai/limner/mark"
	"github.com/limner-ai/limner/rights"
	"github.com/limner-ai/limner/rights/ledger"
	"github.com/limner-ai/limner/trace/index"
)

// Report is all that is known of where a picture came from.
type Report struct {
	File File `json:"file"`
	// Marks are the Content Credentials and the XMP of a PNG, JPEG or WebP.
	Marks *mark.Report `json:"marks,omitempty"`
	// Said is what a text in a PNG says of how it was made. Anybody can write it.
	Said      *generate.Origin `json:"said,omitempty"`
	Watermark *Watermark       `json:"watermark,omitempty"` // nil: it was not looked for
	Model     *Model           `json:"model,omitempty"`     // nil: nothing names one
	Data      *Data            `json:"data,omitempty"`      // nil: not known
	Nearest   *Nearest         `json:"nearest,omitempty"`   // nil: there is no index to search
	Claims    []Claim          `json:"claims,omitempty"`
	// Output is what the ledger says of the picture as one that was made here.
	Output *ledger.Output `json:"output,omitempty"`
	// Problems are lines about what could not be looked into.
	Problems []string `json:"problems,omitempty"`

	roots []string // of the sets that a model which is here learnt from
}

// File is the file that was traced.
type File struct {
	Format string        `json:"format"` // as its bytes say
	Width  int           `json:"width"`  // pixels, upright
	Height int           `json:"height"`
	Bytes  int           `json:"bytes"`
	SHA256 ledger.Digest `json:"sha256"`
}

// Watermark is what a detector found.
type Watermark struct {
	Found bool   `json:"found"`
	ID    string `json:"id,omitempty"` // eight hexadecimal digits
	// P bounds the chance of so strong a reading in a picture without a mark, and
	// IDError that of a wrong ID.
	P       float64 `json:"p"`
	IDError float64 `json:"id_error,omitempty"`
}

// By says how something is known, the most certain first.
type By string

// The ways.
const (
	Signed   By = "trusted credentials"   // signed by whom this computer trusts
	Unknown  By = "untrusted credentials" // nothing was altered, but the signer is not known
	Recorded By = "the ledger"            // of this computer
	Text     By = "texts in the file"     // which anybody can write
	Looks    By = "looks"                 // the picture lies near to ones of the set
)

// Model is the model that made the picture, as far as anything says so.
type Model struct {
	Name   string `json:"name"`
	Digest string `json:"digest"` // of its file
	By     By     `json:"by"`
	// Path is where the model with this digest lies here; "" if it does not.
	Path   string `json:"path,omitempty"`
	Family string `json:"family,omitempty"`
	Code   string `json:"code,omitempty"`   // version of Limner that trained it
	Images int    `json:"images,omitempty"` // seen in training
}

// Data is what the model was trained on, or the set that is searched where
// nothing names a model.
type Data struct {
	Name       string         `json:"name,omitempty"`
	Root       string         `json:"root"`
	Digests    int64          `json:"digests,omitempty"`  // under the root
	Pictures   int            `json:"pictures,omitempty"` // that the model was trained on
	Licences   map[string]int `json:"licences,omitempty"` // pictures by SPDX expression
	Rights     string         `json:"rights,omitempty"`   // a line
	Checkpoint string         `json:"checkpoint,omitempty"`
	Key        string         `json:"key,omitempty"` // that the checkpoint is checked by
	By         By             `json:"by"`
}

// Nearest are the pictures of a set nearest to the one traced.
type Nearest struct {
	Set index.Set `json:"set"`
	// Thumbs says that the picture was held against thumbs, since the set's own
	// pictures are not at hand.
	Thumbs bool `json:"thumbs"`
	index.Found
}

// Claim is a claim in the ledger that touches the picture, or what it came from.
type Claim struct {
	ID       string          `json:"id"`
	Standing rights.Standing `json:"standing"` // held or upheld
	State    string          `json:"state"`
	Holder   string          `json:"holder,omitempty"` // name
	// Touches are lines: the pictures, the set, the model that the claim is about.
	Touches []string `json:"touches"`
}
