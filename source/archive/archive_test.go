package archive

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/limner-ai/limner/source"
)

func tarOf(t testing.TB, headers ...tar.Header) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, h := range headers {
		data := h.PAXRecords["LIMNER.data"]
		h.PAXRecords = nil
		h.Size, h.Mode = int64(len(data)), 0o644
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, data); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func plainFile(name, data string) tar.Header {
	return tar.Header{Typeflag: tar.TypeReg, Name: name, PAXRecords: map[string]string{"LIMNER.data": data}}
}

func gzipped(t testing.TB, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write(data)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zstandard(t testing.TB, data []byte) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return w.EncodeAll(data, nil)
}

func zipOf(t testing.TB, files ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		f, err := w.Create(files[i])
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(f, files[i+1])
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// debOf builds the ar archive by hand, from deb(5).
func debOf(members ...any) []byte {
	var b bytes.Buffer
	b.WriteString("!<arch>\n")
	for i := 0; i < len(members); i += 2 {
		data := members[i+1].([]byte)
		fmt.Fprintf(&b, "%-16s%-12d%-6d%-6d%-8s%-10d`\n", members[i], 0, 0, 0, "100644", len(data))
		b.Write(data)
		if len(data)%2 == 1 {
			b.WriteByte('\n')
		}
	}
	return b.Bytes()
}

// listing is what a walk gave.
type listing struct {
	files   map[string]string
	order   []string
	refused map[string]source.Why
	err     error
}

func list(t testing.TB, a *Archive) listing {
	t.Helper()
	l := listing{files: map[string]string{}, refused: map[string]source.Why{}}
	for e, err := range a.Entries(context.Background()) {
		if err == nil {
			l.order = append(l.order, e.Path)
			var data []byte
			if data, err = e.Bytes(); err == nil {
				l.files[e.Path] = string(data)
				continue
			}
		}
		var r *source.Refused
		if errors.As(err, &r) {
			l.refused[r.Path] = r.Why
			continue
		}
		if l.err != nil && e == nil && !errors.Is(err, l.err) {
			t.Fatalf("a second error that ends the walk: %v after %v", err, l.err)
		}
		l.err = err
	}
	return l
}

func held(t testing.TB, data []byte, l Limits) listing {
	t.Helper()
	a, err := New("test", data, l)
	if err != nil {
		t.Fatal(err)
	}
	return list(t, a)
}

// Made by GNU tar with xz 5.4 and bzip2 1.0 of the files a/one.txt and two.txt.
const (
	tarXZ    = "/Td6WFoAAATm1rRGAgAhARwAAAAQz1jM4Cf/AHZdADCLyecjtNjASOkTypYOAoXbnBOXelGkR7SC1PtTejhd2azxjwjtRhuIpddWFhosyHluG2T1+eJZgCBcXWkt9fUfYngLRuDgHnqXAztIIeA6mLobb4PSoY3WCTCRPJhoN9/wN9kPRDPhyv6mZ5gf3THWD9+zwAAAAACrHYw9G8jjGgABkgGAUAAArtJ+L7HEZ/sCAAAAAARZWg=="
	tarBzip2 = "QlpoOTFBWSZTWVALaFAAAJ17kMmAAEhAAf8AAKBiAZ7ABAAAGCAAdQkpAZAGj1NAAKpKPJBoHpAeoPKWMSZptbxIHrKIEUUVSKrM1GSEHAnJQfviatWIRKUCI4FQGxoSiQLJ83iZllX1f35Jndo0fky67di7DmVRB/F3JFOFCQUAtoUA"
)

func decoded(t testing.TB, s string) []byte {
	t.Helper()
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestFormats(t *testing.T) {
	plain := tarOf(t, tar.Header{Typeflag: tar.TypeDir, Name: "./a/"}, plainFile("./a/one.txt", "one"), plainFile("two.txt", "two"))
	want := map[string]string{"a/one.txt": "one", "two.txt": "two"}
	for name, data := range map[string][]byte{
		"tar":       plain,
		"tar.gz":    gzipped(t, plain),
		"tar.zst":   zstandard(t, plain),
		"tar.xz":    decoded(t, tarXZ),
		"tar.bz2":   decoded(t, tarBzip2),
		"zip":       zipOf(t, "a/", "", "a/one.txt", "one", "two.txt", "two"),
		"deb":       debOf("debian-binary", []byte("2.0\n"), "control.tar.gz", gzipped(t, tarOf(t, plainFile("control", "Package: x\n"))), "data.tar.xz", decoded(t, tarXZ)),
		"deb by ar": debOf("debian-binary/", []byte("2.0\n"), "_extra", []byte("odd"), "data.tar/", plain),
	} {
		l := held(t, data, DefaultLimits())
		if !maps.Equal(l.files, want) || l.err != nil || len(l.refused) > 0 {
			t.Errorf("%s: %v, refused %v, error %v", name, l.files, l.refused, l.err)
		}
		if !slices.Equal(l.order, []string{"a/one.txt", "two.txt"}) {
			t.Errorf("%s: order %v", name, l.order)
		}
	}
	if _, err := New("x", []byte("just text"), DefaultLimits()); err == nil {
		t.Error("text passes for an archive")
	}
}

func TestControl(t *testing.T) {
	a, err := New("x.deb", debOf("debian-binary", []byte("2.0\n"), "control.tar.gz", gzipped(t, tarOf(t, plainFile("./control", "Package: x\n"))), "data.tar", tarOf(t)), DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	c, err := a.Control()
	if err != nil {
		t.Fatal(err)
	}
	if l := list(t, c); l.files["control"] != "Package: x\n" || l.err != nil {
		t.Errorf("control: %v, %v", l.files, l.err)
	}
	if l := list(t, a); len(l.files) != 0 || l.err != nil {
		t.Errorf("data: %v, %v", l.files, l.err)
	}
}

func TestFolder(t *testing.T) {
	dir := t.TempDir()
	for name, data := range map[string]string{"b.txt": "b", "a/z.txt": "z", "a/deep/y.txt": "y", "a.txt": "a"} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	outside := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(outside, []byte("secret"), 0o644); err != nil {
		t.Fatal(err)
	}
	links := os.Symlink(outside, filepath.Join(dir, "link.txt")) == nil && os.Symlink("..", filepath.Join(dir, "a", "loop")) == nil
	a, err := Open(dir, DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	l := list(t, a)
	if want := []string{"a/deep/y.txt", "a/z.txt", "a.txt", "b.txt"}; !slices.Equal(l.order, want) || l.err != nil {
		t.Errorf("order %v, want %v; error %v", l.order, want, l.err)
	}
	if want := map[string]source.Why{"link.txt": source.Unsafe, "a/loop": source.Unsafe}; links && !maps.Equal(l.refused, want) {
		t.Errorf("refused %v, want %v", l.refused, want)
	}
}

func TestUnsafeTar(t *testing.T) {
	long := strings.Repeat("n/", 3000) + "x"
	l := held(t, gzipped(t, tarOf(t,
		plainFile("first", "1"),
		plainFile("../up", "x"),
		plainFile("a/../../up", "x"),
		plainFile("/etc/passwd", "x"),
		plainFile(`C:\Windows`, "x"),
		plainFile("c:/Windows", "x"),
		plainFile(`a\b`, "x"),
		plainFile(long, "x"),
		plainFile("latin\xe9", "x"),
		tar.Header{Typeflag: tar.TypeSymlink, Name: "link", Linkname: "/etc"},
		tar.Header{Typeflag: tar.TypeLink, Name: "hard", Linkname: "first"},
		tar.Header{Typeflag: tar.TypeChar, Name: "device"},
		tar.Header{Typeflag: tar.TypeFifo, Name: "pipe"},
		tar.Header{Typeflag: tar.TypeDir, Name: "../dir/"},
		plainFile("./first", "again"),
		plainFile("last", "2"),
	)), DefaultLimits())
	if want := map[string]string{"first": "1", "last": "2"}; !maps.Equal(l.files, want) || l.err != nil {
		t.Errorf("files %v, error %v", l.files, l.err)
	}
	for _, name := range []string{"../up", "a/../../up", "/etc/passwd", `C:\Windows`, "c:/Windows", `a\b`, printable(long), "latin\uFFFD",
		"link", "hard", "device", "pipe", "../dir/", "first"} {
		if l.refused[name] != source.Unsafe {
			t.Errorf("%.40q is not refused as unsafe but %q", name, l.refused[name])
		}
	}
}

func TestUnsafeZip(t *testing.T) {
	l := held(t, zipOf(t, "good", "1", "../up", "x", "/abs", "x", `a\b`, "x", "nul\x00.png", "x", "good", "again", "dos\x81.txt", "2"), DefaultLimits())
	if want := map[string]string{"good": "1", "dosü.txt": "2"}; !maps.Equal(l.files, want) || l.err != nil {
		t.Errorf("files %v, error %v", l.files, l.err)
	}
	if want := map[string]source.Why{"../up": source.Unsafe, "/abs": source.Unsafe, `a\b`: source.Unsafe, "nul\uFFFD.png": source.Unsafe, "good": source.Unsafe}; !maps.Equal(l.refused, want) {
		t.Errorf("refused %v, want %v", l.refused, want)
	}

	var b bytes.Buffer
	w := zip.NewWriter(&b)
	h := &zip.FileHeader{Name: "link"}
	h.SetMode(os.ModeSymlink | 0o777)
	f, err := w.CreateHeader(h)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(f, "/etc")
	w.CreateRaw(&zip.FileHeader{Name: "locked", Flags: 1, Method: zip.Deflate})
	w.CreateRaw(&zip.FileHeader{Name: "strange", Method: 77})
	f, _ = w.Create("last")
	io.WriteString(f, "2")
	w.Close()
	l = held(t, b.Bytes(), DefaultLimits())
	if want := map[string]source.Why{"link": source.Unsafe, "locked": source.Unreachable, "strange": source.Unreachable}; !maps.Equal(l.refused, want) {
		t.Errorf("refused %v, want %v", l.refused, want)
	}
	if l.files["last"] != "2" {
		t.Errorf("the walk did not go on: %v", l.files)
	}
}
