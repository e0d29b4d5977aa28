// Package texture looks at how regions of a picture meet and what their surfaces
// bear: borders that are smeared, paint that runs over a border, patches whose
// texture is foreign to what is around them or lost, and the checkerboards and
// grids that upsampling leaves.
//
// A bank of filters is measured around each second pixel, normalised by what it
// measures on the training set, and a small learned layer names the fault. Much
// of the bank follows Leung and Malik, "Representing and Recognizing the Visual
// Appearance of Materials using Three-dimensional Textons" (2001).
package texture

import (
	"cmp"
	"context"
	"fmt"
	"image"

	"github.com/limner-ai/limner/inspect"
	"github.com/limner-ai/limner/inspect/plane"
)

// Kind is the inspector.
var Kind = inspect.Kind{
	Name:    "texture",
	Summary: "smeared borders, paint that runs over, foreign or lost texture, checkerboards and grids",
	Faults:  Faults,
	Open:    open,
}

type inspector struct{ head *Head }

func open(inspect.Env) (inspect.Inspector, error) {
	h, err := readHead(learnt)
	if err != nil {
		return nil, err
	}
	return &inspector{h}, nil
}

// Close implements inspect.Inspector.
func (in *inspector) Close() error { return nil }

const (
	leastSide = 16
	mostSide  = 256
	leastSeen = 64 // cells
)

// Inspect implements inspect.Inspector. Pictures that were enlarged by a whole
// number are seen at their own scale; those of more than 256 pixels are shrunk,
// which leaves no trace of a checkerboard.
func (in *inspector) Inspect(ctx context.Context, m *image.NRGBA) (inspect.Finding, error) {
	if err := ctx.Err(); err != nil {
		return inspect.Finding{}, err
	}
	f := inspect.Finding{Inspector: Kind.Name}
	if min(m.Rect.Dx(), m.Rect.Dy()) < leastSide {
		f.Sentence = fmt.Sprintf("The picture is too small for its texture to be judged: less than %d pixels.", leastSide)
		return f, nil
	}
	small, _ := plane.Shrunk(m)
	small = shrunk(small)
	if min(small.Rect.Dx(), small.Rect.Dy()) < leastSide {
		f.Sentence = "The picture is too narrow for its texture to be judged."
		return f, nil
	}
	c := Measure(small)
	seen := 0
	for _, s := range c.Seen {
		if s > .5 {
			seen++
		}
	}
	if seen < leastSeen {
		f.Sentence = "Too little is visible for its texture to be judged."
		return f, nil
	}
	if err := ctx.Err(); err != nil {
		return inspect.Finding{}, err
	}
	chances := make([][]float64, len(c.Inputs))
	heat := &inspect.Heat{W: c.W, H: c.H, Value: make([]float32, len(c.Inputs))}
	for i, input := range c.Inputs {
		chances[i] = in.head.Chances(input)
		if c.Seen[i] > .1 {
			heat.Value[i] = float32(max(0, min(1-chances[i][0], 1)))
		}
	}
	in.fill(&f, c, chances)
	f.Heat = heat
	if f.Faulty {
		f.Regions = heat.Regions(m.Rect, heatLevel, 3)
	}
	f.Sentence = sentence(&f, m.Rect)
	return f, nil
}

const heatLevel = .5

// fill makes the score and names the fault.
func (in *inspector) fill(f *inspect.Finding, c *Cells, chances [][]float64) {
	f.Applies = true
	f.Measures = map[string]float64{}
	s := Summary(c, chances)
	f.Score = in.head.Weights[len(s)]
	worst, which := 0., 0
	for i, v := range s {
		f.Score += in.head.Weights[i] * v
		if i%2 == 0 {
			f.Measures[Faults[i/2]] = v
			if v > worst {
				worst, which = v, i/2
			}
		}
	}
	f.Probability, f.Faulty = in.head.Scale.Judge(f.Score)
	if f.Faulty {
		f.Fault = Faults[which]
	}
}

var said = map[string]string{
	"smeared border":  "A border is smeared",
	"running over":    "Paint runs over a border",
	"foreign texture": "The texture changes without a border",
	"lost texture":    "The surface has lost its detail",
	"checkerboard":    "A checkerboard of single pixels lies over the picture",
	"grid":            "A grid lies over the picture",
}

func sentence(f *inspect.Finding, bounds image.Rectangle) string {
	if !f.Faulty {
		return "No fault of surfaces or of the borders between them stands out."
	}
	where := ""
	if len(f.Regions) > 0 {
		where = " " + inspect.Place(f.Regions[0].Box, bounds)
	}
	return fmt.Sprintf("%s%s (%.0f %% sure).", cmp.Or(said[f.Fault], f.Fault), where, 100*f.Probability)
}

// shrunk brings the longer side to at most mostSide pixels.
func shrunk(m *image.NRGBA) *image.NRGBA {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	long := max(w, h)
	if long <= mostSide {
		return m
	}
	tw, th := max(1, w*mostSide/long), max(1, h*mostSide/long)
	own := plane.Own(m)
	alpha := plane.Resize(plane.Alpha(m), tw, th)
	out := image.NewNRGBA(image.Rect(0, 0, tw, th))
	for k, p := range plane.Levels(m, own) {
		p = plane.Resize(p, tw, th)
		for i, a := range alpha.V {
			// Levels lie over the own colour: take it off again.
			v := own[k]
			if a > 0 {
				v += (p.V[i] - own[k]) / a
			}
			out.Pix[4*i+k] = uint8(255*max(0, min(v, 1)) + .5)
			out.Pix[4*i+3] = uint8(255*a + .5)
		}
	}
	return out
}
