package curate

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/limner-ai/limner/curate/resize"
)

const full = `
name: emoji-64
sources:
  - id: noto
    include: ["noto/*.svg"]
    exclude: ["**/flag-*"]
    emoji_names: true
  - id: fluent-3d
purpose: train
territory: DE
size: 64
fit: cover
background: "#ffeedd"
limits: {pixels: 1000000, ratio: 4, seconds: 2.5, vector: 256}
quality: {min_side: 32, min_coverage: 0.05, max_overlay: 0.5}
duplicates: {radius: 20, near: drop}
captions:
  languages: [en, zh-Hant]
  emojibase: packages/emojibase-data.tgz
  styles: {noto: noto emoji, flat: ""}
split: {share: 0.2, salt: s}
`

func TestRecipe(t *testing.T) {
	r, err := ParseRecipe([]byte(full), "other")
	if err != nil {
		t.Fatal(err)
	}
	g, err := r.ground()
	if err != nil || g.R != 0xff || g.G != 0xee || g.B != 0xdd {
		t.Errorf("%v, %v", g, err)
	}
	if r.Name != "emoji-64" || r.Fit != resize.Cover || r.Limits.Bytes != 64<<20 || r.Limits.Ratio != 4 || r.Duplicates != (Duplicates{20, Drop}) || r.Captions.Styles["noto"] != "noto emoji" {
		t.Errorf("%+v", r)
	}
	for path, want := range map[string]bool{"noto/a.svg": true, "noto/flag-x.svg": false, "noto/a.png": false, "noto/x/a.svg": false, "a.svg": false} {
		if got := r.from("noto").Wants(path); got != want {
			t.Errorf("%s: %v", path, got)
		}
	}
	if !r.from("fluent-3d").Wants("any/thing") || r.from("unknown") != nil {
		t.Error("sources")
	}
	d := r.Digest()
	r.Split.Salt = "t"
	if r.Digest() == d {
		t.Error("another recipe has the same digest")
	}
	less, err := ParseRecipe([]byte("sources: [{id: a}]"), "file")
	if err != nil || less.Name != "file" || less.Limits.Vector != 256 {
		t.Errorf("%v %+v", err, less)
	}
}

func TestMistakesAreOneLine(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"unknown key":      {"sources: [{id: a}]\nsplitt: {}\n", `line 2: unknown key "splitt"; did you mean "split" or "salt"?`},
		"inner key":        {"sources:\n  - id: a\n    includes: [b]\n", `line 3: unknown key "includes"; did you mean "include" or "exclude"?`},
		"no sources":       {"name: a\n", "sources: say where"},
		"no id":            {"sources: [{include: [a]}]", "sources: each wants an id"},
		"twice":            {"sources: [{id: a}, {id: a}]", "a is there twice"},
		"pattern":          {"sources: [{id: a, include: ['[']}]", "no pattern"},
		"size":             {"sources: [{id: a}]\nsize: 0", "size: want 1 to 4096"},
		"fraction":         {"sources: [{id: a}]\nsize: 1.5", `line 2: "1.5" does not fit`},
		"fit":              {"sources: [{id: a}]\nfit: stretch", "fit: want pad or cover"},
		"background":       {"sources: [{id: a}]\nbackground: '#12345'", "background: want transparent"},
		"near":             {"sources: [{id: a}]\nduplicates: {near: merge}", "duplicates.near: want keep, drop or ignore"},
		"radius":           {"sources: [{id: a}]\nduplicates: {radius: 32}", "duplicates.radius: want 0 to 31"},
		"share":            {"sources: [{id: a}]\nsplit: {share: 1.5}", "split.share: want 0 to 1"},
		"share of nothing": {"sources: [{id: a}]\nsplit: {share: .nan}", "split.share: want 0 to 1"},
		"limits":           {"sources: [{id: a}]\nlimits: {ratio: .inf}", "limits: want positive"},
		"quality":          {"sources: [{id: a}]\nquality: {min_side: -1}", "quality: want numbers of at least 0"},
		"languages":        {"sources: [{id: a}]\ncaptions: {languages: []}", "captions.languages"},
		"name":             {"name: ../a\nsources: [{id: a}]", "name: \"../a\" cannot name a folder"},
		"purpose":          {"purpose: ''\nsources: [{id: a}]", "purpose: say"},
	} {
		path := filepath.Join(t.TempDir(), "r.yaml")
		if err := os.WriteFile(path, []byte(c.text), 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := ReadRecipe(path)
		if err == nil || !strings.HasPrefix(err.Error(), path+": ") || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	if _, err := ReadRecipe(filepath.Join(t.TempDir(), "none.yaml")); err == nil {
		t.Error("a missing file was read")
	}
}

func TestExample(t *testing.T) {
	r, err := ReadRecipe("../examples/emoji-64.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if r.Size != 64 || len(r.Sources) != 2 || !r.from("iconify").Wants("noto/red-apple.svg") || r.from("iconify").Wants("cbi/x.svg") {
		t.Errorf("%+v", r)
	}
}

func FuzzRecipe(f *testing.F) {
	for _, s := range []string{full, "sources: [{id: a}]", "sources: [{id: a, include: ['**/{a,b}[c-]']}]", "limits: {seconds: 1e300}", "captions: {styles: {a: [b]}}", "x: &a [*a]"} {
		f.Add([]byte(s), "a/b.png")
	}
	f.Fuzz(func(t *testing.T, text []byte, path string) {
		r, err := ParseRecipe(text, "name")
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("more than a line: %q", err)
			}
			return
		}
		r.Digest()
		for _, s := range r.Sources {
			r.from(s.ID).Wants(path)
		}
	})
}
