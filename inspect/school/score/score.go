// Package score makes the tables: an inspector's scores of clean pictures and of
// spoilt ones, how well they tell the two apart, and how well its heat covers
// what was spoilt.
package score

import (
	"cmp"
	"context"
	"fmt"
	"image"
	"io"
	"maps"
	"path"
	"slices"

	"github.com/limner-ai/limner/inspect"
	"github.com/limner-ai/limner/inspect/calibrate"
	"github.com/limner-ai/limner/inspect/school/corrupt"
	"github.com/limner-ai/limner/inspect/school/gallery"
)

// Strengths are those that tables have.
var Strengths = []float64{0, 1. / 3, 2. / 3, 1}

// Clean are the findings of an inspector in clean pictures.
type Clean struct {
	Scores  []float64
	Faulty  map[string]int // by source
	Of      map[string]int
	Without int // pictures to which the inspector does not apply
	BySet   map[string][]float64
}

// Pictures inspects clean pictures.
func Pictures(ctx context.Context, in inspect.Inspector, g *gallery.Gallery, n int) (*Clean, error) {
	c := &Clean{Faulty: map[string]int{}, Of: map[string]int{}, BySet: map[string][]float64{}}
	for _, i := range g.Some(n) {
		m, err := g.Image(i)
		if err != nil {
			return nil, err
		}
		f, err := in.Inspect(ctx, m)
		if err != nil {
			return nil, err
		}
		from := Source(g.Name(i))
		c.Of[from]++
		if !f.Applies {
			c.Without++
			continue
		}
		c.Scores = append(c.Scores, f.Score)
		c.BySet[from] = append(c.BySet[from], f.Score)
		if f.Faulty {
			c.Faulty[from]++
		}
	}
	return c, nil
}

// Source is a picture's name but for its last part: noto's are apart from others of
// one collection.
func Source(name string) string { return path.Dir(name) }

// Threshold is the score that no more than a share of the pictures of any
// source with at least 50 exceed.
func (c *Clean) Threshold(share float64) float64 {
	t := calibrate.Threshold(c.Scores, share)
	for _, list := range c.BySet {
		if len(list) >= 50 {
			t = max(t, calibrate.Threshold(list, share))
		}
	}
	return t
}

// Write writes how many clean pictures are called faulty, by source.
func (c *Clean) Write(w io.Writer) {
	fmt.Fprintf(w, "| Clean pictures of | n | Called faulty |\n|---|---|---|\n")
	all, faulty := 0, 0
	for _, from := range slices.SortedFunc(maps.Keys(c.Of), func(a, b string) int { return cmp.Or(cmp.Compare(c.Of[b], c.Of[a]), cmp.Compare(a, b)) }) {
		fmt.Fprintf(w, "| %s | %d | %.1f %% |\n", from, c.Of[from], 100*float64(c.Faulty[from])/float64(c.Of[from]))
		all += c.Of[from]
		faulty += c.Faulty[from]
	}
	fmt.Fprintf(w, "| all | %d | %.1f %% |\n", all, 100*float64(faulty)/float64(max(1, all)))
	if c.Without > 0 {
		fmt.Fprintf(w, "\nThe inspector does not apply to %d of them.\n", c.Without)
	}
}

// Spoilt are the findings in pictures that were spoilt in one way.
type Spoilt struct {
	Kind     string
	Strength float64
	Scores   []float64
	Found    int // called faulty
	Named    int // of those, with the right fault
	IoU      float64
	Best     float64 // mean of each picture's largest IoU over levels of heat
	N        int
}

// Level is that of the heat which counts as faulty when places are compared.
const Level = .5

// Kind spoils pictures and inspects them. Fault says which fault is the right one;
// empty: any.
func Kind(ctx context.Context, in inspect.Inspector, g *gallery.Gallery, n int, k corrupt.Kind, strength float64, seed uint64, fault string) (*Spoilt, error) {
	s := &Spoilt{Kind: k.Name, Strength: strength}
	for _, i := range g.Some(n) {
		m, err := g.Image(i)
		if err != nil {
			return nil, err
		}
		r, ok := k.Apply(m, strength, seed+uint64(i))
		if !ok {
			continue
		}
		f, err := in.Inspect(ctx, r.Image)
		if err != nil {
			return nil, err
		}
		if !f.Applies {
			continue
		}
		s.N++
		s.Scores = append(s.Scores, f.Score)
		if f.Faulty {
			s.Found++
			if fault == "" || f.Fault == fault {
				s.Named++
			}
		}
		if f.Heat != nil {
			heat := Full(f.Heat, r.Image.Rect)
			s.IoU += calibrate.IoU(heat, r.Mask.V, Level)
			best := 0.
			for level := float32(.1); level < 1; level += .1 {
				best = max(best, calibrate.IoU(heat, r.Mask.V, level))
			}
			s.Best += best
		}
	}
	s.IoU /= float64(max(1, s.N))
	s.Best /= float64(max(1, s.N))
	return s, nil
}

// Full is the heat at each pixel.
func Full(h *inspect.Heat, b image.Rectangle) []float32 {
	out := make([]float32, b.Dx()*b.Dy())
	for i := range out {
		out[i] = h.At(i%b.Dx(), i/b.Dx(), b.Dx(), b.Dy())
	}
	return out
}

// Write writes a table of spoilt pictures beside clean ones.
func Write(w io.Writer, clean *Clean, rows []*Spoilt) {
	fmt.Fprintf(w, "| Fault | Strength | n | AUROC | Found | Named right | IoU | Best IoU |\n|---|---|---|---|---|---|---|---|\n")
	for _, s := range rows {
		n := float64(max(1, s.N))
		fmt.Fprintf(w, "| %s | %.2f | %d | %.3f | %.1f %% | %.1f %% | %.2f | %.2f |\n", s.Kind, s.Strength, s.N,
			calibrate.AUROC(clean.Scores, s.Scores), 100*float64(s.Found)/n, 100*float64(s.Named)/float64(max(1, s.Found)), s.IoU, s.Best)
	}
}
