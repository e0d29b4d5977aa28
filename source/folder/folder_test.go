package folder

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/limner-ai/limner/source"
	"github.com/limner-ai/limner/source/sourcetest"
)

// write makes a folder of files; a picture's content is its name, repeated.
func write(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if text == "" {
			text = string(bytes.Repeat([]byte(name+" "), 100))
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const exceptions = `
holder: Jane Doe
licence: own
agreement: letters/jane.pdf
files:
  - match: "guests/**"
    holder: John Smith
    licence: CC-BY-4.0
  - match: "**/secret*"
    holder: Somebody Else
`

func mixed(t testing.TB) string {
	return write(t, map[string]string{
		"rights.yaml": exceptions, "letters/jane.pdf": "%PDF signed",
		"a.png": "", "b.JPG": "", "c.webp": "", "d.svg": "", "notes.doc": "", ".hidden.png": "", ".git/x.png": "",
		"a.txt": "  a red\n apple ", "b.JPG.xmp": "<one/>", "b.xmp": "<two/>",
		"guests/e.png": "", "guests/secret.png": "", "guests/f.gif": "", "guests/deep/g.png": "", "empty.png": " ",
		"guests/metadata.jsonl": `{"file_name": "e.png", "text": "Eine Birne", "lang": "de", "license": "CC0-1.0"}
not json
{"file_name": "deep/g.png", "caption": "a fig", "tags": ["fruit"], "title": "Fig"}
`,
	})
}

func TestConformance(t *testing.T) {
	dir := mixed(t)
	if err := os.Truncate(filepath.Join(dir, "empty.png"), 0); err != nil {
		t.Fatal(err)
	}
	refused := map[string]source.Why{"empty.png": source.Malformed}
	outside := filepath.Join(t.TempDir(), "outside.png")
	if err := os.WriteFile(outside, []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	if os.Symlink(outside, filepath.Join(dir, "link.png")) == nil && os.Symlink(outside, filepath.Join(dir, "d.xmp")) == nil {
		refused["link.png"] = source.Unsafe
		refused["d.svg"] = source.Unreachable // what its sidecar says cannot be read
	} else {
		t.Skip("links cannot be made here")
	}
	sourcetest.Run(t, sourcetest.Case{
		Kind: Kind, Config: "id: mine\nkind: folder\npath: '" + filepath.Base(dir) + "'\nexclude: ['**/*.gif']\n",
		Env:     source.Env{Dir: filepath.Dir(dir), Cache: t.TempDir()},
		Paths:   []string{"a.png", "b.JPG", "c.webp", "guests/deep/g.png", "guests/e.png", "guests/secret.png"},
		Refused: refused,
		Mistakes: map[string]string{
			"name: x":                         "path",
			"path: nowhere":                   "path",
			"pth: x":                          "pth",
			"path: .\ninclude: ['a[']":        "include",
			"path: " + filepath.Base(outside): "path",
		},
	})
}

func take(t testing.TB, dir string) (source.About, map[string]source.Item) {
	t.Helper()
	s, err := Kind.Open(t.Context(), fmt.Appendf(nil, "path: %q", dir), source.Env{Cache: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	about, err := s.About(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	items := map[string]source.Item{}
	for item, err := range s.Items(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		items[item.Path] = item
	}
	return about, items
}

func written(statements []source.Statement) []string {
	var out []string
	for _, s := range statements {
		out = append(out, fmt.Sprintf("%s %s %q in %s", s.Scope, s.Form, s.Written, s.Evidence.Name))
	}
	return out
}

func TestRights(t *testing.T) {
	about, items := take(t, mixed(t))
	if len(about.Statements) > 0 {
		t.Errorf("statements on the whole, which has exceptions: %q", written(about.Statements))
	}
	for path, want := range map[string][]string{
		"a.png":             {"rights.yaml", `group own "own" in rights.yaml`, `group notice "Jane Doe" in rights.yaml`, `group own "letters/jane.pdf" in letters/jane.pdf`},
		"guests/deep/g.png": {"rights.yaml guests/**", `group expression "CC-BY-4.0" in rights.yaml`, `group notice "John Smith" in rights.yaml`},
		"guests/e.png": {"rights.yaml guests/**", `group expression "CC-BY-4.0" in rights.yaml`, `group notice "John Smith" in rights.yaml`,
			`file expression "CC0-1.0" in metadata.jsonl line 1`},
		"guests/secret.png": {"rights.yaml **/secret*", `group notice "Somebody Else" in rights.yaml`},
	} {
		if got := append([]string{items[path].Group}, written(items[path].Statements)...); !slices.Equal(got, want) {
			t.Errorf("%s: %q\nwant %q", path, got, want)
		}
	}

	about, items = take(t, write(t, map[string]string{"rights.yaml": "holder: Jane Doe\nlicence: own\n", "a.png": ""}))
	if got, want := written(about.Statements), []string{`whole own "own" in rights.yaml`, `whole notice "Jane Doe" in rights.yaml`}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if a := items["a.png"]; a.Group != "" || len(a.Statements) > 0 || !slices.Equal(a.Holders, []string{"Jane Doe"}) {
		t.Errorf("a.png: group %q, statements %q, holders %q", a.Group, written(a.Statements), a.Holders)
	}
	if about, _ := take(t, write(t, map[string]string{"a.png": ""})); len(about.Statements) > 0 {
		t.Errorf("statements from nowhere: %q", written(about.Statements))
	}
}

func TestWords(t *testing.T) {
	_, items := take(t, mixed(t))
	if got := items["a.png"].Captions; !slices.Equal(got, []source.Caption{{Lang: "en", Text: "a red apple"}}) {
		t.Errorf("a.png: %v", got)
	}
	if got := items["guests/e.png"].Captions; !slices.Equal(got, []source.Caption{{Lang: "de", Text: "Eine Birne"}}) {
		t.Errorf("guests/e.png: %v", got)
	}
	if g := items["guests/deep/g.png"]; g.Title != "Fig" || !slices.Equal(g.Keywords, []string{"fruit"}) ||
		!slices.Equal(g.Captions, []source.Caption{{Lang: "en", Text: "a fig"}, {Lang: "en", Text: "Fig"}}) {
		t.Errorf("guests/deep/g.png: %q %q %v", g.Title, g.Keywords, g.Captions)
	}
	var sidecars []string
	for _, s := range items["b.JPG"].Sidecars {
		sidecars = append(sidecars, s.Name+" "+string(s.Data))
	}
	if want := []string{"b.JPG.xmp <one/>", "b.xmp <two/>"}; !slices.Equal(sidecars, want) {
		t.Errorf("sidecars %q, want %q", sidecars, want)
	}
}

func TestRightsMistakes(t *testing.T) {
	for text, want := range map[string]string{
		"licence: own":                                         "holder",
		"holder: J\nlicense: own":                              "license",
		"holder: J\nagreement: none.pdf":                       "agreement",
		"holder: J\nagreement: ../rights.yaml":                 "agreement",
		"holder: J\nfiles: [{holder: K}]":                      "match",
		"holder: J\nfiles: [{match: 'a/**', licence: own}]":    "a/**: holder",
		"holder: J\nfiles: [{match: 'a/**', owner: Somebody}]": "owner",
	} {
		dir := write(t, map[string]string{"rights.yaml": text, "a.png": ""})
		_, err := Kind.Open(t.Context(), fmt.Appendf(nil, "path: %q", dir), source.Env{})
		if err == nil || !bytes.Contains([]byte(err.Error()), []byte(want)) {
			t.Errorf("%q: %v; want an error that names %q", text, err, want)
		}
	}
}
