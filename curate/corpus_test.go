package curate

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io/fs"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/internal/objects"
)

// shelf is an input in memory.
type shelf struct {
	copies []Candidate
	files  map[digest.SHA256][]byte

	mu     sync.Mutex
	opened map[digest.SHA256]int
	onOpen func(opened int) error
	opens  int
	end    error // after the copies
}

func newShelf() *shelf { return &shelf{files: map[digest.SHA256][]byte{}} }

// put adds an allowed copy and returns it for changes.
func (s *shelf) put(path string, file []byte) *Candidate {
	d := digest.SHA256(sha256.Sum256(file))
	s.files[d] = file
	s.copies = append(s.copies, Candidate{Content: d, Source: "shelf", Path: path, Decision: Allow, Licence: "MIT"})
	return &s.copies[len(s.copies)-1]
}

func (s *shelf) Copies(ctx context.Context, from []From) iter.Seq2[Candidate, error] {
	return func(yield func(Candidate, error) bool) {
		for _, c := range s.copies {
			if err := ctx.Err(); err != nil {
				yield(Candidate{}, err)
				return
			}
			wanted := slices.ContainsFunc(from, func(f From) bool { return f.ID == c.Source && f.Wants(c.Path) })
			if wanted && !yield(c, nil) {
				return
			}
		}
		if s.end != nil {
			yield(Candidate{}, s.end)
		}
	}
}

func (s *shelf) Open(_ context.Context, d digest.SHA256) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opens++
	if s.opened == nil {
		s.opened = map[digest.SHA256]int{}
	}
	s.opened[d]++
	if s.onOpen != nil {
		if err := s.onOpen(s.opens); err != nil {
			return nil, err
		}
	}
	file, ok := s.files[d]
	if !ok {
		return nil, fmt.Errorf("shelf: %w", fs.ErrNotExist)
	}
	return file, nil
}

func drawn(w, h int, at func(x, y int) color.NRGBA) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.SetNRGBA(x, y, at(x, y))
		}
	}
	return m
}

// blobs is a picture of some discs of its own, opaque, rich in detail.
func blobs(seed uint64, side int) *image.NRGBA {
	r := rand.New(rand.NewPCG(seed, 7))
	type disc struct{ x, y, r, level int }
	var discs [60]disc
	for i := range discs {
		discs[i] = disc{r.IntN(1000), r.IntN(1000), 30 + r.IntN(120), r.IntN(256)}
	}
	return drawn(side, side, func(x, y int) color.NRGBA {
		px, py, v := x*1000/side, y*1000/side, 128
		for _, d := range discs {
			if (px-d.x)*(px-d.x)+(py-d.y)*(py-d.y) < d.r*d.r {
				v = d.level
			}
		}
		return color.NRGBA{uint8(v), uint8(255 - v), uint8(v / 2), 255}
	})
}

func asPNG(m image.Image) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func asJPEG(m image.Image, quality int) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: quality}); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func asGIF(m image.Image) []byte {
	var b bytes.Buffer
	if err := gif.Encode(&b, m, nil); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// bomb is a PNG that says it is huge.
func bomb() []byte {
	b := asPNG(blobs(1, 8))
	copy(b[16:], []byte{0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60})
	sum := crc32.ChecksumIEEE(b[12:29])
	copy(b[29:], []byte{byte(sum >> 24), byte(sum >> 16), byte(sum >> 8), byte(sum)})
	return b
}

const apple = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle cx="16" cy="18" r="11" fill="#d22"/><path d="M16 8q0-5 5-6" stroke="#730" stroke-width="2" fill="none"/></svg>`

// plenty is a shelf of n pictures in several formats, every tenth of them bad
// in some way.
func plenty(n int) *shelf {
	s := newShelf()
	for i := range n {
		m := blobs(uint64(i), 40+i%30)
		path := fmt.Sprintf("things/thing%c%c.x", 'a'+i%26, 'a'+i/26%26)
		switch {
		case i%10 == 3:
			s.put(path, asPNG(m)[:200])
		case i%10 == 5 && i > 10:
			s.put(path, s.files[s.copies[i-5].Content])
		case i%10 == 7:
			s.put(path, asPNG(m)).Decision = Deny
		case i%10 == 9:
			s.put(path, bomb())
		case i%3 == 0:
			s.put(path, asJPEG(m, 90))
		case i%3 == 1:
			s.put(path, asGIF(m))
		default:
			s.put(path, asPNG(m))
		}
	}
	return s
}

func small(changes ...func(*Recipe)) Recipe {
	r := Defaults()
	r.Name, r.Size = "test", 16
	r.Sources = []From{{ID: "shelf"}}
	for _, c := range changes {
		c(&r)
	}
	return r
}

// tree is all files below a folder; left over temporary files do not count.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || strings.HasSuffix(path, ".tmp") {
			return err
		}
		b, err := os.ReadFile(path)
		out[strings.TrimPrefix(path, dir)] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func same(t *testing.T, got, want map[string]string) {
	t.Helper()
	for name, text := range want {
		if got[name] != text {
			t.Errorf("%s: %.300q, want %.300q", name, got[name], text)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d files, want %d", len(got), len(want))
	}
}

// curated runs a recipe in a new folder.
func curated(t *testing.T, r Recipe, s *shelf, o Options) (string, *objects.Store, Summary) {
	t.Helper()
	dir := t.TempDir()
	store := objects.Open(filepath.Join(dir, "objects"))
	sum, err := Run(t.Context(), r, s, store, filepath.Join(dir, "set"), o)
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "set"), store, sum
}

func entries(t *testing.T, dir string) []Entry {
	t.Helper()
	var out []Entry
	for e, err := range Entries(dir) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, e)
	}
	return out
}

func lines(t *testing.T, path string) []string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(b)), "\n")
}
