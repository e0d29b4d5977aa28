// Package curate makes a training set's pictures out of those that rights lets
// through: it decodes them safely, measures them, finds which are the same to
// the eye, joins captions, and holds whole concepts out. A recipe says how.
package curate

import (
	"github.com/limner-ai/limner/curate/caption"
	"github.com/limner-ai/limner/curate/concept"
	"github.com/limner-ai/limner/curate/fingerprint"
	"github.com/limner-ai/limner/curate/quality"
	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/source"
)

// Entry is one picture of a curated set. All of it follows from the recipe and
// the pictures alone, so that the same recipe gives the same entries anywhere.
type Entry struct {
	Content digest.SHA256 `json:"content"` // the file as it came from its source
	Picture digest.SHA256 `json:"picture"` // the prepared PNG that a model is trained on
	Source  string        `json:"source"`  // identifier
	Path    string        `json:"path"`    // within the source

	Captions []source.Caption `json:"captions,omitempty"` // the best of each language first
	Keywords []string         `json:"keywords,omitempty"`
	Style    string           `json:"style,omitempty"`
	Title    string           `json:"title,omitempty"`
	Creator  string           `json:"creator,omitempty"`

	// Emoji is the emoji that it draws, zero if none is known; Colour the
	// commonest of twelve names of colours in it.
	Emoji  caption.Emoji `json:"emoji,omitzero"`
	Colour string        `json:"colour,omitempty"`

	Concept concept.Concept  `json:"concept"`
	Split   string           `json:"split"` // train or test
	Hash    fingerprint.Hash `json:"pdq"`
	// Cluster is the least digest of the pictures that look the same as this
	// one; zero if it stands alone.
	Cluster  digest.SHA256    `json:"cluster,omitzero"`
	Measures quality.Measures `json:"measures"`

	// Licence is the SPDX expression by which it was let in, and Holders are
	// those to be named.
	Licence string   `json:"licence,omitempty"`
	Holders []string `json:"holders,omitempty"`
}
