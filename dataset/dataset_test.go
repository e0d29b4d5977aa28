package dataset_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/limner-ai/limner/dataset"
	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/dataset/settest"
	"github.com/limner-ai/limner/dataset/shapes"
)

func open(t *testing.T, src picture.Source) picture.Set {
	t.Helper()
	s, err := dataset.Open(src)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func root(t *testing.T, s picture.Set) picture.Root {
	t.Helper()
	r, err := picture.Digest(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestKinds(t *testing.T) {
	if !slices.IsSortedFunc(dataset.Kinds(), func(a, b dataset.Kind) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("kinds are not sorted")
	}
	for _, k := range dataset.Kinds() {
		if k.Name == "" || k.Summary == "" {
			t.Errorf("%+v is not described", k)
		}
		// A bad source gives an error and no set, not a typed nil.
		s, err := k.Open(picture.Source{Channels: 2})
		if s != nil || err == nil || !strings.HasPrefix(err.Error(), k.Name+": ") {
			t.Errorf("%s: %v, %v", k.Name, s, err)
		}
	}
	if _, err := dataset.Open(picture.Source{Kind: "shape"}); err == nil || !strings.Contains(err.Error(), "folder, frozen, idx, shapes") {
		t.Errorf("error is %v", err)
	}
	if _, err := dataset.Open(picture.Source{Kind: "idx"}); err == nil || !strings.HasPrefix(err.Error(), "data set: idx: ") {
		t.Errorf("error is %v", err)
	}
	settest.Run(t, open(t, picture.Source{Kind: "shapes", Count: 5}))
}

// What is exported and read back is the same set, by its root.
func TestExport(t *testing.T) {
	for name, src := range map[string]picture.Source{
		"colour": {Kind: "shapes", Count: 60},
		"grey":   {Kind: "shapes", Count: 60, Size: 20, Channels: 1},
	} {
		s := open(t, src)
		h, _, c := s.Shape()
		parent := t.TempDir()
		dir := filepath.Join(parent, "new", "set")
		skipped, err := dataset.Export(t.Context(), s, dir)
		if err != nil || skipped != nil {
			t.Fatalf("%s: %v, %v", name, skipped, err)
		}
		back := open(t, picture.Source{Kind: "folder", Path: dir, Split: picture.All, Size: h, Channels: c})
		if root(t, s) != root(t, back) || back.Len() != 60 || len(picture.Skipped(back)) > 0 {
			t.Errorf("%s: another set came back", name)
		}
		meta, err := os.Open(filepath.Join(dir, "metadata.jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		defer meta.Close()
		lines := bufio.NewScanner(meta)
		for i := range s.Len() {
			var r struct {
				File   string         `json:"file_name"`
				Text   string         `json:"text"`
				Class  string         `json:"class"`
				Detail shapes.Factors `json:"detail"`
			}
			if !lines.Scan() {
				t.Fatalf("metadata.jsonl ends at line %d", i)
			}
			if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
				t.Fatal(err)
			}
			l, _ := s.Item(i, nil)
			_, err := os.Stat(filepath.Join(dir, r.File))
			if err != nil || r.Text != l.Caption || r.Class != s.Classes()[l.Class] || r.Detail != s.(*shapes.Set).Factors(i) {
				t.Errorf("line %d is %+v (%v)", i, r, err)
			}
		}
		if lines.Scan() {
			t.Error("metadata.jsonl is too long")
		}
		if left := names(t, filepath.Dir(dir)); !slices.Equal(left, []string{"set"}) {
			t.Errorf("%s: beside it lie %q", name, left)
		}
	}
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

// odd is a set with awkward class names, of which some pictures fail.
type odd struct {
	classes []string
	fail    func(i int) error
}

func (s odd) Len() int           { return len(s.classes) }
func (odd) Shape() (h, w, c int) { return 2, 2, 1 }
func (s odd) Classes() []string  { return s.classes }
func (odd) Name(i int) string    { return string(rune('a' + i)) }
func (s odd) Item(i int, p []float32) (picture.Label, error) {
	for k := range p {
		p[k] = float32(i*4+k) / 255
	}
	return picture.Label{Class: i, Caption: "ab"[:1+i%2]}, s.fail(i)
}

func never(int) error { return nil }

func TestExportClassNames(t *testing.T) {
	s := odd{[]string{"T-shirt/top", "..", "100% wool", " x ", `a\b:c*?"<>|`, "é", ".hidden", "%2F", "tab\t", "CON"}, never}
	dir := filepath.Join(t.TempDir(), "out")
	if _, err := dataset.Export(t.Context(), s, dir); err != nil {
		t.Fatal(err)
	}
	back := open(t, picture.Source{Kind: "folder", Path: dir, Split: picture.All, Size: 2, Channels: 1})
	want := slices.Sorted(slices.Values(s.classes))
	if !slices.Equal(back.Classes(), want) || root(t, back) != root(t, s) {
		t.Errorf("classes came back as %q, want %q", back.Classes(), want)
	}
}

func TestExportFails(t *testing.T) {
	parent := t.TempDir()
	s := odd{[]string{"a", "b", "c"}, never}
	fire := errors.New("disk on fire")
	broken := odd{s.classes, func(i int) error {
		if i == 2 {
			return fire
		}
		return nil
	}}
	dir := filepath.Join(parent, "out")
	if _, err := dataset.Export(t.Context(), broken, dir); !errors.Is(err, fire) {
		t.Errorf("error is %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := dataset.Export(ctx, s, dir); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
	if left := names(t, parent); left != nil {
		t.Errorf("failed exports leave %q", left)
	}
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if _, err := dataset.Export(t.Context(), s, dir); err == nil || !strings.Contains(err.Error(), "already exists") {
		t.Errorf("error is %v", err)
	}
	file := filepath.Join(parent, "file")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := dataset.Export(t.Context(), s, filepath.Join(file, "out")); err == nil {
		t.Error("exported into a file")
	}

	gone := &picture.Skip{Path: "x", Err: errors.New("gone")}
	partly := odd{s.classes, func(i int) error {
		if i == 1 {
			return gone
		}
		return nil
	}}
	skipped, err := dataset.Export(t.Context(), partly, filepath.Join(parent, "partly"))
	if err != nil || len(skipped) != 1 || skipped[0].Path != "b" || !errors.Is(skipped[0].Err, gone) {
		t.Errorf("%v, %v", skipped, err)
	}
}
