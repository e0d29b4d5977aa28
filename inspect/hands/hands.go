// Package hands finds hands and judges their anatomy: fingers that are missing,
// too many, grown together, or bent as none can be.
//
// Package find finds hands and their points; a small network looks at each
// one's crop and says what it is and where (package judge).
package hands

import (
	"cmp"
	"context"
	"fmt"
	"image"
	"math"
	"slices"

	"github.com/limner-ai/limner/inspect"
	"github.com/limner-ai/limner/inspect/hands/find"
	"github.com/limner-ai/limner/model/trained"
)

// Faults that the inspector names, in the order of the judge's classes.
const (
	Bent    = "bent finger"
	Extra   = "extra finger"
	Fused   = "fused fingers"
	Missing = "missing finger"
)

var faults = [...]string{Bent, Extra, Fused, Missing}

// Kind is the inspector of hands.
var Kind = inspect.Kind{
	Name:    "hands",
	Summary: "hands: fingers missing, too many, fused, or bent as none can be",
	Faults:  faults[:],
	Open:    open,
}

// cropTimes is how much of a hand's surroundings the judge sees, in extents of
// its points; school crops alike.
const cropTimes = 1.125

// heatSide is the longer side of the heat map, at most.
const heatSide = 64

type inspector struct {
	engine *trained.CPU
	finder *find.Finder
	judge  *verdicts
}

func open(env inspect.Env) (inspect.Inspector, error) {
	in := &inspector{engine: trained.NewCPU(env.Threads)}
	var err error
	if in.finder, err = find.New(in.engine); err == nil {
		in.judge, err = newVerdicts(in.engine)
	}
	if err != nil {
		in.engine.Close()
		return nil, fmt.Errorf("hands: %w", err)
	}
	return in, nil
}

func (in *inspector) Close() error { in.engine.Close(); return nil }

// judged is a hand with what is said of it.
type judged struct {
	find.Hand
	verdict
	crop find.Square
}

// Inspect is inspect.Inspector's. The score is the logarithm of the odds that
// the judge gives to a fault, of the worst hand.
func (in *inspector) Inspect(ctx context.Context, m *image.NRGBA) (inspect.Finding, error) {
	f := inspect.Finding{Inspector: Kind.Name}
	if err := ctx.Err(); err != nil {
		return f, err
	}
	p := find.NewPicture(m)
	found, err := in.finder.Hands(ctx, p)
	if err != nil {
		return f, err
	}
	if len(found) == 0 {
		f.Sentence = "No hand was found in it."
		return f, nil
	}
	hands := make([]judged, len(found))
	for i, h := range found {
		hands[i] = judged{Hand: h, crop: h.Crop(cropTimes)}
		if hands[i].verdict, err = in.judge.on(p, hands[i].crop); err != nil {
			return f, err
		}
	}
	slices.SortStableFunc(hands, func(a, b judged) int { return cmp.Compare(b.score, a.score) })
	worst := hands[0]
	f.Applies, f.Score = true, worst.score
	f.Probability, f.Faulty = scale.Judge(f.Score)
	f.Heat = heat(hands, p.W, p.H)
	place := inspect.Place(box(worst.crop, m.Rect), m.Rect)
	if f.Faulty {
		f.Fault = faults[worst.fault]
		f.Regions = f.Heat.Regions(m.Rect, .5*greatest(f.Heat.Value), 3)
		for i := range f.Regions {
			f.Regions[i].What = f.Fault
		}
	}
	f.Sentence = sentence(hands, f, place)
	f.Measures = measures(hands)
	return f, nil
}

func measures(hands []judged) map[string]float64 {
	worst := hands[0]
	fingers := float64(find.Fingers)
	switch {
	case worst.fault == 1 && worst.score > scale.Threshold:
		fingers++
	case worst.fault == 3 && worst.score > scale.Threshold:
		fingers--
	}
	m := map[string]float64{
		"hands": float64(len(hands)), "presence": worst.Presence, "right": worst.right,
		"fingers": fingers, "stretched": float64(worst.Stretched()),
	}
	for i, name := range faults {
		m[name] = worst.each[i]
	}
	return m
}

// sentence says what was found, where and how sure.
func sentence(hands []judged, f inspect.Finding, place string) string {
	who := "The hand"
	if len(hands) > 1 {
		who = "A hand"
	}
	if !f.Faulty {
		n := "One hand was"
		if len(hands) > 1 {
			n = fmt.Sprintf("%d hands were", len(hands))
		}
		return fmt.Sprintf("%s found, and nothing is clearly wrong (%.0f %% for a fault).", n, 100*f.Probability)
	}
	what := map[string]string{
		Bent:    "has a finger bent as none can be",
		Extra:   "has a finger too many",
		Fused:   "has fingers grown together",
		Missing: "lacks a finger",
	}[f.Fault]
	return fmt.Sprintf("%s %s %s (%.0f %% sure that something is wrong).", who, place, what, 100*f.Probability)
}

// heat lays the maps of all hands over the picture.
func heat(hands []judged, w, h int) *inspect.Heat {
	k := max(1, float64(max(w, h))/heatSide)
	m := &inspect.Heat{W: max(1, int(float64(w)/k)), H: max(1, int(float64(h)/k))}
	m.Value = make([]float32, m.W*m.H)
	for i := range m.Value {
		at := find.Point{
			X: (float64(i%m.W) + .5) * float64(w) / float64(m.W),
			Y: (float64(i/m.W) + .5) * float64(h) / float64(m.H),
		}
		for _, hand := range hands {
			u, v := hand.crop.Place(at)
			m.Value[i] = max(m.Value[i], hand.at(u, v))
		}
	}
	return m
}

func greatest(values []float32) float32 { return slices.Max(values) }

// box is the part of the picture that a square covers, never empty.
func box(s find.Square, bounds image.Rectangle) image.Rectangle {
	x0, y0, x1, y1 := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for i := range 4 {
		p := s.At(float64(i&1), float64(i>>1))
		x0, y0, x1, y1 = min(x0, p.X), min(y0, p.Y), max(x1, p.X), max(y1, p.Y)
	}
	w, h := float64(bounds.Dx()), float64(bounds.Dy())
	at := func(v, most float64) int { return int(max(0, min(v, most))) }
	r := image.Rect(at(x0, w-1), at(y0, h-1), at(x1, w-1)+1, at(y1, h-1)+1)
	return r.Add(bounds.Min)
}
