// Package light tells where the light in parts of a picture comes from, and finds
// parts that are lit from another side than the rest: shading, highlights or cast
// shadows that do not belong together.
//
// A small network looks at windows of a picture and names the direction of the
// light in the picture's plane, or that nothing tells it, or that it comes from
// two sides. What the windows say is compared. Comparing the directions of light
// of a picture's parts follows Johnson and Farid, "Exposing Digital Forgeries by
// Detecting Inconsistencies in Lighting" (2005), who estimate them along the
// outlines of objects; see docs/inspect-light.md for what that gives here.
package light

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"image"
	"math"

	"github.com/limner-ai/limner/inspect"
	"github.com/limner-ai/limner/inspect/calibrate"
	"github.com/limner-ai/limner/inspect/segment"
)

// Kind is the inspector.
var Kind = inspect.Kind{
	Name:    "light",
	Summary: "light, shadows and highlights that come from different sides",
	Faults:  []string{"crossed light"},
	Open:    open,
}

// learnt is what the school fitted: see its record beside the weights.
type learnt struct {
	// Weights of the measures and, last, a constant; their sum is the score.
	Weights []float64       `json:"weights"`
	Scale   calibrate.Scale `json:"scale"`
	Record  json.RawMessage `json:"record"`
}

//go:embed scale.json
var scale []byte

type inspector struct {
	learnt
	network *network
}

func open(env inspect.Env) (inspect.Inspector, error) {
	in := &inspector{}
	if err := json.Unmarshal(scale, &in.learnt); err != nil {
		return nil, fmt.Errorf("light: %w", err)
	}
	if len(in.Weights) != len(names)+1 {
		return nil, fmt.Errorf("light: %d weights for %d measures", len(in.Weights), len(names))
	}
	if err := in.Scale.Curve.Check(); err != nil {
		return nil, err
	}
	var err error
	in.network, err = newNetwork(env.Threads)
	return in, err
}

// Close implements inspect.Inspector.
func (in *inspector) Close() error {
	in.network.engine.Close()
	return nil
}

const (
	leastSide = 16
	// leastLit is the share of the windows in which something must be told for a
	// picture to be judged.
	leastLit = .65
)

// Inspect implements inspect.Inspector.
func (in *inspector) Inspect(ctx context.Context, m *image.NRGBA) (inspect.Finding, error) {
	if err := ctx.Err(); err != nil {
		return inspect.Finding{}, err
	}
	f := inspect.Finding{Inspector: Kind.Name}
	if min(m.Rect.Dx(), m.Rect.Dy()) < leastSide {
		f.Sentence = fmt.Sprintf("The picture is too small to tell where its light comes from: less than %d pixels.", leastSide)
		return f, nil
	}
	c := NewCanvas(m)
	if flat(c) {
		f.Sentence = "There is no shading in the picture."
		return f, nil
	}
	seg := segment.Graph(append(c.Level[:], c.Alpha), .6, 40)
	list := views(c, seg)
	if err := in.network.look(c, list); err != nil {
		return f, err
	}
	s := measure(list)
	if s.lit < leastLit {
		f.Sentence = "Nothing in the picture tells where its light comes from."
		return f, nil
	}
	f.Applies = true
	f.Score = in.Weights[len(names)]
	f.Measures = map[string]float64{"lit": s.lit, "azimuth": degrees(s.toward), "certainty": s.sure}
	for i, v := range s.list() {
		f.Score += in.Weights[i] * v
		f.Measures[names[i]] = v
	}
	f.Probability, f.Faulty = in.Scale.Judge(f.Score)
	h := heat(c, seg, list, s.toward)
	f.Heat = onPicture(h, c, m.Rect.Dx(), m.Rect.Dy())
	if f.Faulty {
		f.Fault = Kind.Faults[0]
		f.Regions = f.Heat.Regions(m.Rect, HeatLevel, 3)
	}
	f.Sentence = in.sentence(c, m.Rect, list, &s, &f)
	return f, nil
}

// LeastCertain is the measure "certainty", from 0 to 1, below which no direction
// is told for the picture as a whole.
const LeastCertain = .25

// Measures are, of a finding that applies, what its score is the weighted sum of.
func Measures(f inspect.Finding) []float64 {
	list := make([]float64, len(names))
	for i, name := range names {
		list[i] = f.Measures[name]
	}
	return list
}

// HeatLevel is the heat above which a place is named.
const HeatLevel = .2

// flat tells that a canvas has hardly two levels.
func flat(c *Canvas) bool {
	for _, p := range c.Level {
		if low, high := p.Range(); high-low > .02 {
			return false
		}
	}
	return true
}

func (in *inspector) sentence(c *Canvas, bounds image.Rectangle, list []view, s *measures, f *inspect.Finding) string {
	if !f.Faulty {
		if f.Measures["certainty"] < LeastCertain {
			return "Where the light comes from cannot be told of the picture as a whole; its parts do not disagree enough to call it faulty."
		}
		return fmt.Sprintf("The light comes from %s throughout.", side(s.toward))
	}
	sure := fmt.Sprintf(" (%.0f %% sure)", 100*f.Probability)
	if s.pair < .35 {
		at := ""
		if len(f.Regions) > 0 {
			at = " " + inspect.Place(f.Regions[0].Box, bounds)
		}
		return "Shading, highlights or shadows" + at + " do not belong to one light" + sure + "."
	}
	a, b := &list[s.from], &list[s.to]
	pa, pb := where(c, a), where(c, b)
	if pa == pb {
		pa, pb = "in one part", "in another"
	}
	return fmt.Sprintf("The light %s comes from %s, %s from %s: %.0f° apart%s.",
		pa, side(a.toward), pb, side(b.toward), between(a.toward, b.toward)*180/math.Pi, sure)
}

// where says where a window lies in the picture.
func where(c *Canvas, v *view) string {
	middle := v.square.Min.Add(v.square.Max).Div(2)
	return inspect.Place(image.Rectangle{middle, middle.Add(image.Pt(1, 1))}, c.In)
}
