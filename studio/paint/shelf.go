package paint

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/limner-ai/limner/internal/nearest"
	"github.com/limner-ai/limner/model/box"
	"github.com/limner-ai/limner/model/trained"
)

// ShelfOptions say which models there are and what they may cost.
type ShelfOptions struct {
	// Folders are those in which models lie, as folders of runs or as model
	// files. A name that several have means the first.
	Folders []string
	Threads int // to paint with; 0: one a processor
	Open    int // models that are kept open; 0: 3
}

// Shelf holds the models that can be asked for by name: those in its folders,
// and the one that comes with Limner. They are opened when they are first
// wanted; those that were not wanted for longest are closed. A name is looked up
// in the listing and never used as a path. Its methods may be called from any
// goroutine.
type Shelf struct {
	folders []string
	threads int
	keep    int
	cores   *semaphore.Weighted

	mu     sync.Mutex
	known  map[string]*known // by path; "" is the model in the box
	opened []*rack           // the one wanted last comes last
	closed bool
}

// known is what a file turned out to be when it was looked at.
type known struct {
	stamp stamp
	once  sync.Once
	model Model
	err   error
}

// stamp tells one state of a file from another.
type stamp struct {
	size int64
	time time.Time
}

// place is a name in the listing and where it leads.
type place struct {
	name, path string
	stamp      stamp
}

// NewShelf makes a shelf. Nothing is opened yet, and a folder need not exist.
func NewShelf(o ShelfOptions) *Shelf {
	if o.Threads <= 0 {
		o.Threads = runtime.GOMAXPROCS(0)
	}
	if o.Open <= 0 {
		o.Open = 3
	}
	return &Shelf{
		folders: o.Folders, threads: o.Threads, keep: o.Open,
		cores: semaphore.NewWeighted(int64(o.Threads)), known: map[string]*known{},
	}
}

// Threads is how many threads paint at most.
func (s *Shelf) Threads() int { return s.threads }

// Models lists what can paint, by name, the model that comes with Limner first.
// Files that hold something else, or that cannot be read, are left out.
func (s *Shelf) Models(ctx context.Context) ([]Model, error) {
	places, err := s.places()
	if err != nil {
		return nil, err
	}
	var out []Model
	for _, p := range places {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if m, err := s.describe(p); err == nil {
			out = append(out, m)
		}
	}
	return out, nil
}

// UnknownError is a name that is not in the listing.
type UnknownError struct {
	Name string
	near []string
}

func (e *UnknownError) Error() string {
	return fmt.Sprintf("there is no model %q%s", e.Name, nearest.Hint(e.Name, e.near))
}

// Model describes the model of a name; "" is the one that comes with Limner.
// A name that is not in the listing is an *UnknownError.
func (s *Shelf) Model(ctx context.Context, name string) (Model, error) {
	p, err := s.find(name)
	if err != nil {
		return Model{}, err
	}
	return s.describe(p)
}

// File opens the file of the model of a name. The one that comes with Limner has
// none: fs.ErrNotExist.
func (s *Shelf) File(name string) (*os.File, error) {
	p, err := s.find(name)
	if err != nil {
		return nil, err
	}
	if p.path == "" {
		return nil, os.ErrNotExist
	}
	return os.Open(p.path)
}

// find looks a name up in the listing.
func (s *Shelf) find(name string) (place, error) {
	places, err := s.places()
	if err != nil {
		return place{}, err
	}
	var names []string
	for _, p := range places {
		if p.name == name || name == "" && p.path == "" {
			return p, nil
		}
		names = append(names, p.name)
	}
	if name == "" { // another model has its name
		return place{name: box.Name}, nil
	}
	return place{}, &UnknownError{name, names}
}

// places are the names of all that may be models.
func (s *Shelf) places() ([]place, error) {
	var out []place
	add := func(p place) {
		if !slices.ContainsFunc(out, func(q place) bool { return q.name == p.name }) {
			out = append(out, p)
		}
	}
	for _, folder := range s.folders {
		entries, err := os.ReadDir(folder)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("cannot list the models in %s: %w", folder, err)
		}
		for _, e := range entries {
			path := filepath.Join(folder, e.Name())
			name, isFile := strings.CutSuffix(e.Name(), filepath.Ext(trained.FileName))
			if !isFile {
				path = filepath.Join(path, trained.FileName)
			}
			st, err := os.Stat(path)
			if err == nil && st.Mode().IsRegular() && name != "" && !strings.HasPrefix(name, ".") {
				add(place{name, path, stamp{st.Size(), st.ModTime()}})
			}
		}
	}
	add(place{name: box.Name})
	slices.SortFunc(out, func(a, b place) int {
		if (a.path == "") != (b.path == "") {
			if a.path == "" {
				return -1
			}
			return 1
		}
		return strings.Compare(a.name, b.name)
	})
	return out, nil
}

// describe looks at a file, once for each of its states.
func (s *Shelf) describe(p place) (Model, error) {
	s.mu.Lock()
	k := s.known[p.path]
	if k == nil || k.stamp != p.stamp {
		k = &known{stamp: p.stamp}
		s.known[p.path] = k
	}
	s.mu.Unlock()
	k.once.Do(func() { k.model, k.err = look(p) })
	if k.err != nil {
		return Model{}, fmt.Errorf("the model %s cannot be used: %w", p.name, k.err)
	}
	m := k.model
	m.Name = p.name
	return m, nil
}
