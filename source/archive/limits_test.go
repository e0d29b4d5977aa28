package archive

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"strings"
	"testing"

	"github.com/limner-ai/limner/source"
)

func TestTruncated(t *testing.T) {
	noise := strings.Repeat("0123456789abcdef", 100)
	plain := tarOf(t, plainFile("one", noise), plainFile("two", noise))
	xz, deb := decoded(t, tarXZ), debOf("debian-binary", []byte("2.0\n"), "data.tar", plain)
	for name, c := range map[string]struct {
		whole []byte
		cut   int // bytes that are left
		files int
	}{
		"tar in a file":          {plain, 512 + 1600 + 448 + 512 + 100, 1},
		"tar in a header":        {plain, 512 + 1600 + 448 + 100, 1},
		"tar between two files":  {plain, 512 + 1600 + 448, 1},
		"gzip in its checksum":   {gzipped(t, plain), len(gzipped(t, plain)) - 5, 2},
		"gzip in the middle":     {gzipped(t, plain), 60, 0},
		"zstd":                   {zstandard(t, plain), 50, 0},
		"xz":                     {xz, 100, 0},
		"xz in its index":        {xz, len(xz) - 20, 2},
		"bzip2":                  {decoded(t, tarBzip2), 100, 0},
		"deb in its data":        {deb, 8 + 60 + 4 + 60 + 2560 + 600, 1},
		"deb between members":    {deb, 8 + 60 + 4, 0},
		"deb in a member's head": {deb, 8 + 60 + 4 + 30, 0},
	} {
		l := held(t, c.whole[:c.cut], DefaultLimits())
		if !errors.Is(l.err, ErrTruncated) || len(l.files) != c.files {
			t.Errorf("%s: %d files and error %v, want %d and ErrTruncated", name, len(l.files), l.err, c.files)
		}
	}
	whole := zipOf(t, "one", noise)
	if l := held(t, whole[:len(whole)-10], DefaultLimits()); l.err == nil {
		t.Error("a zip that is cut off gives no error")
	}
}

func TestDamage(t *testing.T) {
	z := zipOf(t, "one", "first file", "two", "second file")
	i := bytes.Index(z, []byte("one")) + len("one") + 1
	z[i] ^= 0xff
	l := held(t, z, DefaultLimits())
	if l.refused["one"] != source.Unreachable || l.files["two"] != "second file" || l.err != nil {
		t.Errorf("zip: %v, refused %v, error %v", l.files, l.refused, l.err)
	}
	g := gzipped(t, tarOf(t, plainFile("one", "first file")))
	g[len(g)-6] ^= 0xff // checksum
	if l := held(t, g, DefaultLimits()); l.err == nil || errors.Is(l.err, ErrTruncated) || l.files["one"] != "first file" {
		t.Errorf("gzip: %v, error %v", l.files, l.err)
	}
	if l := held(t, gzipped(t, []byte("no tar at all")), DefaultLimits()); l.err == nil {
		t.Error("text in gzip gives no error")
	}
}

func TestLimits(t *testing.T) {
	zeros := strings.Repeat("\x00", 300_000)
	small := Limits{Entries: 10, File: 1 << 20, Total: 1 << 30, Ratio: 20, Slack: 10_000}
	bomb := tarOf(t, plainFile("good", "1"), plainFile("bomb", zeros), plainFile("after", "2"))
	for name, data := range map[string][]byte{"gzip": gzipped(t, bomb), "zstd": zstandard(t, bomb)} {
		if l := held(t, data, small); !errors.Is(l.err, ErrLimit) {
			t.Errorf("%s bomb: error %v", name, l.err)
		}
	}
	// An unread bomb must not pass either.
	a, err := New("x", gzipped(t, bomb), small)
	if err != nil {
		t.Fatal(err)
	}
	var last error
	for _, last = range a.Entries(context.Background()) {
	}
	if !errors.Is(last, ErrLimit) {
		t.Errorf("bomb that is not read: %v", last)
	}

	// In a zip a bomb is one file's own.
	l := held(t, zipOf(t, "good", "1", "bomb", zeros, "after", "2"), Limits{Entries: 10, File: 1 << 20, Total: 1 << 30, Ratio: 500, Slack: 10_000})
	if l.err != nil {
		t.Errorf("zip within its limits: %v, %v", l.err, l.refused)
	}
	padded := zipOf(t, "good", "1", "bomb", zeros, "after", "2", "ballast", random(20_000))
	l = held(t, padded, small)
	if want := map[string]source.Why{"bomb": source.TooLarge}; !maps.Equal(l.refused, want) || l.files["after"] != "2" || l.err != nil {
		t.Errorf("zip bomb: refused %v, files %d, error %v", l.refused, len(l.files), l.err)
	}

	plain := tarOf(t, plainFile("a", "1"), plainFile("b", "22"), plainFile("c", "333"))
	one := small
	one.File = 2
	if l := held(t, plain, one); l.refused["c"] != source.TooLarge || l.files["b"] != "22" || l.err != nil {
		t.Errorf("file limit: %v, refused %v, error %v", l.files, l.refused, l.err)
	}
	one = small
	one.Entries = 2
	if l := held(t, plain, one); len(l.files) != 2 || !errors.Is(l.err, ErrLimit) {
		t.Errorf("entry limit: %v, error %v", l.files, l.err)
	}
	one = small
	one.Total = 1000
	if l := held(t, plain, one); len(l.files) != 1 || !errors.Is(l.err, ErrLimit) {
		t.Errorf("total limit: %v, error %v", l.files, l.err)
	}
}

// random is text that does not compress.
func random(n int) string {
	b := make([]byte, n)
	x := uint32(1)
	for i := range b {
		x = x*1664525 + 1013904223
		b[i] = byte(x >> 24)
	}
	return string(b)
}

// Files that lie upon each other make a zip of few bytes give many.
func TestOverlap(t *testing.T) {
	data := strings.Repeat("\x00", 150_000)
	whole := zipOf(t, "a0", data)
	// The directory's only record, repeated under other names.
	at := bytes.LastIndex(whole, []byte("PK\x01\x02"))
	end := bytes.LastIndex(whole, []byte("PK\x05\x06"))
	record := whole[at:end]
	const n = 100
	var b bytes.Buffer
	b.Write(whole[:at])
	for i := range n {
		r := bytes.Clone(record)
		copy(r[46:], []byte{byte('a' + i/26), byte('a' + i%26)})
		b.Write(r)
	}
	tail := bytes.Clone(whole[end:])
	tail[8], tail[10] = n, n
	size := uint32(n * len(record))
	tail[12], tail[13], tail[14] = byte(size), byte(size>>8), byte(size>>16)
	b.Write(tail)
	if _, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len())); err != nil {
		t.Fatal(err)
	}
	l := held(t, b.Bytes(), Limits{Entries: 1000, File: 1 << 20, Total: 1 << 30, Ratio: 1100, Slack: 10_000})
	if !errors.Is(l.err, ErrLimit) {
		t.Errorf("%d files from %d bytes, error %v", len(l.files), b.Len(), l.err)
	}
}

func TestStopAndCancel(t *testing.T) {
	plain := tarOf(t, plainFile("a", "1"), plainFile("b", "2"), plainFile("c", "3"))
	for name, data := range map[string][]byte{"tar": plain, "zip": zipOf(t, "a", "1", "b", "2", "c", "3")} {
		a, err := New(name, data, DefaultLimits())
		if err != nil {
			t.Fatal(err)
		}
		var first *Entry
		for e, err := range a.Entries(context.Background()) {
			if err != nil {
				t.Fatal(err)
			}
			if first == nil {
				first = e
				continue
			}
			if _, err := first.Bytes(); err == nil {
				t.Errorf("%s: an entry that the walk has passed can be read", name)
			}
			break
		}
		ctx, cancel := context.WithCancel(context.Background())
		given, last := 0, error(nil)
		for e, err := range a.Entries(ctx) {
			last = err
			if e != nil {
				given++
				cancel()
			}
		}
		cancel()
		if given != 1 || !errors.Is(last, context.Canceled) {
			t.Errorf("%s: %d entries after cancelling, last error %v", name, given, last)
		}
	}
}

func TestDecompress(t *testing.T) {
	text := strings.Repeat("line\n", 10_000)
	for _, data := range [][]byte{[]byte(text), gzipped(t, []byte(text)), zstandard(t, []byte(text))} {
		r, err := Decompress(bytes.NewReader(data), DefaultLimits())
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		if err != nil || string(got) != text {
			t.Errorf("%d bytes, error %v", len(got), err)
		}
		r.Close()
	}
	r, err := Decompress(bytes.NewReader(gzipped(t, []byte(text))), Limits{Total: 100, Ratio: 1000, Slack: 1000})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(r); !errors.Is(err, ErrLimit) {
		t.Errorf("total limit: %v", err)
	}
}

func FuzzArchive(f *testing.F) {
	plain := tarOf(f, plainFile("a", "1"), plainFile("../b", "2"))
	f.Add(plain)
	f.Add(gzipped(f, plain))
	f.Add(zstandard(f, plain))
	f.Add(decoded(f, tarXZ))
	f.Add(decoded(f, tarBzip2))
	f.Add(zipOf(f, "a", "1", "/b", "2"))
	f.Add(debOf("debian-binary", []byte("2.0\n"), "data.tar", plain))
	f.Add(rccOf(3, node{name: "d", flags: rccFolder, children: []node{{name: "z", flags: rccZlib, data: deflated("two")}}}))
	limits := Limits{Entries: 50, File: 1 << 12, Total: 1 << 16, Ratio: 100, Slack: 1 << 12}
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := New("fuzz", data, limits)
		if err != nil {
			return
		}
		seen := map[string]bool{}
		ended := false
		for e, err := range a.Entries(context.Background()) {
			if ended {
				t.Fatal("an entry after the end")
			}
			if err != nil {
				var r *source.Refused
				ended = !errors.As(err, &r)
				continue
			}
			if clean, err := Clean(e.Path); err != nil || clean != e.Path || seen[e.Path] {
				t.Fatalf("path %q", e.Path)
			}
			seen[e.Path] = true
			if data, err := e.Bytes(); err == nil && int64(len(data)) > limits.File {
				t.Fatalf("%d bytes", len(data))
			}
		}
	})
}
