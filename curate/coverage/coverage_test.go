package coverage

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/limner-ai/limner/curate"
	"github.com/limner-ai/limner/curate/caption"
	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/internal/objects"
)

// shelf is an input in memory.
type shelf struct {
	copies []curate.Candidate
	files  map[digest.SHA256][]byte
}

func (s *shelf) Copies(context.Context, []curate.From) iter.Seq2[curate.Candidate, error] {
	return func(yield func(curate.Candidate, error) bool) {
		for _, c := range s.copies {
			if !yield(c, nil) {
				return
			}
		}
	}
}

func (s *shelf) Open(_ context.Context, d digest.SHA256) ([]byte, error) { return s.files[d], nil }

func (s *shelf) put(path, points, style string, c color.NRGBA, side int) {
	m := image.NewNRGBA(image.Rect(0, 0, side, side))
	for i := range side * side {
		m.Set(i%side, i/side, c)
	}
	m.Set(len(s.copies)%side, 0, color.NRGBA{uint8(len(s.copies)), 1, 2, 255})
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		panic(err)
	}
	d := digest.SHA256(sha256.Sum256(b.Bytes()))
	s.files[d] = b.Bytes()
	s.copies = append(s.copies, curate.Candidate{Content: d, Source: "shelf", Path: path, Codepoints: points, Style: style, Decision: curate.Allow, Licence: "MIT"})
}

func words(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"package.json":     `{"name": "emojibase-data", "version": "17.0.0"}`,
		"meta/groups.json": `{"groups": {"1": "people-body", "4": "food-drink"}, "subgroups": {"16": "hand-fingers-open", "24": "person-gesture", "42": "food-fruit"}}`,
		"en/data.json": `[{"label": "red apple", "hexcode": "1F34E", "group": 4, "subgroup": 42},
			{"label": "woman bowing", "hexcode": "1F647-200D-2640-FE0F", "group": 1, "subgroup": 24},
			{"label": "waving hand", "hexcode": "1F44B", "group": 1, "subgroup": 16, "skins": [{"label": "waving hand: dark skin tone", "hexcode": "1F44B-1F3FF", "group": 1, "subgroup": 16, "tone": 5}]}]`,
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// set curates 40 apples in two styles and few other things.
func set(t *testing.T) (string, *objects.Store) {
	t.Helper()
	s := &shelf{files: map[digest.SHA256][]byte{}}
	red := color.NRGBA{220, 20, 20, 255}
	for i := range 40 {
		s.put(fmt.Sprintf("apple%d.png", i), "1f34e", []string{"flat", "round"}[i%2], red, 48)
	}
	s.put("wave.png", "1f44b-1f3ff", "flat", color.NRGBA{90, 60, 30, 255}, 48)
	s.put("bow.png", "1f647-200d-2640", "flat", color.NRGBA{250, 250, 250, 255}, 48)
	s.put("thumb nail.png", "", "", color.NRGBA{0, 0, 0, 255}, 300)
	s.put("<script>alert(1).png", "", "<b>", color.NRGBA{0, 200, 0, 255}, 48)
	r := curate.Defaults()
	r.Name, r.Size, r.Sources = "a set", 8, []curate.From{{ID: "shelf"}}
	r.Captions.Emojibase = words(t)
	dir := t.TempDir()
	store := objects.Open(filepath.Join(dir, "objects"))
	if _, err := curate.Run(t.Context(), r, s, store, dir, curate.Options{}); err != nil {
		t.Fatal(err)
	}
	return dir, store
}

func TestBuild(t *testing.T) {
	dir, _ := set(t)
	r, err := Build(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]map[string]int{}
	for _, d := range r.Dimensions {
		got[d.Name] = map[string]int{}
		for _, row := range d.Rows {
			got[d.Name][row.Name] = row.Pictures
			if len(row.Sample) > sampled || len(row.Sample) == 0 && row.Pictures > 0 || !slices.IsSortedFunc(row.Sample, digest.Compare) {
				t.Errorf("%s, %s: sample %v", d.Name, row.Name, row.Sample)
			}
		}
	}
	for _, c := range []struct {
		dimension, kind string
		want            int
	}{
		{"style", "flat", 22}, {"style", "round", 20}, {"style", "<b>", 1},
		{"group", "people-body", 2}, {"group", "food-drink", 40}, {"subgroup", "hand-fingers-open", 1},
		{"hands", handMain, 1}, {"hands", handBeside, 1}, {"hands", handWord, 1}, {"hands", handNone, 41},
		{"skin tone", "dark", 1}, {"skin tone", "none chosen", 1}, {"skin tone", "light", 0},
		{"gender", "female", 1}, {"gender", "male", 0},
		{"colour", "red", 40}, {"colour", "brown", 1}, {"colour", "white", 1}, {"colour", "black", 1}, {"colour", "green", 1}, {"colour", "blue", 0},
		{"brightness", "below 51 (dark)", 1}, {"brightness", "204 and more (bright)", 1},
		{"side", "below 64", 43}, {"side", "256 to 511", 1}, {"licence", "MIT", 44}, {"source", "shelf", 44},
	} {
		n, ok := got[c.dimension][c.kind]
		if !ok || n != c.want {
			t.Errorf("%s, %s: %d (%v), want %d", c.dimension, c.kind, n, ok, c.want)
		}
	}
	if got["split"]["train"]+got["split"]["test"] != 44 {
		t.Errorf("%v", got["split"])
	}
	if r.Concepts.Of != 5 || r.Concepts.Rows[0].Pictures != 4 || r.Concepts.Rows[6].Pictures != 1 {
		t.Errorf("%+v", r.Concepts)
	}
	if m := r.Most[0]; m.Name != "emoji:1f34e" || m.Pictures != 40 || !strings.HasPrefix(m.Caption, "red apple") || len(m.Sample) != 2 {
		t.Errorf("%+v", m)
	}
	rare := map[string]bool{}
	for i, x := range r.Rare {
		rare[x.Dimension+" "+x.Name] = true
		if i > 0 && x.Pictures > 0 && r.Rare[i-1].Pictures > x.Pictures && r.Rare[i-1].Even <= x.Even {
			t.Errorf("%v after %v", x, r.Rare[i-1])
		}
	}
	for name, want := range map[string]bool{"group people-body": true, "colour blue": true, "colour red": false, "hands " + handMain: true, "style flat": false, "style <b>": true, "side 64 to 127": false, "source shelf": false} {
		if rare[name] != want {
			t.Errorf("%s: %v", name, rare[name])
		}
	}
}

// The same set gives the same report.
func TestSameReport(t *testing.T) {
	dir, _ := set(t)
	var before []byte
	for range 2 {
		r, err := Build(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal(r)
		if err != nil || before != nil && !bytes.Equal(b, before) {
			t.Errorf("%v, other bytes", err)
		}
		before = b
	}
}

func TestPage(t *testing.T) {
	dir, store := set(t)
	r, err := Build(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := r.Page(&b, store.Get); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	for _, want := range []string{"<h2>hands</h2>", "data:image/png;base64,", "What is rare", "red apple", "&lt;script&gt;", "not by looking", "emojibase-data 17.0.0"} {
		if !strings.Contains(page, want) {
			t.Errorf("%s is not on the page", want)
		}
	}
	for _, bad := range []string{"<script", "<b></", "http://", "https://", "ZgotmplZ"} {
		if strings.Contains(page, bad) {
			t.Errorf("%s is on the page", bad)
		}
	}
	// A picture that is gone is left out; a disk that fails is an error.
	gone := func(digest.SHA256) ([]byte, error) { return nil, fs.ErrNotExist }
	b.Reset()
	if err := r.Page(&b, gone); err != nil || strings.Contains(b.String(), "base64") {
		t.Errorf("%v", err)
	}
	broken := errors.New("broken")
	if err := r.Page(&b, func(digest.SHA256) ([]byte, error) { return nil, broken }); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
	if _, err := Build(t.Context(), t.TempDir()); err == nil {
		t.Error("a report on nothing")
	}
}

func TestHandsByWords(t *testing.T) {
	for want, e := range map[string]curate.Entry{
		handMain:   {Emoji: caption.Emoji{Subgroup: "hands"}},
		handBeside: {Emoji: caption.Emoji{Subgroup: "face-hand"}},
		handWord:   {Keywords: []string{"Thumbs-up"}},
		handNone:   {Keywords: []string{"handbag", "beforehand"}},
	} {
		if got := hands(&e); got != want {
			t.Errorf("%+v: %s", e, got)
		}
	}
}

func TestEnds(t *testing.T) {
	rows := make([]Row, 1000)
	for i := range rows {
		rows[i].Name = fmt.Sprint(i)
	}
	got := ends(rows)
	if len(got) != maxRows+1 || got[0].Name != "0" || got[maxRows].Name != "999" || got[maxRows/2].Name != "… 880 more …" {
		t.Errorf("%d rows", len(got))
	}
	if number(1234567) != "1\u202f234\u202f567" || number(12) != "12" {
		t.Error(number(1234567))
	}
}
