package shard

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

func sequence(samples ...Sample) iter.Seq2[Sample, error] {
	return func(yield func(Sample, error) bool) {
		for _, s := range samples {
			if !yield(s, nil) {
				return
			}
		}
	}
}

func collect(r io.Reader, l Limits) (out []Sample, err error) {
	for s, e := range Read(r, l) {
		if e != nil {
			return out, e
		}
		out = append(out, s)
	}
	return out, nil
}

var example = []Sample{
	{"000001", []File{{"json", []byte(`{"a":1}`)}, {"png", bytes.Repeat([]byte{1, 2}, 700)}, {"txt", []byte("a red ball")}}},
	{"000002", []File{{"png", []byte{}}, {"seg.png", []byte("mask")}}},
	{"a/000001", []File{{"txt", bytes.Repeat([]byte{0}, 1024)}}},
}

func written(t testing.TB, samples ...Sample) ([]byte, Info) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.tar")
	info, err := Write(path, sequence(samples...))
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b, info
}

func TestRoundTrip(t *testing.T) {
	b, info := written(t, example...)
	got, err := collect(iotest.OneByteReader(bytes.NewReader(b)), DefaultLimits())
	if err != nil || len(got) != len(example) {
		t.Fatalf("%v, %v", got, err)
	}
	for i, s := range example {
		if got[i].Key != s.Key || len(got[i].Files) != len(s.Files) {
			t.Fatalf("%+v, want %+v", got[i], s)
		}
		for k, f := range s.Files {
			if got[i].Files[k].Ext != f.Ext || !bytes.Equal(got[i].Files[k].Data, f.Data) {
				t.Errorf("%s.%s differs", s.Key, f.Ext)
			}
		}
	}
	if info.Samples != 3 || info.Bytes != int64(len(b)) || info.SHA256 != sha256.Sum256(b) {
		t.Errorf("%+v", info)
	}
	// The order of a sample's files is no choice, and nothing of this machine
	// or moment is in the bytes.
	turned := slices.Clone(example)
	turned[0].Files = []File{example[0].Files[2], example[0].Files[0], example[0].Files[1]}
	if again, _ := written(t, turned...); !bytes.Equal(again, b) {
		t.Error("the order of files matters")
	}
	if info.Digest() != "sha256:68ce4cf2406917b2c1af724331c3134826ed995d9724515997b3fdc81751c343" {
		t.Errorf("the digest is %s", info.Digest())
	}
	if b, info := written(t); len(b) != 1024 || info.Samples != 0 {
		t.Errorf("an empty shard has %d bytes", len(b))
	}
}

// The bytes of an entry, by the standard's table of the ustar header.
func TestBytes(t *testing.T) {
	b, _ := written(t, Sample{"k", []File{{"txt", []byte("hello")}}})
	want := make([]byte, 2048)
	copy(want, "k.txt")
	copy(want[100:], "0000644\x000000000\x000000000\x0000000000005\x0000000000000\x00")
	copy(want[156:], "0")
	copy(want[257:], "ustar\x0000")
	copy(want[329:], "0000000\x000000000\x00")
	sum := 8 * ' '
	for _, c := range want[:512] {
		sum += rune(c)
	}
	copy(want[148:], fmt.Sprintf("%06o\x00 ", sum))
	copy(want[512:], "hello")
	if !bytes.Equal(b, want) {
		for i := range want {
			if b[i] != want[i] {
				t.Fatalf("byte %d is %q, want %q", i, b[i:i+8], want[i:i+8])
			}
		}
	}
}

func TestWriteRefuses(t *testing.T) {
	txt := []File{{"txt", nil}}
	broken := errors.New("source on fire")
	for name, c := range map[string]struct {
		samples iter.Seq2[Sample, error]
		says    string
	}{
		"order":    {sequence(Sample{"b", txt}, Sample{"a", txt}), "ascend"},
		"twice":    {sequence(Sample{"a", txt}, Sample{"a", txt}), "ascend"},
		"no files": {sequence(Sample{"a", nil}), "no files"},
		"same ext": {sequence(Sample{"a", []File{{"txt", nil}, {"txt", nil}}}), "two files .txt"},
		"no key":   {sequence(Sample{"", txt}), "extension"},
		"dot":      {sequence(Sample{"a.b", txt}), "dot"},
		"up":       {sequence(Sample{"../a", txt}), "name"},
		"inner up": {sequence(Sample{"a/../b", txt}), "name"},
		"absolute": {sequence(Sample{"/a", txt}), "name"},
		"letters":  {sequence(Sample{"ä", txt}), "name"},
		"space":    {sequence(Sample{"a b", txt}), "name"},
		"windows":  {sequence(Sample{`a\b`, txt}), "name"},
		"long":     {sequence(Sample{strings.Repeat("a", 97), txt}), "longer"},
		"no ext":   {sequence(Sample{"a", []File{{"", nil}}}), "extension"},
		"ext path": {sequence(Sample{"a", []File{{"x/y", nil}}}), "extension"},
		"source":   {func(yield func(Sample, error) bool) { _ = yield(Sample{"a", txt}, nil) && yield(Sample{}, broken) }, "on fire"},
	} {
		path := filepath.Join(t.TempDir(), "x.tar")
		if err := os.WriteFile(path, []byte("earlier"), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Write(path, c.samples)
		if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
		if name == "source" && !errors.Is(err, broken) {
			t.Errorf("the cause is lost: %v", err)
		}
		if b, _ := os.ReadFile(path); string(b) != "earlier" {
			t.Errorf("%s: the earlier file is %q", name, b)
		}
		if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*")); len(left) != 1 {
			t.Errorf("%s: left over %v", name, left)
		}
	}
}

// Wherever a shard is cut, reading ends with ErrTruncated, and the samples
// before are right.
func TestTruncated(t *testing.T) {
	b, _ := written(t, example...)
	for n := range b {
		got, err := collect(bytes.NewReader(b[:n]), DefaultLimits())
		if !errors.Is(err, ErrTruncated) {
			t.Fatalf("of %d bytes %d: %v", len(b), n, err)
		}
		for i, s := range got {
			if s.Key != example[i].Key || len(s.Files) != len(example[i].Files) {
				t.Fatalf("of %d bytes %d: %v", len(b), n, s)
			}
		}
	}
}

func archive(t *testing.T, headers ...tar.Header) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, h := range headers {
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if _, err := io.CopyN(w, zeros{}, h.Size); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestReadRefuses(t *testing.T) {
	small := Limits{File: 100, Sample: 150, Files: 3}
	for name, b := range map[string][]byte{
		"up":         archive(t, tar.Header{Name: "../a.txt"}),
		"inner up":   archive(t, tar.Header{Name: "a/../../b.txt"}),
		"not clean":  archive(t, tar.Header{Name: "a//b.txt"}),
		"absolute":   archive(t, tar.Header{Name: "/etc/passwd"}),
		"windows":    archive(t, tar.Header{Name: `..\a.txt`}),
		"drive":      archive(t, tar.Header{Name: "c:a.txt"}),
		"symlink":    archive(t, tar.Header{Name: "a.txt", Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"}),
		"hard link":  archive(t, tar.Header{Name: "a.txt", Typeflag: tar.TypeLink, Linkname: "b"}),
		"device":     archive(t, tar.Header{Name: "a.txt", Typeflag: tar.TypeChar}),
		"fifo":       archive(t, tar.Header{Name: "a.txt", Typeflag: tar.TypeFifo}),
		"folder up":  archive(t, tar.Header{Name: "../", Typeflag: tar.TypeDir}),
		"large":      archive(t, tar.Header{Name: "a.txt", Size: 101}),
		"sum":        archive(t, tar.Header{Name: "a.a", Size: 80}, tar.Header{Name: "a.b", Size: 80}),
		"many":       archive(t, tar.Header{Name: "a.a"}, tar.Header{Name: "a.b"}, tar.Header{Name: "a.c"}, tar.Header{Name: "a.d"}),
		"no key":     archive(t, tar.Header{Name: "a/.txt"}),
		"twice":      archive(t, tar.Header{Name: "a.a"}, tar.Header{Name: "a.a"}),
		"no tar":     bytes.Repeat([]byte("no tar "), 400),
		"sum is off": func() []byte { b := archive(t, tar.Header{Name: "a.a"}); b[0] ^= 1; return b }(),
	} {
		got, err := collect(bytes.NewReader(b), small)
		if !errors.Is(err, ErrRefused) || len(got) != 0 || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	broken := errors.New("disk on fire")
	if _, err := collect(iotest.ErrReader(broken), small); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
}

// What other tools write is read: long names, folders, a dot before names.
func TestOthers(t *testing.T) {
	long := strings.Repeat("folder/", 30) + "key"
	b := archive(t, tar.Header{Name: "./", Typeflag: tar.TypeDir}, tar.Header{Name: "./a.jpg", Size: 3, Uname: "me"}, tar.Header{Name: "./a.txt"},
		tar.Header{Name: "sub/", Typeflag: tar.TypeDir}, tar.Header{Name: long + ".cls", Size: 1}, tar.Header{Name: "ein Bild.json"}, tar.Header{Name: "plain"})
	got, err := collect(bytes.NewReader(b), DefaultLimits())
	want := []Sample{{"a", []File{{"jpg", make([]byte, 3)}, {"txt", nil}}}, {long, []File{{"cls", []byte{0}}}}, {"ein Bild", []File{{"json", nil}}}, {"plain", []File{{"", nil}}}}
	if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v, %v", got, err)
	}
	// Whoever has seen enough may stop.
	for range Read(bytes.NewReader(b), DefaultLimits()) {
		break
	}
}

// Writing and reading hold one sample at a time, however many there are.
func TestStreams(t *testing.T) {
	data := make([]byte, 1<<20)
	const n = 40
	allocated := testing.AllocsPerRun(1, func() {
		_, err := Write(filepath.Join(t.TempDir(), "x.tar"), func(yield func(Sample, error) bool) {
			for i := range n {
				if !yield(Sample{fmt.Sprintf("%04d", i), []File{{"bin", data}}}, nil) {
					return
				}
			}
		})
		if err != nil {
			t.Fatal(err)
		}
	})
	if allocated > 100*n {
		t.Errorf("%v allocations", allocated)
	}
}

func FuzzRead(f *testing.F) {
	b, _ := written(f, Sample{"a", []File{{"txt", []byte("x")}, {"cls", []byte("7")}}}, Sample{"b", []File{{"txt", nil}}})
	f.Add(b)
	f.Add(b[:1024])
	l := Limits{File: 1 << 12, Sample: 1 << 13, Files: 4}
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := collect(bytes.NewReader(b), l)
		for _, s := range got {
			if len(s.Files) == 0 || len(s.Files) > 4 || s.Key == "" {
				t.Errorf("%v (%v)", s, err)
			}
		}
	})
}
