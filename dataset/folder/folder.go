// Package folder reads picture sets from a folder of PNG, JPEG and WebP
// files, with sub-folders as classes or captions in text files beside.
package folder

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/limner-ai/limner/dataset/picture"
)

const (
	defaultSize   = 64
	defaultMemory = 1024 // MiB
)

// Set is a folder of pictures, each cut to its central square and resampled
// to size×size. If all of them fit into the memory allowed they are kept, a
// byte a value; otherwise each is decoded when it is asked for.
type Set struct {
	root    string
	files   []file
	classes []string
	skipped []picture.Skip
	look    look
	cache   []uint8 // nil if decoded as they are read
	scratch sync.Pool
}

var _ interface {
	picture.Set
	picture.Skipper
} = (*Set)(nil)

// Open reads the folder src.Path and its sub-folders, in path order.
//
// Files named .png, .jpg, .jpeg or .webp are pictures, and a .txt file of the
// same stem is the caption. If every picture lies in a sub-folder, the
// outermost sub-folders are the classes. If the folder has train and test
// sub-folders, they are the splits; otherwise src.Holdout of the file stems
// are the test split, so that files of the same stem in several sub-folders
// fall to the same side.
//
// A picture that cannot be read is left out and listed by Skipped, as are
// sub-folders that cannot be entered. Only a folder without any readable
// picture is an error.
func Open(src picture.Source) (*Set, error) {
	src, err := src.Check()
	if err != nil {
		return nil, fmt.Errorf("folder: %w", err)
	}
	if src.Size == 0 {
		src.Size = defaultSize
	}
	if src.Channels == 0 {
		src.Channels = 3
	}
	if src.MemoryMB == 0 {
		src.MemoryMB = defaultMemory
	}
	s := &Set{root: src.Path, look: look{size: src.Size, channels: src.Channels}}
	if s.look.background, err = parseColour(src.Background); err != nil {
		return nil, fmt.Errorf("folder: %w", err)
	}
	found, err := walk(src.Path)
	if err != nil {
		return nil, fmt.Errorf("folder: %w", err)
	}
	s.skipped = found.skipped
	if err := s.choose(found.files, src); err != nil {
		return nil, fmt.Errorf("folder: %w", err)
	}
	s.scratch.New = func() any { b := make([]uint8, s.look.length()); return &b }
	total := len(s.files)
	if int64(total)*int64(s.look.length()) <= int64(src.MemoryMB)<<20 {
		s.cache = make([]uint8, total*s.look.length())
	}
	s.load()
	if len(s.files) == 0 {
		first := s.skipped[len(s.skipped)-1]
		return nil, fmt.Errorf("folder: %s: none of its %d pictures can be read; one of them is %w", src.Path, total, &first)
	}
	slices.SortFunc(s.skipped, func(a, b picture.Skip) int { return cmp.Compare(a.Path, b.Path) })
	return s, nil
}

// load reads every caption and decodes every picture, or only its header if
// there is no cache, and drops the files that fail.
func (s *Set) load() {
	n := s.look.length()
	errs := make([]error, len(s.files))
	var next atomic.Int64
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(s.files) {
					return
				}
				f := &s.files[i]
				if f.caption, errs[i] = readCaption(s.path(f)); errs[i] != nil {
					continue
				}
				if s.cache != nil {
					errs[i] = decode(s.cache[i*n:(i+1)*n], s.path(f), s.look)
				} else {
					errs[i] = probe(s.path(f))
				}
			}
		})
	}
	wg.Wait()
	kept := 0
	for i, f := range s.files {
		if errs[i] != nil {
			s.skipped = append(s.skipped, picture.Skip{Path: f.name, Err: plain(errs[i])})
			continue
		}
		s.files[kept] = f
		if s.cache != nil && kept != i {
			copy(s.cache[kept*n:(kept+1)*n], s.cache[i*n:])
		}
		kept++
	}
	s.files = s.files[:kept]
	if s.cache != nil {
		s.cache = s.cache[:kept*n]
	}
}

func (s *Set) path(f *file) string { return filepath.Join(s.root, filepath.FromSlash(f.name)) }

// Len is the number of readable pictures.
func (s *Set) Len() int { return len(s.files) }

// Shape is the extent of every picture.
func (s *Set) Shape() (h, w, c int) { return s.look.size, s.look.size, s.look.channels }

// Classes names the classes, sorted; nil if the folder has none.
func (s *Set) Classes() []string { return s.classes }

// Name is the slash-separated path of picture i inside the folder.
func (s *Set) Name(i int) string { return s.files[i].name }

// Skipped lists what was left out.
func (s *Set) Skipped() []picture.Skip { return s.skipped }

// Item fills pixels with picture i.
func (s *Set) Item(i int, pixels []float32) (picture.Label, error) {
	if err := picture.CheckItem(s, i, pixels); err != nil {
		return picture.Label{}, fmt.Errorf("folder: %w", err)
	}
	f := &s.files[i]
	label := picture.Label{Class: f.class, Caption: f.caption}
	switch {
	case pixels == nil:
	case s.cache != nil:
		n := len(pixels)
		picture.Unit(pixels, s.cache[i*n:(i+1)*n])
	default:
		b := s.scratch.Get().(*[]uint8)
		defer s.scratch.Put(b)
		if err := decode(*b, s.path(f), s.look); err != nil {
			return label, fmt.Errorf("folder: %w", &picture.Skip{Path: f.name, Err: plain(err)})
		}
		picture.Unit(pixels, *b)
	}
	return label, nil
}

// look says how a picture is handed out.
type look struct {
	size, channels int
	background     [3]uint8
}

func (l look) length() int { return l.size * l.size * l.channels }

// parseColour reads "#rrggbb"; "" is white.
func parseColour(text string) ([3]uint8, error) {
	var c [3]uint8
	if text == "" {
		return [3]uint8{255, 255, 255}, nil
	}
	if n, err := fmt.Sscanf(text, "#%02x%02x%02x", &c[0], &c[1], &c[2]); n != 3 || err != nil || len(text) != 7 {
		return c, fmt.Errorf("background %q is not a colour such as #ffffff", text)
	}
	return c, nil
}

// Decode reads one picture file the way a folder of them is read: its central
// square, resampled to size×size, over white. It returns size·size·channels
// values in [0, 1].
func Decode(path string, size, channels int) ([]float32, error) {
	if size < 1 || channels != 1 && channels != 3 {
		return nil, fmt.Errorf("%s: cannot be read as %d×%d×%d", path, size, size, channels)
	}
	l := look{size: size, channels: channels, background: [3]uint8{255, 255, 255}}
	b := make([]uint8, l.length())
	if err := decode(b, path, l); err != nil {
		return nil, fmt.Errorf("%s: %w", path, plain(err))
	}
	out := make([]float32, len(b))
	picture.Unit(out, b)
	return out, nil
}

// probe checks the header of the picture at path.
func probe(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	_, _, err = header(f)
	return err
}
