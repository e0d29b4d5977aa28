package vendor

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/json"
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

	"github.com/klauspost/compress/zstd"

	"github.com/limner-ai/limner/source"
	"github.com/limner-ai/limner/source/archive"
	"github.com/limner-ai/limner/source/manifest"
	"github.com/limner-ai/limner/source/sourcetest"
)

// picture draws a PNG that no other number gives.
func picture(t *testing.T, n int) []byte {
	t.Helper()
	m := image.NewNRGBA(image.Rect(0, 0, 4+n, 3))
	m.Set(n, 1, color.NRGBA{uint8(n), 100, 200, 255})
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func sum(data []byte) string { return fmt.Sprintf("%x", sha256.Sum256(data)) }

// file is one of a folder or archive, in order.
type file struct {
	name string
	data []byte
}

func write(t *testing.T, dir string, files ...file) {
	t.Helper()
	for _, f := range files {
		path := filepath.Join(dir, filepath.FromSlash(f.name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
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

func zst(t *testing.T, data []byte) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return w.EncodeAll(data, nil)
}

const agreement = `id: A-17
parties: [Ann's Pictures, Limner users]
scope: the pictures of the delivery of November
purposes: [train, output]
territory: [GB, DE]
from: 2026-11-01
until: 2028-10-31
revocation: three months' notice in writing
delete: true
indemnity: true
document: signed.pdf
`

// delivery lays out a delivery in a new folder.
func delivery(t *testing.T, files ...file) string {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, append(files, file{"agreement.yaml", []byte(agreement)}, file{"signed.pdf", []byte("%PDF-1.7 signed")})...)
	return dir
}

func start(t *testing.T, dir, config string) source.Source {
	t.Helper()
	s, err := Kind.Open(t.Context(), []byte(config), source.Env{Dir: dir, Cache: filepath.Join(dir, "cache")})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// take gives the items, and the refusals in words; an error that ends the
// delivery is the last.
func take(t *testing.T, s source.Source) (items []source.Item, refused []string) {
	t.Helper()
	for item, err := range s.Items(t.Context()) {
		var r *source.Refused
		switch {
		case errors.As(err, &r):
			refused = append(refused, r.Error())
		case err != nil:
			refused = append(refused, "end: "+err.Error())
		default:
			items = append(items, item)
		}
	}
	return items, refused
}

func TestConformance(t *testing.T) {
	var files []file
	list := "path,sha256,caption\r\n"
	var paths []string
	for i := range 10 {
		f := file{fmt.Sprintf("d/%02d.png", i), picture(t, i)}
		files, paths = append(files, f), append(paths, f.name)
		list += fmt.Sprintf("%02d.png,%s,number %d\r\n", i, sum(f.data), i)
	}
	files = append(files, file{"d/extra.png", picture(t, 77)}, file{"../out.png", picture(t, 78)}, file{"d/README", []byte("read me")})
	list += "absent.png,,\r\n../../etc/passwd,,\r\n"
	dir := delivery(t, file{"d.tar.zst", zst(t, tarOf(t, files...))}, file{"list.csv", []byte(list)})
	config := "kind: vendor\npath: d.tar.zst\nmanifest: list.csv\nroot: d\nbesides: [d/README]\nagreement: agreement.yaml\n"
	sourcetest.Run(t, sourcetest.Case{
		Kind: Kind, Config: config, Env: source.Env{Dir: dir, Cache: filepath.Join(dir, "cache")},
		Paths: paths,
		Refused: map[string]source.Why{
			"d/extra.png": source.Discrepancy, "d/absent.png": source.Discrepancy,
			"../out.png": source.Unsafe, "list.csv line 13": source.Unsafe,
		},
		Mistakes: map[string]string{
			"kind: vendor\n":                                                                           "path",
			"path: d.tar.zst\nmanifest: list.csv\n":                                                    "agreement",
			"path: d.tar.zst\nagreement: agreement.yaml\n":                                             "manifest",
			"path: nowhere\nmanifest: list.csv\nagreement: agreement.yaml\n":                           "path",
			"path: d.tar.zst\nmanifest: nowhere.csv\nagreement: agreement.yaml\n":                      "manifest",
			"path: d.tar.zst\nmanifest: list.txt\nagreement: agreement.yaml\n":                         "form",
			"path: d.tar.zst\nmanifest: list.csv\nagreement: agreement.yaml\nroot: ../x\n":             "root",
			"path: d.tar.zst\nmanifest: list.csv\nagreement: agreement.yaml\nbesides: [\"a[\"]\n":      "besides",
			"path: d.tar.zst\nmanifest: list.csv\nagreement: agreement.yaml\ncolour: red\n":            "colour",
			"path: d.tar.zst\nmanifest: list.csv\nagreement: agreement.yaml\ncolumns: {colour: red}\n": "columns",
		},
	})
}

func TestAbout(t *testing.T) {
	list := []byte("path\n")
	dir := delivery(t, file{"d/a.png", picture(t, 1)}, file{"list.csv", list})
	a, err := start(t, dir, "path: d\nname: November\nmanifest: list.csv\nagreement: agreement.yaml\nmaker: Ann\nworks: 3\n").About(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := source.About{
		Type: source.Vendor, Name: "November", Location: "d", Version: "manifest sha256:" + sum(list),
		Basis: "agreement A-17", Maker: "Ann", Works: 3,
		Agreement: &source.Agreement{
			ID: "A-17", Parties: []string{"Ann's Pictures", "Limner users"}, Scope: "the pictures of the delivery of November",
			Purposes: []string{"train", "output"}, Territory: []string{"GB", "DE"}, From: "2026-11-01", Until: "2028-10-31",
			Revocation: "three months' notice in writing", Delete: true, Indemnity: true,
			Document: &source.Evidence{Name: "signed.pdf", Data: []byte("%PDF-1.7 signed")},
		},
	}
	if !reflect.DeepEqual(a, want) {
		t.Errorf("got %+v\nwant %+v", a, want)
	}
}

func TestPosts(t *testing.T) {
	a, b, c := picture(t, 1), picture(t, 2), picture(t, 3)
	posts := fmt.Sprintf(`{"id":"1","author":"ann","created_utc":1763856000,"subreddit":"cats","title":"Look","selftext":"my cat","media":[{"path":"1/a.png","sha256":"%s","width":5,"height":3},{"url":"https://x.test/b.png","sha256":"%s"}]}
{"id":"2","author":"bo","text":"only words"}
{"id":"3","author":"cy","text":"three","license":"CC-BY-4.0","media":["3/c.png","3/gone.png"]}
`, sum(a), sum(b))
	for name, file2 := range map[string]file{
		"zip with the list inside": {"d.zip", zipOf(t, file{"posts.jsonl.zst", zst(t, []byte(posts))}, file{"1/a.png", a}, file{"x", b}, file{"3/c.png", c})},
		"folder":                   {"d.zip/1/a.png", a},
	} {
		dir := delivery(t, file2)
		if name == "folder" {
			write(t, dir, file{"d.zip/x", b}, file{"d.zip/3/c.png", c}, file{"d.zip/.DS_Store", []byte("junk")}, file{"d.zip/posts.jsonl.zst", zst(t, []byte(posts))})
		}
		items, refused := take(t, start(t, dir, "path: d.zip\nwithin: posts.jsonl.zst\nagreement: agreement.yaml\nlanguage: en\n"))
		if want := []string{"3/gone.png: discrepancy: line 3 of the manifest lists it, but it was not delivered"}; !reflect.DeepEqual(refused, want) {
			t.Errorf("%s: refused %q", name, refused)
		}
		got := map[string]source.Item{}
		for _, it := range items {
			it.Data = nil
			got[it.Path] = it
		}
		line := []byte(strings.Split(posts, "\n")[2])
		want := map[string]source.Item{
			"1/a.png": {Path: "1/a.png", Title: "Look", Creator: "ann", Captions: []source.Caption{{Lang: "en", Text: "Look"}, {Lang: "en", Text: "my cat"}}, Keywords: []string{"cats"}},
			"x":       {Path: "x", URL: "https://x.test/b.png", Title: "Look", Creator: "ann", Captions: []source.Caption{{Lang: "en", Text: "Look"}, {Lang: "en", Text: "my cat"}}, Keywords: []string{"cats"}},
			"3/c.png": {Path: "3/c.png", Creator: "cy", Captions: []source.Caption{{Lang: "en", Text: "three"}}, Statements: []source.Statement{{
				Scope: source.File, Form: source.Expression, Written: "CC-BY-4.0", Where: "posts.jsonl.zst line 3 licence",
				Evidence: &source.Evidence{Name: "posts.jsonl.zst line 3", Data: line}}}},
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v\nwant %+v", name, got, want)
		}
	}
}

func TestDiscrepancies(t *testing.T) {
	a, b := picture(t, 1), picture(t, 2)
	list := "path,sha256,size,width,height\n" +
		"good.png," + sum(a) + "," + fmt.Sprint(len(a)) + ",5,3\n" + // 2
		"digest.png," + sum(b) + ",,,\n" +
		"size.png,,10737418240,,\n" +
		"wide.png,,,50,3\n" +
		"twice.png,,,,\n" + // 6
		"twice.png,,,,\n" +
		"gone.png," + sum(b) + ",,,\n" +
		"../../up.png,,,,\n" +
		"x\xff.png,,,,\n" + // 10
		"empty.png,,0,,\n" +
		"film.mp4,,,,\n" +
		"short.png\n" +
		"," + sum(b) + ",,,\n" // 14
	dir := delivery(t, file{"list.csv", []byte(list)}, file{"d.tar", tarOf(t,
		file{"good.png", a}, file{"digest.png", a}, file{"size.png", a}, file{"wide.png", a}, file{"twice.png", a},
		file{"unlisted.png", a}, file{"empty.png", nil}, file{"film.mp4", []byte("moving")}, file{"b1.png", b}, file{"b2.png", b})})
	items, refused := take(t, start(t, dir, "path: d.tar\nmanifest: list.csv\nagreement: agreement.yaml\n"))
	if len(items) != 2 || items[0].Path != "good.png" || items[1].Path != "b1.png" {
		t.Errorf("items: %+v", items)
	}
	want := []string{
		"digest.png: discrepancy: digest: line 3 of the manifest says sha256:" + sum(b) + ", the file has sha256:" + sum(a),
		fmt.Sprintf("size.png: discrepancy: size: line 4 of the manifest says 10737418240 bytes, the file has %d bytes", len(a)),
		"wide.png: discrepancy: dimensions: line 5 of the manifest says 50×3, the file has 5×3",
		"twice.png: discrepancy: the manifest lists it several times: lines 6, 7",
		"unlisted.png: discrepancy: the manifest does not list it",
		"empty.png: malformed: it is no picture: PNG, JPEG, WebP, GIF and SVG are read",
		"film.mp4: malformed: it is no picture: PNG, JPEG, WebP, GIF and SVG are read",
		"b2.png: discrepancy: line 14 of the manifest gives no path, and an earlier file has the same content",
		"gone.png: discrepancy: line 8 of the manifest lists it, but it was not delivered",
		`list.csv line 9: unsafe: the path "../../up.png": its name leads out of its folder`,
		"list.csv line 10: malformed: not UTF-8 text; save it as UTF-8",
		"list.csv line 13: malformed: it has 1 columns, the header has 5",
	}
	if !reflect.DeepEqual(refused, want) {
		t.Errorf("refused\n%s\nwant\n%s", strings.Join(refused, "\n"), strings.Join(want, "\n"))
	}
}

func TestBrokenManifests(t *testing.T) {
	a := picture(t, 1)
	var long strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&long, `{"path":"%d.png","text":"%x"}`+"\n", i, sha256.Sum256([]byte{byte(i), byte(i >> 8)}))
	}
	whole := zst(t, []byte(long.String()))
	bomb := zst(t, make([]byte, 300<<20))
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"cut off":     {whole[:len(whole)/2], archive.ErrTruncated.Error()},
		"no zstd":     {append([]byte("\x28\xb5\x2f\xfd"), "garbage garbage"...), "manifest list.jsonl.zst"},
		"bomb":        {bomb, "refused"},
		"empty frame": {zst(t, nil), "a.png: discrepancy: the manifest does not list it"},
	} {
		dir := delivery(t, file{"d/a.png", a}, file{"list.jsonl.zst", c.data})
		items, refused := take(t, start(t, dir, "path: d\nmanifest: list.jsonl.zst\nagreement: agreement.yaml\n"))
		if len(items) != 0 || len(refused) != 1 || !strings.Contains(refused[0], c.want) {
			t.Errorf("%s: %d items, %q; want %q", name, len(items), refused, c.want)
		}
	}
}

func TestTruncatedDelivery(t *testing.T) {
	data := tarOf(t, file{"a.png", picture(t, 1)}, file{"b.png", picture(t, 2)})
	dir := delivery(t, file{"d.tar", data[:1300]}, file{"list.csv", []byte("path\na.png\nb.png\n")})
	items, refused := take(t, start(t, dir, "path: d.tar\nmanifest: list.csv\nagreement: agreement.yaml\n"))
	if len(items) != 1 || len(refused) != 1 || !strings.HasPrefix(refused[0], "end: ") {
		t.Errorf("%d items, %q: what was cut off must not be told as missing", len(items), refused)
	}
}

func TestAgreements(t *testing.T) {
	for change, want := range map[string]string{
		"id: A-17=>id: ''": "id",
		"parties: [Ann's Pictures, Limner users]=>parties: [Ann]": "parties",
		"[train, output]=>[]":                    "purposes",
		"[train, output]=>[train, resell]":       `purposes: "resell"`,
		"[GB, DE]=>[Germany]":                    `territory: "Germany"`,
		"from: 2026-11-01=>from: tomorrow":       "from",
		"from: 2026-11-01=>from: ''":             "from",
		"2028-10-31=>2026-02-30":                 "until",
		"2028-10-31=>2025-10-31":                 "until",
		"document: signed.pdf=>document: ''":     "document",
		"document: signed.pdf=>document: no.pdf": "document",
		"signed.pdf=>empty.pdf":                  "document",
		"delete: true=>delete: perhaps":          "delete",
		"delete: true=>remove: true":             "remove",
	} {
		old, new, _ := strings.Cut(change, "=>")
		dir := delivery(t, file{"empty.pdf", nil})
		write(t, dir, file{"agreement.yaml", []byte(strings.Replace(agreement, old, new, 1))})
		_, err := readAgreement(filepath.Join(dir, "agreement.yaml"))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %q", change, err, want)
		}
	}
}

func TestReport(t *testing.T) {
	refused := []*source.Refused{
		{Path: "=cmd|x.png", Why: source.Discrepancy, Err: &Discrepancy{Rule: Size, Line: 4, Expected: "5 bytes", Found: "6 bytes"}},
		{Path: "b.png", Why: source.Unsafe, Err: errors.New("a link, \"quoted\"")},
	}
	var table, lines bytes.Buffer
	for form, out := range map[manifest.Form]*bytes.Buffer{manifest.CSV: &table, manifest.JSONL: &lines} {
		r, err := NewReport(out, form)
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range refused {
			if err := r.Add(one); err != nil {
				t.Fatal(err)
			}
		}
		if err := r.Close(); err != nil || r.Len() != 2 {
			t.Fatal(r.Len(), err)
		}
	}
	records, err := csv.NewReader(&table).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"path", "why", "rule", "line", "expected", "found", "detail"},
		{"'=cmd|x.png", "discrepancy", "size", "4", "5 bytes", "6 bytes", "size: line 4 of the manifest says 5 bytes, the file has 6 bytes"},
		{"b.png", "unsafe", "", "", "", "", "a link, \"quoted\""},
	}
	if !reflect.DeepEqual(records, want) {
		t.Errorf("got %q\nwant %q", records, want)
	}
	var first map[string]any
	if err := json.NewDecoder(&lines).Decode(&first); err != nil || first["path"] != "=cmd|x.png" || first["line"] != 4.0 || first["rule"] != "size" {
		t.Errorf("got %v, %v", first, err)
	}
	if _, err := NewReport(&table, "xml"); err == nil {
		t.Error("a report in XML")
	}
}
