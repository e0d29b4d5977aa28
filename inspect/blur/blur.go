// Package blur inspects sharpness: it finds edges, tells how wide each is
// whatever its contrast, and holds those of a place against the picture's others
// and against what clean pictures have. What is flat has no edges and is
// not blurred.
package blur

import (
	"context"
	"fmt"
	"image"
	"math"

	"github.com/limner-ai/limner/inspect"
	"github.com/limner-ai/limner/inspect/plane"
)

// The faults.
const (
	Everywhere = "blurred"
	InPlaces   = "blurred in places"
)

// Kind is the inspector of sharpness.
var Kind = inspect.Kind{
	Name:    "blur",
	Summary: "edges that are softer than the picture's others, or than clean pictures have",
	Faults:  []string{Everywhere, InPlaces},
	Open: func(inspect.Env) (inspect.Inspector, error) {
		j, err := open()
		if err != nil {
			return nil, err
		}
		return inspector{j}, nil
	},
}

type inspector struct{ *Judge }

func (inspector) Close() error { return nil }

const (
	hot         = .5 // heat above which a place is a region
	mostRegions = 4
)

func (in inspector) Inspect(ctx context.Context, m *image.NRGBA) (inspect.Finding, error) {
	f := inspect.Finding{Inspector: "blur"}
	if err := ctx.Err(); err != nil {
		return f, err
	}
	if own, _ := plane.Shrunk(m); min(own.Rect.Dx(), own.Rect.Dy()) < LeastSide {
		f.Sentence = fmt.Sprintf("The picture is too small to tell whether it is sharp: it wants %d pixels on each side.", LeastSide)
		return f, nil
	}
	c := Look(m)
	if c == nil {
		f.Sentence = "The picture has no edges that could be sharp or soft."
		return f, nil
	}
	if err := ctx.Err(); err != nil {
		return f, err
	}
	logits := in.Logits(c)
	f.Applies = true
	f.Score = in.Score(c, logits)
	f.Probability, f.Faulty = in.scale.Judge(f.Score)
	f.Heat = heat(c, logits)
	f.Measures = map[string]float64{"edge_width": c.width, "edge_steepness": c.steep, "blurred_share": share(c, logits)}
	if f.Faulty {
		f.Regions = f.Heat.Regions(m.Rect, hot, mostRegions)
		if f.Fault = InPlaces; f.Measures["blurred_share"] > .6 {
			f.Fault = Everywhere
		}
	}
	f.Sentence = sentence(&f, c, logits, m.Rect)
	return f, nil
}

// heat is the chance that a cell is blurred, from its edges and those around it;
// nothing where there are none.
func heat(c *Cells, logits []float32) *inspect.Heat {
	h := &inspect.Heat{W: c.W, H: c.H, Value: make([]float32, c.W*c.H)}
	for y := range c.H {
		for x := range c.W {
			if i := y*c.W + x; c.Has[i] {
				near, _ := around(c, logits, x, y)
				h.Value[i] = logistic((logits[i] + near) / 2)
			}
		}
	}
	return h
}

// share is that of the cells with edges that are more likely blurred than not.
func share(c *Cells, logits []float32) float64 {
	n, above := 0, 0
	for i, has := range c.Has {
		if has {
			n++
			if logits[i] > 0 {
				above++
			}
		}
	}
	return float64(above) / float64(max(1, n))
}

func sentence(f *inspect.Finding, c *Cells, logits []float32, bounds image.Rectangle) string {
	soft, sharp := widths(c, logits)
	switch {
	case !f.Faulty:
		return fmt.Sprintf("Edges are as sharp as in clean pictures, with a deviation of %.1f pixels.", c.width)
	case f.Fault == Everywhere || len(f.Regions) == 0 || sharp == 0:
		return fmt.Sprintf("The picture is blurred: its edges have a deviation of %.1f pixels (%.0f %% sure).", soft, 100*f.Probability)
	}
	if soft < 1.2*sharp {
		return fmt.Sprintf("The picture is blurred %s: edges there are softer than clean pictures have them (%.0f %% sure).",
			inspect.Place(f.Regions[0].Box, bounds), 100*f.Probability)
	}
	return fmt.Sprintf("The picture is blurred %s: edges there have a deviation of %.1f pixels, elsewhere of %.1f (%.0f %% sure).",
		inspect.Place(f.Regions[0].Box, bounds), soft, sharp, 100*f.Probability)
}

// widths are the geometric means of the edges' deviations in blurred and in sharp
// cells, 0 if there are none.
func widths(c *Cells, logits []float32) (soft, sharp float64) {
	var sum [2]float64
	var n [2]float64
	for i, has := range c.Has {
		if !has {
			continue
		}
		k := 0
		if logits[i] <= 0 {
			k = 1
		}
		sum[k] += math.Log(c.near[i])
		n[k]++
	}
	of := func(k int) float64 {
		if n[k] == 0 {
			return 0
		}
		return math.Exp(sum[k] / n[k])
	}
	return of(0), of(1)
}
