package vendor

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"iter"
	"path"
	"strconv"
	"strings"

	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/source"
	"github.com/limner-ai/limner/source/archive"
	"github.com/limner-ai/limner/source/manifest"
	"github.com/limner-ai/limner/source/pick"
)

// Items gives the pictures in the order of the delivery, and at the end a
// refusal for each line of the manifest that no file answers, in its order. One
// bit of memory an entry is held, and no picture but the current one.
func (v *vendor) Items(ctx context.Context) iter.Seq2[source.Item, error] {
	return func(yield func(source.Item, error) bool) {
		x, err := v.index(ctx)
		if err != nil {
			yield(source.Item{}, err)
			return
		}
		defer x.Close()
		d := &delivered{vendor: v, index: x, seen: make([]uint64, x.Len()/64+1)}
		for e, err := range v.delivery.Entries(ctx) {
			var item source.Item
			var refused *source.Refused
			switch {
			case errors.As(err, &refused):
				// It was delivered, if not as it should be.
				if _, broken := d.listed(ctx, refused.Path); broken != nil {
					err = broken
				}
			case err != nil:
			case v.needless(e.Path):
				continue
			default:
				item, err = d.match(ctx, e)
			}
			if !yield(item, err) || err != nil && !errors.As(err, &refused) {
				return
			}
		}
		for err := range d.rest(ctx) {
			var refused *source.Refused
			if !yield(source.Item{}, err) || !errors.As(err, &refused) {
				return
			}
		}
	}
}

// delivered is one pass over a delivery.
type delivered struct {
	*vendor
	index *manifest.Index
	seen  []uint64 // a bit an entry
}

func (d *delivered) mark(row int64) { d.seen[row/64] |= 1 << (row % 64) }

func (d *delivered) marked(row int64) bool { return d.seen[row/64]&(1<<(row%64)) != 0 }

// listed finds the manifest's lines for a path, and notes that they were
// answered, whatever becomes of the file.
func (d *delivered) listed(ctx context.Context, name string) ([]manifest.Entry, error) {
	if d.Root != "" {
		var inside bool
		if name, inside = strings.CutPrefix(name, d.Root+"/"); !inside {
			return nil, nil
		}
	}
	found, err := d.index.Path(ctx, name)
	for _, f := range found {
		d.mark(f.Row)
	}
	return found, err
}

// match finds what the manifest says of a file, and holds the file against it.
func (d *delivered) match(ctx context.Context, e *archive.Entry) (source.Item, error) {
	found, err := d.listed(ctx, e.Path)
	if err != nil {
		return source.Item{}, err
	}
	data, err := e.Bytes()
	if err != nil {
		return source.Item{}, err
	}
	content := digest.SHA256(sha256.Sum256(data))
	if len(found) == 0 {
		if found, err = d.index.Content(ctx, content); err != nil {
			return source.Item{}, err
		}
	}
	switch len(found) {
	case 0:
		return refuse(e.Path, &Discrepancy{Rule: Unlisted, Found: content.String()})
	case 1:
	default:
		lines := make([]string, len(found))
		for i, f := range found {
			d.mark(f.Row)
			lines[i] = strconv.FormatInt(f.Line, 10)
		}
		return refuse(e.Path, &Discrepancy{Rule: Repeated, Line: found[0].Line, Expected: "one line", Found: "lines " + strings.Join(lines, ", ")})
	}
	if found[0].Path == "" && d.marked(found[0].Row) {
		return refuse(e.Path, &Discrepancy{Rule: Surplus, Line: found[0].Line, Expected: "one file", Found: "another of the same content"})
	}
	d.mark(found[0].Row)
	if fault := compare(found[0], data, content); fault != nil {
		return refuse(e.Path, fault)
	}
	if len(data) == 0 || !pick.Picture(e.Path) && !raster(data) {
		return source.Item{}, &source.Refused{Path: e.Path, Why: source.Malformed,
			Err: errors.New("it is no picture: PNG, JPEG, WebP, GIF and SVG are read")}
	}
	return d.item(e.Path, data, found[0]), nil
}

func refuse(path string, d *Discrepancy) (source.Item, error) {
	return source.Item{}, &source.Refused{Path: path, Why: source.Discrepancy, Err: d}
}

// rest gives the lines of the manifest that cannot be used, or that no file
// answered.
func (d *delivered) rest(ctx context.Context) iter.Seq[error] {
	return func(yield func(error) bool) {
		for e, err := range d.index.All(ctx) {
			var fault *manifest.Fault
			switch {
			case errors.As(err, &fault):
				err = &source.Refused{Path: d.place(fault.Line), Why: fault.Why,
					Err: &Discrepancy{Rule: Unusable, Line: fault.Line, Found: fault.Err.Error()}}
			case err != nil:
			case d.marked(e.Row):
				continue
			default:
				missing := &Discrepancy{Rule: Missing, Line: e.Line}
				if e.SHA256 != nil {
					missing.Expected = e.SHA256.String()
				}
				name := e.Path
				if name == "" {
					name = d.place(e.Line)
				} else if d.Root != "" {
					name = d.Root + "/" + name
				}
				err = &source.Refused{Path: name, Why: source.Discrepancy, Err: missing}
			}
			if !yield(err) {
				return
			}
		}
	}
}

// place names a line of the manifest.
func (d *delivered) place(line int64) string {
	return fmt.Sprintf("%s line %d", path.Base(strings.ReplaceAll(d.Manifest+d.Within, "\\", "/")), line)
}

// item puts together what is known of a picture.
func (d *delivered) item(name string, data []byte, e manifest.Entry) source.Item {
	it := source.Item{Path: name, Data: data, Style: d.Style}
	place := d.place(e.Line)
	e.Fill(&it, d.Language, place, &source.Evidence{Name: place, Data: []byte(e.Raw)})
	return it
}
