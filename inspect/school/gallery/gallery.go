// Package gallery holds the clean pictures that inspectors learn from and are
// measured on: those of a frozen set.
package gallery

import (
	"hash/fnv"
	"image"
	"strings"

	"github.com/limner-ai/limner/dataset/frozen"
	"github.com/limner-ai/limner/dataset/picture"
)

// Split is a part of the set. No caption lies in two of the parts of the
// training pictures; the set keeps its own test pictures apart by concept.
type Split string

const (
	Fit  Split = "fit"  // four in five of the training pictures
	Tune Split = "tune" // the fifth: curves and thresholds are set on it
	Test Split = "test" // the set's held-out pictures, for reports alone

	// Trial and Report are the halves of Test, no concept in both: for an
	// inspector whose threshold must be set on concepts that it never saw.
	Trial  Split = "trial"
	Report Split = "report"
)

// Gallery is a list of clean pictures.
type Gallery struct {
	Root string // that names the set

	set   *frozen.Set
	index []int
	buf   []float32
}

// Open opens a split of the frozen set in a folder.
func Open(dir string, split Split) (*Gallery, error) {
	part := picture.Train
	held := split == Test || split == Trial || split == Report
	if held {
		part = picture.Test
	}
	// With little memory, pictures are decoded as they are read.
	set, err := frozen.Open(picture.Source{Kind: "frozen", Path: dir, Split: part, Channels: 4, MemoryMB: 1})
	if err != nil {
		return nil, err
	}
	h, w, c := set.Shape()
	g := &Gallery{set: set, Root: set.Manifest().Root.Root.String(), buf: make([]float32, h*w*c)}
	for i := range set.Len() {
		label, err := set.Item(i, nil)
		if err != nil {
			set.Close()
			return nil, err
		}
		keep := true
		switch split {
		case Fit, Tune:
			keep = tuned(label.Caption) == (split == Tune)
		case Trial, Report:
			keep = tried(label.Caption) == (split == Trial)
		}
		if keep {
			g.index = append(g.index, i)
		}
	}
	return g, nil
}

// tuned says whether pictures with a caption are in the split Tune.
func tuned(caption string) bool {
	h := fnv.New32a()
	h.Write([]byte(strings.ToLower(caption)))
	return h.Sum32()%5 == 0
}

// tried says whether held-out pictures with a caption are in the split Trial. What
// stands behind a colon or a comma varies a concept or names a style.
func tried(caption string) bool {
	base := strings.ToLower(caption)
	if i := strings.IndexAny(base, ":,"); i >= 0 {
		base = base[:i]
	}
	h := fnv.New32a()
	h.Write([]byte(strings.TrimSpace(base)))
	return h.Sum32()%2 == 0
}

// Len is the number of pictures.
func (g *Gallery) Len() int { return len(g.index) }

// Image is the i-th picture.
func (g *Gallery) Image(i int) (*image.NRGBA, error) {
	if _, err := g.set.Item(g.index[i], g.buf); err != nil {
		return nil, err
	}
	h, w, _ := g.set.Shape()
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for j, v := range g.buf {
		m.Pix[j] = uint8(255*v + .5)
	}
	return m, nil
}

// Name is the i-th picture's source and its path there.
func (g *Gallery) Name(i int) string { return g.set.Name(g.index[i]) }

// Caption is what the i-th picture is said to show.
func (g *Gallery) Caption(i int) string {
	label, err := g.set.Item(g.index[i], nil)
	if err != nil {
		return ""
	}
	return label.Caption
}

// Some are the places of at most n pictures, evenly spread; 0 means all.
func (g *Gallery) Some(n int) []int {
	if n <= 0 || n > g.Len() {
		n = g.Len()
	}
	list := make([]int, n)
	for i := range list {
		list[i] = i * g.Len() / n
	}
	return list
}

// Close ends the use of the set.
func (g *Gallery) Close() error { return g.set.Close() }
