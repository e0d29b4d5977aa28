package intake

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/gowebpki/jcs"

	"github.com/limner-ai/limner/rights/ledger"
	"github.com/limner-ai/limner/source"
)

// Record is what a source says of one picture beside its rights. It is kept as
// evidence, as JSON in the canonical form of RFC 8785, and the picture's copy
// event cites it.
type Record struct {
	Source     string           `json:"source"` // identifier
	Path       string           `json:"path"`   // within the source
	URL        string           `json:"url,omitempty"`
	Title      string           `json:"title,omitempty"`
	Creator    string           `json:"creator,omitempty"`
	Holders    []string         `json:"holders,omitempty"`
	Captions   []source.Caption `json:"captions,omitempty"` // the best of each language first
	Keywords   []string         `json:"keywords,omitempty"`
	Codepoints string           `json:"codepoints,omitempty"`
	Style      string           `json:"style,omitempty"`
	Group      string           `json:"group,omitempty"`
	Taken      time.Time        `json:"taken,omitzero"`
}

func recordOf(id string, it *source.Item) Record {
	return Record{Source: id, Path: it.Path, URL: it.URL, Title: it.Title, Creator: it.Creator, Holders: it.Holders,
		Captions: it.Captions, Keywords: it.Keywords, Codepoints: it.Codepoints, Style: it.Style, Group: it.Group,
		Taken: it.Taken.UTC()}
}

func (r Record) encode() ([]byte, error) {
	plain, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("the record of %s: %w", r.Path, err)
	}
	out, err := jcs.Transform(plain)
	if err != nil {
		return nil, fmt.Errorf("the record of %s: %w", r.Path, err)
	}
	return out, nil
}

// ReadRecord gives the record that a copy event cites. An event that cites none
// is [ledger.ErrNotFound].
func ReadRecord(ctx context.Context, l *ledger.Ledger, e ledger.Event) (Record, error) {
	c, ok := e.Fact.(ledger.Copy)
	if !ok {
		return Record{}, fmt.Errorf("event %d is no copy", e.Seq)
	}
	for _, d := range e.Evidence {
		data, err := l.Evidence(ctx, d)
		if err != nil {
			return Record{}, err
		}
		var r Record
		if json.Unmarshal(data, &r) == nil && r.Source == c.Source && r.Path == c.Path {
			return r, nil
		}
	}
	return Record{}, fmt.Errorf("the record of %s of source %s: %w", c.Path, c.Source, ledger.ErrNotFound)
}
