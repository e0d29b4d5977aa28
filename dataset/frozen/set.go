package frozen

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/dataset/proof"
	"github.com/limner-ai/limner/internal/digest"
)

const defaultMemory = 1024 // MiB

// Set reads one split of a frozen set. Each picture's bytes are held against
// their digest when they are read, and the index against the root when the set
// is opened: what is trained on is what the root names.
type Set struct {
	dir      string
	manifest Manifest
	rows     []item
	shards   []*os.File
	look     look
	classes  []string
	cache    []uint8 // decoded pictures; nil if they are decoded as they are read
	scratch  sync.Pool

	readWords sync.Once
	words     map[string]picture.Description // by key
	wordsErr  error
}

// item is what is kept of a row.
type item struct {
	name    string
	key     string // in its shard
	caption string
	picture digest.SHA256
	offset  int64
	bytes   int32
	shard   int32
	class   int32
}

var _ picture.Set = (*Set)(nil)

// Open opens the frozen set in the folder src.Path. Size may be that of the
// set's pictures or less; Labels "style" makes classes of the styles. Transparent
// parts are laid over src.Background.
func Open(src picture.Source) (*Set, error) {
	s, err := open(src)
	if err != nil {
		return nil, err
	}
	n := s.look.length()
	if int64(len(s.rows))*int64(n) <= int64(cmp.Or(src.MemoryMB, defaultMemory))<<20 {
		if err := s.load(n); err != nil {
			s.Close()
			return nil, err
		}
	}
	return s, nil
}

func open(src picture.Source) (*Set, error) {
	src, err := src.Check()
	if err != nil {
		return nil, fmt.Errorf("frozen: %w", err)
	}
	m, err := ReadManifest(src.Path)
	if err != nil {
		return nil, err
	}
	s := &Set{dir: src.Path, manifest: m}
	if s.look, err = lookOf(src, m.Side); err != nil {
		return nil, fmt.Errorf("frozen: %s: %w", m.Name, err)
	}
	if src.Labels != "" && src.Labels != "style" {
		return nil, fmt.Errorf("frozen: %s: labels %q is not style, the only classes that it has", m.Name, src.Labels)
	}
	if err := s.index(src); err != nil {
		return nil, err
	}
	for _, f := range m.Shards {
		file, err := os.Open(filepath.Join(src.Path, filepath.FromSlash(f.Path)))
		if err != nil {
			s.Close()
			return nil, fmt.Errorf("frozen: %w", err)
		}
		s.shards = append(s.shards, file)
	}
	s.scratch.New = func() any { b := make([]uint8, s.look.length()); return &b }
	return s, nil
}

// index reads the rows of a split and holds all rows against the root.
func (s *Set) index(src picture.Source) error {
	shards := map[string]int32{}
	for i, f := range s.manifest.Shards {
		shards[f.Path] = int32(i)
	}
	var all []digest.SHA256
	classes := map[string]bool{}
	var styles []string
	for r, err := range readIndex(filepath.Join(s.dir, filepath.FromSlash(s.manifest.Index.Path))) {
		if err != nil {
			return fmt.Errorf("frozen: %w", err)
		}
		shard, ok := shards[r.Shard]
		if !ok {
			return fmt.Errorf("frozen: %s: the index names the shard %.80q, which %s does not", s.dir, r.Shard, ManifestFile)
		}
		x := item{name: r.Source + "/" + r.Path, key: r.Key, caption: r.Caption, picture: mustDigest(r.Picture), offset: r.Offset, bytes: int32(r.Bytes), shard: shard, class: -1}
		all = append(all, x.picture, mustDigest(r.Content))
		if src.Split == picture.All || string(src.Split) == r.Split {
			s.rows = append(s.rows, x)
			styles = append(styles, r.Style)
			classes[r.Style] = true
		}
	}
	tree, err := proof.New(all)
	if err != nil {
		return err
	}
	if name, err := tree.Name(); err != nil || name != s.manifest.Root {
		return fmt.Errorf("frozen: %s: the index does not give the root %s: the set was altered; restore it", s.dir, s.manifest.Root.Root)
	}
	if len(s.rows) == 0 {
		return fmt.Errorf("frozen: %s: it has no pictures of the split %s", s.dir, src.Split)
	}
	if src.Labels == "style" {
		for c := range classes {
			s.classes = append(s.classes, cmp.Or(c, "none"))
		}
		slices.Sort(s.classes)
		for i := range s.rows {
			s.rows[i].class = int32(slices.Index(s.classes, cmp.Or(styles[i], "none")))
		}
	}
	if src.Count > 0 && src.Count < len(s.rows) {
		s.rows = s.rows[:src.Count]
	}
	return nil
}

// load decodes all pictures on all processors.
func (s *Set) load(n int) error {
	s.cache = make([]uint8, len(s.rows)*n)
	g, ctx := errgroup.WithContext(context.Background())
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		g.Go(func() error {
			for i := w; i < len(s.rows) && ctx.Err() == nil; i += workers {
				if err := s.read(s.cache[i*n:(i+1)*n], i); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return g.Wait()
}

// read decodes picture i.
func (s *Set) read(dst []uint8, i int) error {
	x := s.rows[i]
	data := make([]byte, x.bytes)
	if _, err := s.shards[x.shard].ReadAt(data, x.offset); err != nil {
		return fmt.Errorf("frozen: picture %d: %s: %w", i, s.shards[x.shard].Name(), err)
	}
	if sha256.Sum256(data) != x.picture {
		return fmt.Errorf("frozen: picture %d in %s was altered: restore the set", i, s.shards[x.shard].Name())
	}
	m, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return fmt.Errorf("frozen: picture %d: %w", i, err)
	}
	if side := s.manifest.Side; m.Bounds() != image.Rect(0, 0, side, side) {
		return fmt.Errorf("frozen: picture %d is %v, not of side %d", i, m.Bounds(), side)
	}
	s.look.draw(dst, m)
	return nil
}

// Close ends the use of the set.
func (s *Set) Close() error {
	var err error
	for _, f := range s.shards {
		err = errors.Join(err, f.Close())
	}
	return err
}

// Manifest says what the set is.
func (s *Set) Manifest() Manifest { return s.manifest }

// Dir is the set's folder.
func (s *Set) Dir() string { return s.dir }

// Len is the number of pictures of the split.
func (s *Set) Len() int { return len(s.rows) }

// Shape is size×size×channels.
func (s *Set) Shape() (h, w, c int) { return s.look.size, s.look.size, s.look.channels }

// Classes are the styles, if they were asked for.
func (s *Set) Classes() []string { return s.classes }

// Name is the picture's source and its path there.
func (s *Set) Name(i int) string { return s.rows[i].name }

// Item implements picture.Set.
func (s *Set) Item(i int, pixels []float32) (picture.Label, error) {
	if err := picture.CheckItem(s, i, pixels); err != nil {
		return picture.Label{}, err
	}
	l := picture.Label{Class: int(s.rows[i].class), Caption: s.rows[i].caption}
	if pixels == nil {
		return l, nil
	}
	n := s.look.length()
	if s.cache != nil {
		picture.Unit(pixels, s.cache[i*n:(i+1)*n])
		return l, nil
	}
	b := s.scratch.Get().(*[]uint8)
	defer s.scratch.Put(b)
	if err := s.read(*b, i); err != nil {
		return l, err
	}
	picture.Unit(pixels, *b)
	return l, nil
}
