package open

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	reference "github.com/parquet-go/parquet-go"

	"github.com/limner-ai/limner/source"
	"github.com/limner-ai/limner/source/sourcetest"
)

func picture(t *testing.T, n int) []byte {
	t.Helper()
	m := image.NewNRGBA(image.Rect(0, 0, 8, 8))
	m.Set(1, 1, color.NRGBA{uint8(n), uint8(n >> 8), 9, 255})
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func sum(data []byte) string { return fmt.Sprintf("%x", sha256.Sum256(data)) }

type file struct {
	name string
	data []byte
}

func tarOf(t *testing.T, files ...file) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, f := range files {
		if err := w.WriteHeader(&tar.Header{Name: f.name, Mode: 0o644, Size: int64(len(f.data))}); err != nil {
			t.Fatal(err)
		}
		w.Write(f.data)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zipOf(t *testing.T, files ...file) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range files {
		part, err := w.Create(f.name)
		if err != nil {
			t.Fatal(err)
		}
		part.Write(f.data)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const cc0 = "Creative Commons Legal Code\n\nCC0 1.0 Universal\n"

// lay writes files, and a licence beside them, into a new folder.
func lay(t *testing.T, files ...file) string {
	t.Helper()
	dir := t.TempDir()
	for _, f := range append(files, file{"LICENSE.txt", []byte(cc0)}) {
		path := filepath.Join(dir, filepath.FromSlash(f.name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const stated = "licence: CC0-1.0\nevidence: LICENSE.txt\n"

func begin(t *testing.T, dir, config string) source.Source {
	t.Helper()
	s, err := Kind.Open(t.Context(), []byte(config), source.Env{Dir: dir, Cache: filepath.Join(dir, "cache")})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// take writes each item as its path and words, and each refusal in words.
func take(t *testing.T, s source.Source) (items, refused []string) {
	t.Helper()
	for it, err := range s.Items(t.Context()) {
		var r *source.Refused
		switch {
		case errors.As(err, &r):
			refused = append(refused, r.Error())
		case err != nil:
			refused = append(refused, "end: "+err.Error())
		default:
			line := it.Path
			for _, c := range it.Captions {
				line += fmt.Sprintf(" %s:%q", c.Lang, c.Text)
			}
			for _, k := range it.Keywords {
				line += " +" + k
			}
			if it.Creator != "" {
				line += " by " + it.Creator
			}
			for _, s := range it.Statements {
				line += fmt.Sprintf(" [%s %s %s]", s.Form, s.Written, s.Where)
			}
			items = append(items, line)
		}
	}
	return items, refused
}

func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	if len(got)+len(want) > 0 && !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\n%s\nwant:\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestShards(t *testing.T) {
	one := tarOf(t,
		file{"a/0001.PNG", picture(t, 1)}, file{"a/0001.txt", []byte("\ufeffa fox\r\n")}, file{"a/0001.json", []byte(`{"caption":"a red fox","license":"CC-BY-4.0","author":"Ann","tags":["fox"]}`)}, file{"a/0001.cls", []byte("1\n")},
		file{"a/0002.json", []byte(`{"text":"before its picture"}`)}, file{"a/0002.left.png", picture(t, 2)}, file{"a/0002.right.png", picture(t, 3)},
		file{"b/0002.png", picture(t, 4)}, file{"b/0002.txt", []byte("\xff\xfe")},
		file{"b/0003.cls", []byte("77")}, file{"b/0003.png", picture(t, 5)}, file{"b/0003.json", []byte(`[]`)},
		file{"b/../../up.png", picture(t, 6)}, file{"b/0004.png", nil})
	dir := lay(t, file{"s/000.tar", one}, file{"s/001.tar", []byte("no archive")}, file{"s/002.tar", tarOf(t, file{"x.png", picture(t, 7)})}, file{"classes.txt", []byte("cat\nfox\n")})
	items, refused := take(t, begin(t, dir, "format: webdataset\npath: s\nclasses: classes.txt\nlanguage: en\ncreator: all of us\n"+stated))
	same(t, "items", items, []string{
		`000.tar/a/0001.PNG en:"a fox" en:"a red fox" +fox +fox by Ann [expression CC-BY-4.0 000.tar/a/0001.json licence]`,
		`000.tar/a/0002.left.png en:"before its picture" by all of us`,
		`000.tar/a/0002.right.png en:"before its picture" by all of us`,
		`000.tar/b/0002.png by all of us`,
		`000.tar/b/0003.png by all of us`,
		`002.tar/x.png by all of us`,
	})
	for i, want := range []string{"000.tar/b/0002.txt: malformed", "000.tar/b/0003.json: malformed", "000.tar/b/../../up.png: unsafe", "000.tar/b/0004.png: malformed", "001.tar: malformed"} {
		if i >= len(refused) || !strings.HasPrefix(refused[i], want) {
			t.Errorf("refused %q, want %s", refused, want)
		}
	}
}

type plainRow struct {
	Picture []byte `parquet:"picture,optional"`
	URL     string `parquet:"url"`
	Licence string `parquet:"License"`
	Beschr  string `parquet:"beschreibung"`
}

type groupRow struct {
	Image struct {
		Bytes []byte `parquet:"bytes,optional"`
		Path  string `parquet:"path"`
	} `parquet:"image"`
	Captions []string `parquet:"caption"`
	Label    int64    `parquet:"label"`
}

func parquetOf[T any](t *testing.T, rows []T, options ...reference.WriterOption) []byte {
	t.Helper()
	var b bytes.Buffer
	w := reference.NewGenericWriter[T](&b, append(options, reference.DefaultEncodingFor(reference.ByteArray, &reference.Plain))...)
	if _, err := w.Write(rows); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestTables(t *testing.T) {
	rows := make([]groupRow, 3)
	rows[0].Image.Bytes, rows[0].Captions = picture(t, 1), []string{"one", "eins"}
	rows[1].Image.Path = "gone.png"
	rows[2].Image.Bytes = []byte("no picture")
	plain := []plainRow{{picture(t, 2), "", "CC0-1.0", "Haus"}, {nil, "https://x.test/a.png", "", ""}}
	dir := lay(t, file{"g.parquet", parquetOf(t, rows)}, file{"p.parquet", parquetOf(t, plain)}, file{"bad.parquet", []byte("PAR1 and no more PAR1")})
	items, refused := take(t, begin(t, dir, "format: parquet\npath: g.parquet\n"+stated))
	same(t, "group", items, []string{`g.parquet/0.png und:"one" und:"eins"`})
	same(t, "group, refused", refused, []string{
		"g.parquet/1: malformed: the row has no picture",
		"g.parquet/2: malformed: its bytes are no picture that is read, or the patterns leave it out"})
	items, refused = take(t, begin(t, dir, "format: parquet\npath: p.parquet\nlanguage: de\ncolumns: {caption: beschreibung}\n"+stated))
	same(t, "plain", items, []string{`p.parquet/0.png de:"Haus" [expression CC0-1.0 p.parquet/0 licence]`})
	same(t, "plain, refused", refused, []string{`p.parquet/1: unreachable: the file has only its address, "https://x.test/a.png", and addresses are not fetched here`})
	items, refused = take(t, begin(t, dir, "format: parquet\npath: \"*.parquet\"\ncolumns: {image: nothing}\n"+stated))
	if len(items) != 0 || len(refused) != 3 || !strings.Contains(refused[0], "damaged") || !strings.Contains(refused[1], `no column "nothing"`) {
		t.Errorf("%q, %q", items, refused)
	}
}

// TestRepetition is a dictionary of one picture that fills all rows.
func TestRepetition(t *testing.T) {
	type row struct {
		Image []byte `parquet:"image,dict"`
	}
	rows := make([]row, 20_000)
	big := append(picture(t, 1), make([]byte, 8<<10)...)
	for i := range rows {
		rows[i].Image = big
	}
	dir := lay(t, file{"r.parquet", parquetOf(t, rows, reference.Compression(&reference.Zstd))})
	s := begin(t, dir, "format: parquet\npath: r.parquet\n"+stated)
	s.(*set).limits.Slack = 1 << 20
	var last error
	n := 0
	for _, err := range s.Items(t.Context()) {
		last = err
		n++
	}
	if last == nil || !strings.Contains(last.Error(), "too often") || n > 10_000 {
		t.Errorf("after %d: %v", n, last)
	}
}

func TestArchives(t *testing.T) {
	data := zipOf(t, file{"p/a.png", picture(t, 1)}, file{"p/b.png", picture(t, 2)}, file{"p/c.png", picture(t, 3)}, file{"p/notes.txt", []byte("x")}, file{"old/d.png", picture(t, 4)})
	list := "file_name,text,sha256,license\np/a.png,an apple,,\np/a.png,a red apple,,\np/b.png,a bee," + sum(picture(t, 9)) + ",\np/c.png,,,CC-BY-4.0\nbad\n"
	dir := lay(t, file{"d.zip", data}, file{"list.csv", []byte(list)})
	items, refused := take(t, begin(t, dir, "format: archive\npath: d.zip\ncaptions: list.csv\nlanguage: en\nexclude: [\"old/**\"]\n"+stated))
	same(t, "items", items, []string{`p/a.png en:"an apple" en:"a red apple"`, `p/c.png [expression CC-BY-4.0 list.csv line 5 licence]`})
	if len(refused) != 1 || !strings.HasPrefix(refused[0], "p/b.png: discrepancy: line 4 of list.csv") {
		t.Errorf("refused %q", refused)
	}
}

func TestConformance(t *testing.T) {
	var files, sampled []file
	var plain, shards, tables, described []string
	rows := make([]groupRow, 10)
	for i := range 10 {
		name := fmt.Sprintf("p/%02d.png", i)
		files = append(files, file{name, picture(t, i)})
		sampled = append(sampled, file{name, picture(t, i)}, file{fmt.Sprintf("p/%02d.txt", i), []byte("words")})
		rows[i].Image.Bytes = picture(t, i)
		plain, shards = append(plain, name), append(shards, "d.tar/"+name)
		tables, described = append(tables, fmt.Sprintf("d.parquet/%d.png", i)), append(described, "d.zip/"+name)
	}
	dir := lay(t, file{"d.zip", zipOf(t, append(files, file{"../up.png", picture(t, 9)})...)}, file{"d.tar", tarOf(t, sampled...)}, file{"d.parquet", parquetOf(t, rows)},
		file{"croissant.json", []byte(minimal)}, file{"none.json", []byte(strings.Replace(minimal, `"license"`, `"x"`, 1))})
	unsafe := map[string]source.Why{"../up.png": source.Unsafe}
	for format, c := range map[string]sourcetest.Case{
		"archive":    {Config: "path: d.zip\n", Paths: plain, Refused: unsafe},
		"webdataset": {Config: "path: d.tar\n", Paths: shards},
		"parquet":    {Config: "path: d.parquet\n", Paths: tables},
		"croissant":  {Config: "path: croissant.json\n", Paths: described, Refused: map[string]source.Why{"d.zip/../up.png": source.Unsafe}},
	} {
		c.Kind, c.Env = Kind, source.Env{Dir: dir, Cache: filepath.Join(dir, "cache")}
		head := "kind: open\nformat: " + format + "\n"
		c.Mistakes = map[string]string{
			head + stated:                                      "path",
			head + c.Config + "licence: CC0-1.0\n":             "evidence",
			head + c.Config + "evidence: LICENSE.txt\n":        "licence",
			head + c.Config + "licence: x\nevidence: no.txt\n": "evidence",
			head + "path: nowhere\n" + stated:                  "path",
			head + c.Config + stated + "include: [\"a[\"]\n":   "include",
			head + c.Config + stated + "colour: red\n":         "colour",
			"format: tarball\n" + c.Config + stated:            "format",
		}
		if format == "croissant" {
			c.Mistakes[head+"path: none.json\n"] = "licence"
		} else {
			c.Mistakes[head+c.Config] = "licence"
			c.Config += stated
		}
		c.Config = head + c.Config
		t.Run(format, func(t *testing.T) { sourcetest.Run(t, c) })
	}
}

func TestAbout(t *testing.T) {
	dir := lay(t, file{"d.zip", zipOf(t, file{"a.png", picture(t, 1)})})
	a, err := begin(t, dir, "format: archive\npath: d.zip\nurl: https://x.test/d\nmaker: The Museum\ncompleted: 2020-01-02\nworks: 12\nversion: \"3\"\n"+stated).About(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	e := &source.Evidence{Name: "LICENSE.txt", Data: []byte(cc0)}
	want := source.About{Type: source.Open, Name: "d.zip", Location: "https://x.test/d", Version: "3", Basis: "open data set",
		Maker: "The Museum", Completed: "2020-01-02", Works: 12, Statements: []source.Statement{
			{Scope: source.Whole, Form: source.Expression, Written: "CC0-1.0", Where: "the source's licence, proven by LICENSE.txt", Evidence: e},
			{Scope: source.Whole, Form: source.Text, Written: cc0, Where: "LICENSE.txt", Evidence: e}}}
	if !reflect.DeepEqual(a, want) {
		t.Errorf("got %+v\nwant %+v", a, want)
	}
}
