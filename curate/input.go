package curate

import (
	"context"
	"iter"

	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/source"
)

// Input is what a set is chosen from: the copies that were taken in, each with
// the decision on its rights.
type Input interface {
	// Copies yields the copies that are wanted from these sources, each once,
	// in an order that depends on nothing but what there is. An error ends the
	// sequence.
	Copies(ctx context.Context, from []From) iter.Seq2[Candidate, error]
	// Open gives the bytes of a copy. What is not kept any more is
	// fs.ErrNotExist, what was altered objects.ErrAltered; any other error ends
	// the run. It is called by several goroutines.
	Open(ctx context.Context, content digest.SHA256) ([]byte, error)
}

// Candidate is a copy that may become a picture of the set.
type Candidate struct {
	Content digest.SHA256 `json:"content"`
	Source  string        `json:"source"`
	Path    string        `json:"path"`

	// Decision says whether rights let it through; only Allow does. Reason is
	// why not, in words.
	Decision Decision `json:"decision"`
	Reason   string   `json:"reason,omitempty"`
	Licence  string   `json:"licence,omitempty"` // SPDX expression by which it is let in
	Holders  []string `json:"holders,omitempty"`

	Title      string           `json:"title,omitempty"`
	Creator    string           `json:"creator,omitempty"`
	Captions   []source.Caption `json:"captions,omitempty"`
	Keywords   []string         `json:"keywords,omitempty"`
	Codepoints string           `json:"codepoints,omitempty"`
	Style      string           `json:"style,omitempty"`
}

// Decision is what the rights room says about a copy.
type Decision string

// The decisions.
const (
	Allow      Decision = "allow"
	Deny       Decision = "deny"
	Quarantine Decision = "quarantine" // until a person has looked at it
)
