// Package manifest reads the lists that deliveries and data sets come with: a
// line for each file in CSV or JSON Lines, or JSON Lines of posts that refer to
// pictures. A list of millions of lines is read in a stream and looked things up
// in on the disk; no line of it is trusted.
package manifest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/source"
)

// Form is how a manifest is written.
type Form string

// The forms.
const (
	// CSV has a header line (RFC 4180); commas, semicolons or tabs separate.
	CSV Form = "csv"
	// JSONL has an object on each line: of one file, or a post with the member
	// "media", a list of such objects or of paths and addresses.
	JSONL Form = "jsonl"
)

// Entry is what a manifest says of one file.
type Entry struct {
	Line   int64          `json:"-"` // from 1
	Row    int64          `json:"-"` // its place in an Index, from 0
	Path   string         `json:"-"` // cleaned, as archive.Clean does; empty if the manifest has none
	SHA256 *digest.SHA256 `json:"sha256,omitempty"`
	URL    string         `json:"url,omitempty"`
	Size   *int64         `json:"size,omitempty"` // bytes
	Width  int64          `json:"width,omitempty"`
	Height int64          `json:"height,omitempty"`

	Post      string   `json:"post,omitempty"` // the post's or picture's identifier
	Created   string   `json:"created,omitempty"`
	Community string   `json:"community,omitempty"`
	Title     string   `json:"title,omitempty"`
	Creator   string   `json:"creator,omitempty"`
	Holder    string   `json:"holder,omitempty"`
	Licence   string   `json:"licence,omitempty"`
	Lang      string   `json:"lang,omitempty"`
	Captions  []string `json:"captions,omitempty"` // the best first
	Keywords  []string `json:"keywords,omitempty"`
	// Raw is the line itself, where the entry states a licence or a holder.
	Raw string `json:"raw,omitempty"`
}

// Fault says that one line, or one file that it lists, cannot be used. The rest
// of the manifest is unharmed.
type Fault struct {
	Line int64
	Why  source.Why
	Err  error
}

// Error names the line and the reason.
func (f *Fault) Error() string { return fmt.Sprintf("line %d: %v", f.Line, f.Err) }

// Unwrap returns the reason.
func (f *Fault) Unwrap() error { return f.Err }

// Limits bound what a manifest may make its reader hold.
type Limits struct {
	Line  int // bytes of a line, or of a record that spans lines
	Media int // files of one post
}

// DefaultLimits returns 4 MiB a line and 10,000 files a post.
func DefaultLimits() Limits { return Limits{Line: 4 << 20, Media: 10_000} }

// ErrNotText ends a manifest that is no UTF-8 text from its beginning.
var ErrNotText = errors.New("not UTF-8 text; save it as UTF-8")

// Read gives the entries of the manifest that r holds, uncompressed, in its
// order. Columns names, for fields whose column or member has another name than
// Fields knows, the column: {"path": "Dateiname"}. An error that wraps *Fault
// is about one line; any other ends the manifest.
func Read(ctx context.Context, r io.Reader, form Form, columns map[string]string, l Limits) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		names, err := newNames(columns)
		if err != nil {
			yield(Entry{}, err)
			return
		}
		lines, err := newLines(ctx, r, l.Line)
		if err != nil {
			yield(Entry{}, err)
			return
		}
		switch form {
		case CSV:
			err = readCSV(lines, names, yield)
		case JSONL:
			err = readJSONL(lines, names, l, yield)
		default:
			err = fmt.Errorf("no form of a manifest is called %q; write csv or jsonl", form)
		}
		if err != nil && !errors.Is(err, errStop) {
			yield(Entry{}, err)
		}
	}
}

var errStop = errors.New("stopped")
