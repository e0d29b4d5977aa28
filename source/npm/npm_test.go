package npm

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/limner-ai/limner/source"
	"github.com/limner-ai/limner/source/sourcetest"
)

// write packs pairs of names and contents as npm does and returns the file's
// path. A picture without content gets some.
func write(t testing.TB, files ...string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for i := 0; i < len(files); i += 2 {
		name, text := files[i], files[i+1]
		if text == "" {
			text = strings.Repeat(name+" ", 50)
		}
		h := tar.Header{Name: "package/" + name, Typeflag: tar.TypeReg, Mode: 0o644, Size: int64(len(text))}
		if name, ok := strings.CutPrefix(name, "link:"); ok {
			h.Name, h.Typeflag, h.Linkname, h.Size = "package/"+name, tar.TypeSymlink, text, 0
		}
		if name, ok := strings.CutPrefix(name, "root:"); ok {
			h.Name = name
		}
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if h.Size > 0 {
			w.Write([]byte(text))
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "p.tgz")
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func open1(t testing.TB, config string) (source.About, []source.Item) {
	t.Helper()
	s, err := Kind.Open(t.Context(), []byte(config), source.Env{})
	if err != nil {
		t.Fatal(err)
	}
	about, err := s.About(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var items []source.Item
	for item, err := range s.Items(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		items = append(items, item)
	}
	return about, items
}

func written(statements []source.Statement) []string {
	var out []string
	for _, s := range statements {
		out = append(out, fmt.Sprintf("%s %s %q %s", s.Scope, s.Form, s.Written, s.Where))
	}
	return out
}

const manifestJSON = `{"name": "@fruit/pictures", "version": "1.2.3", "license": "MIT", "author": {"name": "Ann", "email": "a@fruit.example"}}`

func TestConformancePlain(t *testing.T) {
	path := write(t, "package.json", manifestJSON, "README.md", "# Fruit\n\nAll is under a licence.\n",
		"img/a.png", "", "img/b.png", "", "img/c.png", "", "img/c.png", "again", "d.svg", "", "sub/LICENSE", "CC0 text", "sub/e.gif", "",
		"sub/deep/f.webp", "", "sub/deep/README", "Copyright Bob", "../up.png", "", "link:g.png", "/etc/passwd", "link:x.txt", "a", "root:other/h.png", "",
		"i.jpg", "", "j.JPEG", "", "skip/k.png", "")
	sourcetest.Run(t, sourcetest.Case{
		Kind: Kind, Env: source.Env{Dir: filepath.Dir(path)},
		Config: "id: x\nkind: npm\nfile: p.tgz\nexclude: ['skip/**']\npackage: '@fruit/pictures'\nversion: 1.2.3\nintegrity: " + integrity(t, path),
		Paths:  []string{"img/a.png", "img/b.png", "img/c.png", "d.svg", "sub/e.gif", "sub/deep/f.webp", "i.jpg", "j.JPEG"},
		Refused: map[string]source.Why{"img/c.png": source.Unsafe, "../up.png": source.Unsafe, "g.png": source.Unsafe,
			"other/h.png": source.Unsafe},
		Mistakes: map[string]string{
			"sets: [a]":  "package",
			"package: x": "version", "package: x\nversion: latest": "version", "package: '-rf'\nversion: 1.0.0": "package",
			"file: nowhere.tgz": "file", "file: p.tgz\nversion: 1.2.4": "version", "file: p.tgz\npackage: y": "package",
			"file: p.tgz\nintegrity: sha512-AAAA": "integrity", "file: p.tgz\nintegrity: md5-AAAA": "integrity",
			"file: p.tgz\nlayout: round": "layout", "file: p.tgz\nlayout: openmoji": "layout", "file: p.tgz\nsets: [noto]": "sets",
			"file: p.tgz\nnames: nowhere.tgz": "names", "file: p.tgz\nnames: p.tgz": "names", "file: p.tgz\nnames: emojibase-data@latest": "names",
			"file: p.tgz\nexclude: ['[']": "exclude", "fil: p.tgz": "fil",
		},
	})
}

func integrity(t testing.TB, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	d := sha512.Sum512(data)
	return "sha512-" + base64.StdEncoding.EncodeToString(d[:])
}

func TestEvidence(t *testing.T) {
	path := write(t, "package.json", manifestJSON, "README.md", "# Fruit\n\nPears are owned by Pear Inc.\n\nHello.\n", "LICENSE", "MIT text",
		"a.png", "", "sub/LICENSE", "CC0 text", "sub/e.gif", "", "sub/deep/f.webp", "", "sub/deep/README", "Copyright Bob", "sub/other/g.png", "")
	about, items := open1(t, "file: "+path)
	if want := []string{`whole expression "MIT" package.json license`, `whole notice "Ann" package.json author`, `whole text "MIT text" LICENSE`,
		`whole prose "Pears are owned by Pear Inc." README.md line 3`}; !slices.Equal(written(about.Statements), want) {
		t.Errorf("%q, want %q", written(about.Statements), want)
	}
	if about.Name != "@fruit/pictures" || about.Version != "1.2.3" || about.Maker != "Ann" || about.Type != source.Open {
		t.Errorf("%+v", about)
	}
	want := map[string][]string{
		"a.png":           {""},
		"sub/e.gif":       {"sub/", `group text "CC0 text" sub/LICENSE`},
		"sub/deep/f.webp": {"sub/deep/", `group text "CC0 text" sub/LICENSE`, `group prose "Copyright Bob" sub/deep/README line 1`},
		"sub/other/g.png": {"sub/", `group text "CC0 text" sub/LICENSE`},
	}
	for _, i := range items {
		if got := append([]string{i.Group}, written(i.Statements)...); !slices.Equal(got, want[i.Path]) {
			t.Errorf("%s: %q, want %q", i.Path, got, want[i.Path])
		}
	}
}

func TestLicences(t *testing.T) {
	for field, want := range map[string][]string{
		`"license": "(MIT OR CC0-1.0)"`:                                {"(MIT OR CC0-1.0)"},
		`"license": {"type": "BSD", "url": "https://b.example"}`:       {"BSD"},
		`"license": {"url": "https://b.example"}`:                      {"https://b.example"},
		`"licenses": [{"type": "MIT"}, "Apache-2.0", ["x"], {"a": 1}]`: {"MIT", "Apache-2.0"},
		`"license": ["MIT", "ISC"]`:                                    {"MIT", "ISC"},
		`"license": "UNLICENSED", "licenses": [{"type": "MIT"}]`:       {"UNLICENSED", "MIT"},
		`"license": 5, "author": 7`:                                    nil,
		`"license": " "`:                                               nil,
		`"description": "none"`:                                        nil,
	} {
		about, _ := open1(t, "file: "+write(t, "package.json", `{"name": "x", "version": "1.0.0", `+field+`}`))
		var got []string
		where := map[string]bool{}
		for _, s := range about.Statements {
			got = append(got, s.Written)
			if where[s.Where] {
				t.Errorf("%s: two statements at %s", field, s.Where)
			}
			where[s.Where] = true
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", field, got, want)
		}
	}
	about, _ := open1(t, "file: "+write(t, "docs/terms.html", "<p>Ask us.</p>", "package.json", `{"name": "x", "version": "1.0.0", "license": "SEE LICENSE IN ./docs/terms.html"}`))
	if want := []string{`whole expression "SEE LICENSE IN ./docs/terms.html" package.json license`, `whole text "<p>Ask us.</p>" docs/terms.html`}; !slices.Equal(written(about.Statements), want) {
		t.Errorf("%q", written(about.Statements))
	}
}

func TestNoPackage(t *testing.T) {
	for _, path := range []string{write(t, "a.png", ""), write(t, "package.json", "{")} {
		if _, err := Kind.Open(t.Context(), []byte("file: "+path), source.Env{}); err == nil || !strings.Contains(err.Error(), "package.json") {
			t.Errorf("error %v", err)
		}
	}
}

// A cache that holds the package is used; nothing is fetched.
func TestCache(t *testing.T) {
	cache := t.TempDir()
	data, err := os.ReadFile(write(t, "package.json", manifestJSON, "a.png", ""))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(cache, "fruit-pictures-1.2.3.tgz"), data, 0o644); err != nil {
		t.Fatal(err)
	}
	s, err := Kind.Open(t.Context(), []byte("package: '@fruit/pictures'\nversion: 1.2.3"), source.Env{Cache: cache})
	if err != nil {
		t.Fatal(err)
	}
	about, err := s.About(t.Context())
	if err != nil || about.Location != "pkg:npm/%40fruit/pictures@1.2.3" {
		t.Errorf("%+v, %v", about, err)
	}
	if _, err := Kind.Open(t.Context(), []byte("package: x\nversion: 1.2.3"), source.Env{}); err == nil || !strings.Contains(err.Error(), "package") {
		t.Errorf("without a cache: %v", err)
	}
}
