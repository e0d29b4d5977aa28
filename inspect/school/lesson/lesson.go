// Package lesson is what a part of the school is: how an inspector's numbers are
// fitted, and how they are measured on pictures that the fit never saw.
package lesson

import (
	"context"
	"io"

	"github.com/limner-ai/limner/inspect/school/gallery"
)

// Lesson fits and measures one inspector. Parts that it lacks are nil.
type Lesson struct {
	Name    string
	Summary string
	// Fit learns from the gallery's splits Fit and Tune, and writes what it learnt
	// beside the inspector.
	Fit func(context.Context, *Desk) error
	// Table measures on the split Test and writes Markdown.
	Table func(context.Context, *Desk) error
}

// Desk is what lessons work with.
type Desk struct {
	Out      io.Writer // tables
	Progress io.Writer // lines for who waits
	Root     string    // folder of the repository
	Set      string    // folder of the frozen set
	N        int       // pictures to take at most; 0: the lesson's own number
	Seed     uint64
	Only     []string // parts of the lesson, as it names them; none: all
}

// Open opens a split of the set's clean pictures.
func (d *Desk) Open(split gallery.Split) (*gallery.Gallery, error) { return gallery.Open(d.Set, split) }
