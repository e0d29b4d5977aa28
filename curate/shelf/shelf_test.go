package shelf

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"image"
	"image/color"
	"image/png"
	"io/fs"
	"iter"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/limner-ai/limner/curate"
	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/internal/objects"
	"github.com/limner-ai/limner/rights"
	"github.com/limner-ai/limner/rights/intake"
	"github.com/limner-ai/limner/rights/ledger"
	"github.com/limner-ai/limner/source"
)

// set is a source in memory, under the MIT licence but for what items say.
type set []source.Item

func (set) About(context.Context) (source.About, error) {
	return source.About{Type: source.Open, Name: "set", Location: "npm:set", Basis: "npm package", Works: 1000,
		Statements: []source.Statement{{Scope: source.Whole, Form: source.Expression, Written: "MIT", Where: "package.json license",
			Evidence: &source.Evidence{Name: "package.json", Data: []byte(`{"license":"MIT"}`)}}}}, nil
}

func (s set) Items(context.Context) iter.Seq2[source.Item, error] {
	return func(yield func(source.Item, error) bool) {
		for _, it := range s {
			if !yield(it, nil) {
				return
			}
		}
	}
}

func drawing(n int) []byte {
	m := image.NewNRGBA(image.Rect(0, 0, 32, 32))
	for i := range 32 * 32 {
		m.Set(i%32, i/32, color.NRGBA{uint8(i * n), uint8(i / 32 * 8), uint8(n * 30), 255})
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		panic(err)
	}
	return b.Bytes()
}

type home struct {
	ledger *ledger.Ledger
	store  *objects.Store
}

func newHome(t *testing.T) *home {
	t.Helper()
	dir := t.TempDir()
	l, err := ledger.Create(filepath.Join(dir, "ledger"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return &home{l, objects.Open(filepath.Join(dir, "objects"))}
}

func (h *home) take(t *testing.T, id string, s set) {
	t.Helper()
	if _, err := intake.Run(t.Context(), s, id, h.ledger, h.store, intake.Options{Actor: "test"}); err != nil {
		t.Fatal(err)
	}
}

func (h *home) open(t *testing.T) *Shelf {
	t.Helper()
	s, err := Open(t.Context(), h.ledger, h.store, rights.DefaultPolicy(), rights.Request{Purpose: "train", At: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (h *home) copies(t *testing.T, from ...curate.From) []curate.Candidate {
	t.Helper()
	var out []curate.Candidate
	for c, err := range h.open(t).Copies(t.Context(), from) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, c)
	}
	return out
}

func pictures() set {
	non := source.Statement{Scope: source.File, Form: source.Expression, Written: "CC-BY-NC-4.0", Where: "c.png", Evidence: &source.Evidence{Name: "c.txt", Data: []byte("nc")}}
	return set{
		{Path: "b.png", Data: drawing(2), Title: "Bee", Creator: "Ada", Holders: []string{"Ada"}, Codepoints: "1f41d", Style: "flat",
			Captions: []source.Caption{{Lang: "de", Text: "Biene"}}, Keywords: []string{"insect"}},
		{Path: "c.png", Data: drawing(3), Statements: []source.Statement{non}},
		{Path: "a.png", Data: drawing(1), Title: "Ant"},
		{Path: "x/d.png", Data: drawing(4)},
	}
}

func TestCopies(t *testing.T) {
	h := newHome(t)
	h.take(t, "one", pictures())
	h.take(t, "two", set{{Path: "e.png", Data: drawing(5)}})

	got := h.copies(t, curate.From{ID: "two"}, curate.From{ID: "one"})
	var paths []string
	for _, c := range got {
		paths = append(paths, c.Source+"/"+c.Path)
	}
	if !slices.Equal(paths, []string{"two/e.png", "one/a.png", "one/b.png", "one/c.png", "one/x/d.png"}) {
		t.Fatalf("%v", paths)
	}
	b := got[2]
	if b.Decision != curate.Allow || b.Licence != "MIT" || b.Content != digest.SHA256(sha256.Sum256(drawing(2))) || b.Title != "Bee" || b.Creator != "Ada" ||
		b.Holders[0] != "Ada" || b.Codepoints != "1f41d" || b.Style != "flat" || b.Captions[0].Text != "Biene" || b.Keywords[0] != "insect" {
		t.Errorf("%+v", b)
	}
	if c := got[3]; c.Decision == curate.Allow || c.Reason == "" || c.Licence != "" {
		t.Errorf("%+v", c)
	}
	from := []curate.From{{ID: "one", Include: []string{"*.png"}, Exclude: []string{"a*"}}}
	if got := h.copies(t, from...); len(got) != 2 || got[0].Path != "b.png" {
		t.Errorf("%+v", got)
	}
	if n, err := h.open(t).Count(t.Context(), from); n != 2 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
}

// The newest word on a path counts, and other words are no other copy.
func TestRefreshed(t *testing.T) {
	h := newHome(t)
	h.take(t, "one", pictures())
	s := pictures()
	s[0].Title = "Honeybee"
	s[2].Data = drawing(9)
	h.take(t, "one", s)
	got := h.copies(t, curate.From{ID: "one"})
	if len(got) != 4 || got[0].Content != digest.SHA256(sha256.Sum256(drawing(9))) || got[1].Title != "Honeybee" {
		t.Errorf("%+v", got)
	}
}

func TestErrors(t *testing.T) {
	h := newHome(t)
	h.take(t, "one", pictures())
	s := h.open(t)
	for _, err := range s.Copies(t.Context(), []curate.From{{ID: "none"}}) {
		if err == nil || !strings.Contains(err.Error(), `"none": see limner source list`) {
			t.Errorf("%v", err)
		}
	}
	if _, err := s.Count(t.Context(), []curate.From{{ID: "none"}}); err == nil {
		t.Error("counted what is not there")
	}
	if _, err := s.Open(t.Context(), digest.SHA256{1}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
}

// From source to set.
func TestCurate(t *testing.T) {
	h := newHome(t)
	h.take(t, "one", pictures())
	r := curate.Defaults()
	r.Name, r.Size, r.Sources = "set", 8, []curate.From{{ID: "one"}}
	dir := t.TempDir()
	sum, err := curate.Run(t.Context(), r, h.open(t), h.store, dir, curate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if sum.Pictures != 3 || sum.Copies != 4 || len(sum.Rejected) != 1 {
		t.Errorf("%+v", sum)
	}
	for e, err := range curate.Entries(dir) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Licence != "MIT" || !h.store.Has(e.Picture) {
			t.Errorf("%+v", e)
		}
	}
}
