package folder

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path"
	"strings"
	"unicode/utf8"

	"github.com/limner-ai/limner/source"
	"github.com/limner-ai/limner/source/archive"
	"github.com/limner-ai/limner/source/embedded"
	"github.com/limner-ai/limner/source/manifest"
)

const (
	maxCaption = 64 << 10
	maxSidecar = 8 << 20
)

// Items gives the pictures by name. Files and folders whose names begin with a
// dot are passed over; links are refused.
func (f *folder) Items(ctx context.Context) iter.Seq2[source.Item, error] {
	return func(yield func(source.Item, error) bool) {
		fail := func(err error) { yield(source.Item{}, fmt.Errorf("%s: %w", f.Path, err)) }
		a, err := archive.Open(f.Path, archive.DefaultLimits())
		if err != nil {
			fail(err)
			return
		}
		words, err := f.metadata(ctx, a)
		if err != nil {
			fail(err)
			return
		}
		if words != nil {
			defer words.Close()
		}
		root, err := os.OpenRoot(f.Path)
		if err != nil {
			fail(err)
			return
		}
		defer root.Close()
		for e, err := range a.Entries(ctx) {
			var item source.Item
			var r *source.Refused
			switch {
			case errors.As(err, &r):
				if hidden(r.Path) || !f.Takes(r.Path) {
					continue
				}
			case err != nil:
			case hidden(e.Path) || !f.Takes(e.Path):
				continue
			default:
				item, err = f.item(ctx, root, words, e)
			}
			if !yield(item, err) || err != nil && !errors.As(err, &r) {
				return
			}
		}
	}
}

func hidden(name string) bool {
	return strings.HasPrefix(name, ".") || strings.Contains(name, "/.")
}

// item reads a picture and what lies beside it.
func (f *folder) item(ctx context.Context, root *os.Root, words *manifest.Index, e *archive.Entry) (source.Item, error) {
	data, err := e.Bytes()
	if err != nil {
		return source.Item{}, err
	}
	if len(data) == 0 {
		return source.Item{}, &source.Refused{Path: e.Path, Why: source.Malformed, Err: errors.New("it is empty")}
	}
	item := source.Item{Path: e.Path, Data: data, Style: f.Style}
	var holder string
	item.Group, holder, item.Statements = f.rights.of(e.Path)
	if holder != "" {
		item.Holders = []string{holder}
	}
	stem := strings.TrimSuffix(e.Path, path.Ext(e.Path))
	for _, name := range []string{e.Path + ".xmp", stem + ".xmp"} {
		packet, err := readFile(root, name, maxSidecar)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil { // it may hold a reservation
			return source.Item{}, &source.Refused{Path: e.Path, Why: source.Unreachable, Err: fmt.Errorf("its sidecar: %w", err)}
		}
		item.Sidecars = append(item.Sidecars, &source.Evidence{Name: name, Data: packet})
	}
	if strings.EqualFold(path.Ext(e.Path), ".svg") {
		w := embedded.SVG(data)
		item.Title, item.Creator, item.Keywords = w.Title, w.Creator, w.Keywords
	}
	caption, err := readFile(root, stem+".txt", maxCaption)
	if text := strings.Join(strings.Fields(string(caption)), " "); err == nil && text != "" && utf8.ValidString(text) {
		item.Captions = append(item.Captions, source.Caption{Lang: f.Language, Text: text})
	}
	if words == nil {
		return item, nil
	}
	lines, err := words.Path(ctx, e.Path)
	if err != nil {
		return source.Item{}, err
	}
	for _, l := range lines {
		f.describe(&item, l)
	}
	return item, nil
}
