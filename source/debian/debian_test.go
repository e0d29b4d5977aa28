package debian

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/limner-ai/limner/source"
	"github.com/limner-ai/limner/source/sourcetest"
)

func tarball(t testing.TB, files ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for i := 0; i < len(files); i += 2 {
		name, text := files[i], files[i+1]
		if text == "" {
			text = strings.Repeat(name+" ", 50)
		}
		h := tar.Header{Name: "./" + name, Typeflag: tar.TypeReg, Mode: 0o644, Size: int64(len(text))}
		if name, ok := strings.CutPrefix(name, "link:"); ok {
			h.Name, h.Typeflag, h.Linkname, h.Size = "./"+name, tar.TypeSymlink, text, 0
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
	return b.Bytes()
}

func zipped(t testing.TB, files ...string) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		f, err := w.Create(files[i])
		if err != nil {
			t.Fatal(err)
		}
		text := files[i+1]
		if text == "" {
			text = strings.Repeat(files[i]+" ", 50)
		}
		f.Write([]byte(text))
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// write makes a package, by deb(5), and returns its path.
func write(t testing.TB, files ...string) string {
	t.Helper()
	var b bytes.Buffer
	b.WriteString("!<arch>\n")
	for name, data := range map[string][]byte{"control.tar.gz": tarball(t, "control", "Package: fruit\nVersion: 1:2.0-3\nDescription: x\n")} {
		member(&b, "debian-binary", []byte("2.0\n"))
		member(&b, name, data)
		member(&b, "data.tar.gz", tarball(t, files...))
	}
	path := filepath.Join(t.TempDir(), "fruit.deb")
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func member(b *bytes.Buffer, name string, data []byte) {
	fmt.Fprintf(b, "%-16s%-12d%-6d%-6d%-8s%-10d`\n", name, 0, 0, 0, "100644", len(data))
	b.Write(data)
	if len(data)%2 == 1 {
		b.WriteByte('\n')
	}
}

const machine = `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: fruit

Files: *
Copyright: 2001-2003, 2010 Ann Apple <ann@fruit.example>
           (C) 2011 Bob
License: GPL-2+

Files: ./art/pears/* debian/*
Copyright: © 2012 Cleo
License: CC-BY-4.0
 The text
 .
 goes on.

Files: art/pears/green.png
Copyright: Dan
License: PD

License: GPL-2+
 You may.
`

const rdf = `<svg xmlns="http://www.w3.org/2000/svg"><metadata><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:cc="http://creativecommons.org/ns#"><cc:Work><dc:title>Fig</dc:title><dc:creator><cc:Agent><dc:title>Eve</dc:title></cc:Agent></dc:creator><dc:subject><rdf:Bag><rdf:li>fruit</rdf:li></rdf:Bag></dc:subject></cc:Work></rdf:RDF></metadata></svg>`

func fruit(t testing.TB) string {
	return write(t, "usr/share/doc/fruit/copyright", machine, "usr/share/doc/fruit/README", "Pears are not for commercial use.",
		"usr/share/fruit/art/fig.svg", rdf, "usr/share/fruit/art/pears/green.png", "", "usr/share/fruit/art/pears/red.png", "",
		"usr/share/fruit/art/pears/red.png", "again", "usr/share/fruit/art/plum.webp", "", "link:usr/share/fruit/art/link.png", "plum.webp",
		"usr/share/fruit/sky/info.ini", "[info]\nname = Sky\nauthor = Finn\nlicense = CC BY-NC 4.0\n", "usr/share/fruit/sky/a.png", "", "usr/share/fruit/sky/deep/b.png", "",
		"usr/share/fruit/lib/more.zip", zipped(t, "art/pears/yellow.png", "", "../up.png", "x", "readme.txt", "x", "c.jpg", ""),
		"usr/share/fruit/bad.zip", "no zip", "usr/share/fruit/wall/metadata.json", `{"KPlugin": {"License": "CC-BY-SA-4.0", "Authors": [{"Name": "Gil"}]}}`,
		"usr/share/fruit/wall/w.jpg", "")
}

func TestConformance(t *testing.T) {
	path := fruit(t)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(data)
	const at = "usr/share/fruit/"
	sourcetest.Run(t, sourcetest.Case{
		Kind: Kind, Env: source.Env{Dir: filepath.Dir(path)},
		Config: "id: x\nkind: debian\nfile: fruit.deb\npackage: fruit\nversion: 1:2.0-3\nsha256: " + hex.EncodeToString(sum[:]),
		Paths: []string{at + "art/fig.svg", at + "art/pears/green.png", at + "art/pears/red.png", at + "art/plum.webp", at + "sky/a.png", at + "sky/deep/b.png",
			at + "lib/more.zip/art/pears/yellow.png", at + "lib/more.zip/c.jpg", at + "wall/w.jpg"},
		Refused: map[string]source.Why{at + "art/pears/red.png": source.Unsafe, at + "art/link.png": source.Unsafe,
			at + "lib/more.zip/../up.png": source.Unsafe, at + "bad.zip": source.Malformed},
		Mistakes: map[string]string{
			"style: x": "package", "package: Fruit": "package", "package: --all": "package", "package: fruit\nversion: latest": "version",
			"file: nowhere.deb": "file", "file: fruit.deb\npackage: nuts": "package", "file: fruit.deb\nversion: 1.0": "version",
			"file: fruit.deb\nsha256: abc": "sha256", "file: fruit.deb\nsha256: " + strings.Repeat("0", 64): "sha256",
			"file: fruit.deb\ninclude: ['{']": "include", "flie: x": "flie", "package: fruit": "package",
		},
	})
}

func take(t testing.TB, path string) (source.About, map[string]source.Item) {
	t.Helper()
	s, err := Kind.Open(t.Context(), []byte("exclude: ['**/{link,up,red}.png']\nfile: "+path), source.Env{})
	if err != nil {
		t.Fatal(err)
	}
	about, err := s.About(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	items := map[string]source.Item{}
	for item, err := range s.Items(t.Context()) {
		if err != nil && !strings.Contains(err.Error(), "bad.zip") {
			t.Fatal(err)
		}
		items[strings.TrimPrefix(item.Path, "usr/share/fruit/")] = item
	}
	return about, items
}

func written(statements []source.Statement) []string {
	var out []string
	for _, s := range statements {
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s %q %s: %s", s.Scope, s.Form, s.Written, filepath.Base(s.Where), s.Flag)))
	}
	return out
}

func TestStatements(t *testing.T) {
	about, items := take(t, fruit(t))
	if want := []string{`whole prose "Pears are not for commercial use." README line 1:`}; !slices.Equal(written(about.Statements), want) {
		t.Errorf("%q, want %q", written(about.Statements), want)
	}
	if about.Name != "fruit" || about.Version != "1:2.0-3" || about.Type != source.Open {
		t.Errorf("%+v", about)
	}
	everything := []string{`group debian "GPL-2+\nYou may." copyright line 7 License: matches only Files: *`,
		`group notice "2001-2003, 2010 Ann Apple <ann@fruit.example>\n          (C) 2011 Bob" copyright line 5 Copyright: matches only Files: *`}
	for path, want := range map[string][]string{
		"art/fig.svg":         append([]string{"debian/copyright line 4 (matches only Files: *)"}, everything...),
		"art/pears/green.png": {"debian/copyright line 16", `group debian "PD" copyright line 18 License:`, `group notice "Dan" copyright line 17 Copyright:`},
		"lib/more.zip/art/pears/yellow.png": {"debian/copyright line 9", `group debian "CC-BY-4.0\nThe text\n\ngoes on." copyright line 11 License:`,
			`group notice "© 2012 Cleo" copyright line 10 Copyright:`},
		"sky/deep/b.png": slices.Concat([]string{"debian/copyright line 4 (matches only Files: *), usr/share/fruit/sky/"}, everything,
			[]string{`group notice "Finn" info.ini line 3:`, `group expression "CC BY-NC 4.0" info.ini line 4:`}),
		"wall/w.jpg": slices.Concat([]string{"debian/copyright line 4 (matches only Files: *), usr/share/fruit/wall/"}, everything,
			[]string{`group expression "CC-BY-SA-4.0" metadata.json KPlugin License:`, `group notice "Gil" metadata.json KPlugin Authors 1:`}),
	} {
		if got := append([]string{items[path].Group}, written(items[path].Statements)...); !slices.Equal(got, want) {
			t.Errorf("%s: %q\nwant %q", path, got, want)
		}
	}
	fig := items["art/fig.svg"]
	if fig.Title != "Fig" || fig.Creator != "Eve" || !slices.Equal(fig.Keywords, []string{"fruit"}) ||
		!slices.Equal(fig.Captions, []source.Caption{{Lang: "en", Text: "Fig"}}) || !slices.Equal(fig.Holders, []string{"Ann Apple <ann@fruit.example>", "Bob"}) {
		t.Errorf("%q %q %q %v %q", fig.Title, fig.Creator, fig.Keywords, fig.Captions, fig.Holders)
	}
}

func TestFreeForm(t *testing.T) {
	about, items := take(t, write(t, "usr/share/doc/fruit/copyright", "Made by Ann. Public domain.", "usr/share/fruit/a.png", ""))
	if want := []string{`whole text "Made by Ann. Public domain." copyright:`}; !slices.Equal(written(about.Statements), want) {
		t.Errorf("%q, want %q", written(about.Statements), want)
	}
	if a := items["a.png"]; a.Group != "" || len(a.Statements) > 0 {
		t.Errorf("group %q, statements %q", a.Group, written(a.Statements))
	}
	about, items = take(t, write(t, "link:usr/share/doc/fruit/copyright", "../nuts/copyright", "usr/share/fruit/a.png", ""))
	if len(about.Statements) > 0 || len(items) != 1 {
		t.Errorf("without a copyright file: %q, %d items", written(about.Statements), len(items))
	}
	path := filepath.Join(t.TempDir(), "x.zip")
	if err := os.WriteFile(path, []byte(zipped(t, "a.png", "")), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Kind.Open(t.Context(), []byte("file: "+path), source.Env{}); err == nil || !strings.Contains(err.Error(), "Debian") {
		t.Errorf("a zip: %v", err)
	}
}

func TestLibrary(t *testing.T) {
	_, items := take(t, write(t, "usr/share/doc/fruit/copyright", format+"\nFiles: Chairs/*\nLicense: CC0\n", "usr/share/fruit/Chairs.sh3f",
		zipped(t, "lib/chair.png", "", "LICENSE.TXT", "Free.", catalogFile, "# furniture\nlicense=Public domain\nname#1=Armch\\u00e4ir\ntags#1=Seat, \\\n  soft\n"+
			"category#1 : Office\ncreator#1=Ann\nicon#1=/lib/chair.png\n")))
	i := items["Chairs.sh3f/lib/chair.png"]
	if i.Title != "Armchäir" || i.Creator != "Ann" || !slices.Equal(i.Keywords, []string{"Seat", "soft", "Office"}) {
		t.Errorf("%q by %q, %q", i.Title, i.Creator, i.Keywords)
	}
	want := []string{"debian/copyright line 3, usr/share/fruit/Chairs.sh3f/", `group debian "CC0" copyright line 4 License:`,
		`group text "Free." LICENSE.TXT:`, `group expression "Public domain" PluginFurnitureCatalog.properties license:`}
	if got := append([]string{i.Group}, written(i.Statements)...); !slices.Equal(got, want) {
		t.Errorf("%q\nwant %q", got, want)
	}
}

func FuzzCatalog(f *testing.F) {
	f.Add([]byte("a\\:b = c\\\n d\n!x\nicon#1=/a.png\nname#1=\\u00e"))
	f.Fuzz(func(t *testing.T, data []byte) { catalog(&source.Evidence{Name: "x", Data: data}) })
}

// A cache that holds the package is used; nothing is fetched.
func TestCache(t *testing.T) {
	cache := t.TempDir()
	data, err := os.ReadFile(fruit(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(cache, "fruit_1%3a2.0-3_all.deb"), data, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, config := range []string{"package: fruit", "package: fruit\nversion: 1:2.0-3"} {
		s, err := Kind.Open(t.Context(), []byte(config), source.Env{Cache: cache})
		if err != nil {
			t.Fatal(err)
		}
		if about, err := s.About(t.Context()); err != nil || about.Location != "pkg:deb/debian/fruit@1%3A2.0-3" {
			t.Errorf("%+v, %v", about, err)
		}
	}
}
