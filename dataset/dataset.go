// Package dataset opens the picture sets that training reads.
//
// A set is of some kind, one folder each: frozen (a data set whose every
// picture has a recorded basis), idx (the files of MNIST), folder (pictures with
// class folders or captions), shapes (drawn on demand). All fulfil the contract in package picture; package loader batches them.
package dataset

import (
	"fmt"
	"slices"
	"strings"

	"github.com/limner-ai/limner/dataset/folder"
	"github.com/limner-ai/limner/dataset/frozen"
	"github.com/limner-ai/limner/dataset/idx"
	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/dataset/shapes"
)

// Kind is a kind of picture set.
type Kind struct {
	Name    string
	Summary string
	Open    func(picture.Source) (picture.Set, error)
}

// Kinds returns all kinds of set, by name.
func Kinds() []Kind {
	return []Kind{
		{"folder", "a folder of PNG, JPEG and WebP pictures, with class sub-folders or captions in .txt files", open(folder.Open)},
		{"frozen", "a frozen data set, whose every picture has a recorded basis", open(frozen.Open)},
		{"idx", "IDX files as of MNIST and Fashion-MNIST, plain or gzipped", open(idx.Open)},
		{"shapes", "coloured shapes with captions, drawn on demand: needs no files", open(shapes.Open)},
	}
}

// open hides the type of a kind's sets, and its nil on errors.
func open[S picture.Set](f func(picture.Source) (S, error)) func(picture.Source) (picture.Set, error) {
	return func(src picture.Source) (picture.Set, error) {
		s, err := f(src)
		if err != nil {
			return nil, err
		}
		return s, nil
	}
}

// Open opens the set that src describes. The error is one line that says
// what to change.
func Open(src picture.Source) (picture.Set, error) {
	kinds := Kinds()
	i := slices.IndexFunc(kinds, func(k Kind) bool { return k.Name == src.Kind })
	if i < 0 {
		var names []string
		for _, k := range kinds {
			names = append(names, k.Name)
		}
		return nil, fmt.Errorf("data set: unknown kind %q; it is one of %s", src.Kind, strings.Join(names, ", "))
	}
	s, err := kinds[i].Open(src)
	if err != nil {
		return nil, fmt.Errorf("data set: %w", err)
	}
	return s, nil
}
