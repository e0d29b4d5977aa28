package trace

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/limner-ai/limner/dataset/frozen"
	"github.com/limner-ai/limner/model/box"
	"github.com/limner-ai/limner/trace/index"
)

// Indexes are those of the sets that are known: that of the model that comes with
// Limner, and those that were made of other sets and lie in a folder, named by
// root. Its methods may be called at once.
type Indexes struct {
	dir string // "" keeps none
	mu  sync.Mutex
	by  map[string]*index.Index
}

// OpenIndexes gives the indexes in a folder, which need not exist.
func OpenIndexes(dir string) *Indexes { return &Indexes{dir: dir, by: map[string]*index.Index{}} }

// boxed is the index of the model that comes with Limner.
var boxed = sync.OnceValues(func() (*index.Index, error) { return index.Read(box.Trace()) })

// boxedSet says which set that is, without reading all of it.
var boxedSet = sync.OnceValues(func() (index.Set, error) { return index.ReadSet(box.Trace()) })

// Find gives the index of the set with that root; nil if there is none.
func (s *Indexes) Find(root string) (*index.Index, error) {
	if set, err := boxedSet(); err == nil && set.Root == root {
		return boxed()
	}
	path, ok := s.path(root)
	if !ok {
		return nil, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if x, ok := s.by[root]; ok {
		return x, nil
	}
	x, err := index.Open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	case x.Set().Root != root:
		return nil, fmt.Errorf("trace: %s is the index of another set, %s: remove it", path, x.Set().Root)
	}
	s.by[root] = x
	return x, nil
}

// path is where the index of a set lies; false for what is no root.
func (s *Indexes) path(root string) (string, bool) {
	digits, ok := strings.CutPrefix(root, "sha256:")
	if !ok || len(digits) != 64 || strings.Trim(digits, "0123456789abcdef") != "" || s.dir == "" {
		return "", false
	}
	return filepath.Join(s.dir, digits+".trace"), true
}

// Of gives the index of the frozen set in a folder, made and kept if there is
// none yet. Progress may be nil.
func (s *Indexes) Of(ctx context.Context, set string, progress func(done, total int)) (*index.Index, error) {
	m, err := frozen.ReadManifest(set)
	if err != nil {
		return nil, err
	}
	root := m.Root.Root.String()
	if x, err := s.Find(root); err == nil && x != nil {
		return x, nil
	}
	x, err := Build(ctx, set, progress)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.by[root] = x
	if path, ok := s.path(root); ok {
		if err := os.MkdirAll(s.dir, 0o755); err != nil {
			return x, fmt.Errorf("trace: the index cannot be kept: %w", err)
		}
		if err := x.Write(path); err != nil {
			return x, fmt.Errorf("trace: the index cannot be kept: %w", err)
		}
	}
	return x, nil
}
