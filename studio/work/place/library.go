package place

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/limner-ai/limner/dataset"
	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/model/trained"
)

// ErrNoSet says that the set that a model learnt from is not here.
var ErrNoSet = errors.New("the data set that the model learnt from is not on this machine")

const (
	librarySets   = 2       // that are kept open
	librarySide   = 512     // pixels of a drawn picture
	libraryShapes = 1 << 20 // pictures that are drawn
)

// Library finds the sets of these places that models learnt from. Its methods
// may be called from any goroutine.
type Library struct {
	places Places

	mu   sync.Mutex
	open []volume // the one wanted last comes last
}

// volume is an open set.
type volume struct {
	source picture.Source
	set    picture.Set
}

// NewLibrary makes a library.
func NewLibrary(p Places) *Library { return &Library{places: p} }

// Has reports whether the set that a model names is here.
func (l *Library) Has(d trained.Data) bool {
	_, err := l.find(d)
	return err == nil
}

// find says how the set of a model is opened here. A frozen set is known by its
// root, wherever it lies; one of files by its name and its kind, and when it is
// opened by its number of pictures. No path that a model file names is opened.
func (l *Library) find(d trained.Data) (picture.Source, error) {
	var src picture.Source
	if err := json.Unmarshal(d.Source, &src); err != nil {
		return src, fmt.Errorf("%w: it does not say what that was", ErrNoSet)
	}
	if src.Kind == Shapes {
		if src.Path != "" || src.Size > librarySide || src.Count > libraryShapes {
			return src, fmt.Errorf("%w: so many or so large shapes are not drawn here", ErrNoSet)
		}
		return src, nil
	}
	name := filepath.Base(filepath.FromSlash(src.Path))
	for _, s := range l.places.AllSets() {
		if s.Kind != src.Kind || s.Path == "" {
			continue
		}
		root, _, _ := strings.Cut(s.Root, "/") // the listing has the number of digests too
		if s.Kind == "frozen" && root != "" && root == d.Basis.Root || s.Kind != "frozen" && (s.Name == name || s.Path == src.Path) {
			src.Path, src.MemoryMB = s.Path, 1 // few of its pictures are looked at
			return src, nil
		}
	}
	return src, ErrNoSet
}

// Open opens the set that a model names. What it gives stays open for those who
// have it.
func (l *Library) Open(ctx context.Context, d trained.Data) (picture.Set, error) {
	src, err := l.find(d)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	at := slices.IndexFunc(l.open, func(v volume) bool { return same(v.source, src) })
	if at >= 0 {
		v := l.open[at]
		l.open = append(slices.Delete(l.open, at, at+1), v)
		return v.set, fits(v.set, src, d)
	}
	set, err := dataset.Open(src)
	if err != nil {
		if src.Path != "" { // a folder of this machine is no client's business
			err = errors.New("its files cannot be read")
		}
		return nil, fmt.Errorf("%w: %w", ErrNoSet, err)
	}
	if err := fits(set, src, d); err != nil {
		return nil, err
	}
	l.open = append(l.open, volume{src, set})
	if len(l.open) > librarySets { // its files are closed when nobody reads it any more
		l.open = slices.Delete(l.open, 0, 1)
	}
	return set, nil
}

// fits holds that a set is as large as the one that a model learnt from.
func fits(set picture.Set, src picture.Source, d trained.Data) error {
	if src.Kind != "frozen" && set.Len() != d.Pictures {
		return fmt.Errorf("%w: the set of that name has %d pictures, not %d", ErrNoSet, set.Len(), d.Pictures)
	}
	return nil
}

func same(a, b picture.Source) bool {
	x, errA := json.Marshal(a)
	y, errB := json.Marshal(b)
	return errA == nil && errB == nil && string(x) == string(y)
}
