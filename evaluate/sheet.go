package evaluate

import (
	"fmt"
	"io"
	"math"

	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/evaluate/feature"
	"github.com/limner-ai/limner/internal/grid"
)

// A line of the sheet: so many generated pictures, a gap, and as many
// held-out ones; or whole lines of one kind below each other.
const (
	half         = 8
	columns      = 2*half + 1
	sheetClasses = 20 // at most
	paper        = 238. / 255
)

// WriteSheet draws the rows that Run gave as PNG.
func WriteSheet(w io.Writer, r *Report, rows []grid.Row) error {
	title := fmt.Sprintf("%s (%s)", r.Model.Name, r.Model.Family)
	scale := 1
	if len(rows) > 0 {
		scale = max(1, 64/rows[0].Pictures.Shape[1])
	}
	return grid.EncodeSheet(w, title, rows, grid.Options{Columns: columns, Scale: scale})
}

// sheet collects samples for the contact sheet as they are drawn.
type sheet struct {
	e       *evaluation
	classes []string // a line each; empty: none
	by      string   // what decides on a sample's class
	label   bool     // it is the class asked for, not the one seen
	shape   tensor.Shape

	first   []float32   // the first samples of all
	byClass [][]float32 // the first samples of each class
}

func newSheet(e *evaluation, conditional bool) *sheet {
	p := e.m.Manifest.Pictures
	s := &sheet{e: e, shape: tensor.S(p.Height, p.Width, p.Channels)}
	switch {
	case conditional:
		s.by, s.label, s.classes = "asked for", true, p.Classes
	case e.space != nil && len(p.Classes) > 0 && e.space.Knows(p.Classes):
		s.by, s.classes = "seen by the feature network", p.Classes
	}
	s.classes = s.classes[:min(len(s.classes), sheetClasses)]
	s.byClass = make([][]float32, len(s.classes))
	return s
}

func (s *sheet) add(images *tensor.Tensor, labels, seen []int) {
	size := s.shape.Size()
	for i := range images.Shape[0] {
		if len(s.first) < 2*columns*size {
			s.first = append(s.first, images.Row(i)...)
		}
		class := seen[i]
		if s.label {
			class = labels[i]
		}
		if class >= 0 && class < len(s.byClass) && len(s.byClass[class]) < half*size {
			s.byClass[class] = append(s.byClass[class], images.Row(i)...)
		}
	}
}

// finish lays the rows out; all describes every sample, if a network looked.
func (s *sheet) finish(all *feature.Description) error {
	if len(s.classes) == 0 {
		real, err := s.real(-1, 2*columns)
		if err != nil {
			return err
		}
		s.row("Generated", fmt.Sprintf("seed %d", s.e.opt.Seed), s.first)
		s.row("Held out", "", real)
	}
	for k, name := range s.classes {
		real, err := s.real(k, half)
		if err != nil {
			return err
		}
		note := ""
		if k == 0 {
			note = fmt.Sprintf("left: generated, seed %d, by the class %s; right: held-out pictures", s.e.opt.Seed, s.by)
		}
		line := s.blank(columns)
		copy(line, s.byClass[k])
		copy(line[(half+1)*s.shape.Size():], real)
		s.row(name, note, line)
	}
	if s.e.space == nil {
		return nil
	}
	return s.nearest(all)
}

// nearest shows samples above the training pictures that lie next to them in
// the feature space: a quick look at copying, which measures nothing.
func (s *sheet) nearest(all *feature.Description) error {
	size := s.shape.Size()
	n := min(columns, all.Len())
	both := s.blank(2 * columns)
	copy(both[:n*size], s.first)
	train := s.e.seen.train.Features
	for i := range n {
		best, at := math.Inf(1), 0
		for k := range train.Shape[0] {
			if d := apart(all.Features.Row(i), train.Row(k), best); d < best {
				best, at = d, k
			}
		}
		pixels := both[(columns+i)*size : (columns+i+1)*size]
		if _, err := s.e.train.Item(at, pixels); err != nil && !picture.IsSkip(err) {
			return err
		}
	}
	s.row("Nearest training pictures", "above: generated; below: the training picture with the nearest features", both)
	return nil
}

// apart is the squared distance of two rows, or some number above limit.
func apart(a, b []float32, limit float64) (d float64) {
	for i := range a {
		x := float64(a[i] - b[i])
		if d += x * x; d > limit {
			return d
		}
	}
	return d
}

// real reads the first n held-out pictures of a class, or of any if class is
// negative.
func (s *sheet) real(class, n int) ([]float32, error) {
	size := s.shape.Size()
	var found []float32
	pixels := make([]float32, size)
	for i := 0; i < s.e.test.Len() && len(found) < n*size; i++ {
		l, err := s.e.test.Item(i, nil)
		if err == nil && (class < 0 || l.Class == class) {
			if _, err = s.e.test.Item(i, pixels); err == nil {
				found = append(found, pixels...)
			}
		}
		if err != nil && !picture.IsSkip(err) {
			return nil, err
		}
	}
	return found, nil
}

// blank is n pictures of the sheet's own colour.
func (s *sheet) blank(n int) []float32 {
	b := make([]float32, n*s.shape.Size())
	for i := range b {
		b[i] = paper
	}
	return b
}

func (s *sheet) row(title, note string, pixels []float32) {
	n := len(pixels) / s.shape.Size()
	s.e.rows = append(s.e.rows, grid.Row{Title: title, Note: note, Pictures: tensor.From(pixels, append(tensor.S(n), s.shape...)...)})
}
