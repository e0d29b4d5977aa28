package nn

import (
	"fmt"
	"math"

	"github.com/limner-ai/limner/engine/graph"
)

// Schedule is a number that changes with the progress of a run in [0, 1]:
// it rises linearly from 0 to From during Warm, and goes from From to To
// over the whole run by Curve.
type Schedule struct {
	From, To float64
	Warm     float64 // share of the run
	Curve    Curve
}

// Curve is the shape of a schedule between its ends.
type Curve string

const (
	Flat   Curve = "constant"
	Line   Curve = "linear"
	Cosine Curve = "cosine" // half a period: Loshchilov and Hutter, "SGDR" (2016), equation 5
)

// CurveNamed checks the name of a curve.
func CurveNamed(name string) (Curve, error) {
	switch c := Curve(name); c {
	case Flat, Line, Cosine:
		return c, nil
	}
	return "", fmt.Errorf("schedule %q is not known; take one of %s, %s, %s", name, Flat, Line, Cosine)
}

// At is the number at a progress.
func (s Schedule) At(progress float64) float64 {
	y := s.From
	switch s.Curve {
	case Line:
		y += (s.To - s.From) * progress
	case Cosine:
		y += (s.To - s.From) * (1 - math.Cos(math.Pi*progress)) / 2
	}
	if s.Warm > 0 {
		y *= min(1, progress/s.Warm)
	}
	return y
}

// Value is the number as part of a graph, at the scalar progress.
func (s Schedule) Value(progress *graph.Value) *graph.Value {
	g := progress.Graph()
	y := g.Full(float32(s.From))
	switch s.Curve {
	case Line:
		y = progress.MulScalar(float32(s.To - s.From)).Add(y)
	case Cosine:
		half := progress.MulScalar(math.Pi).Cos().Neg().AddScalar(1).MulScalar(.5)
		y = half.MulScalar(float32(s.To - s.From)).Add(y)
	}
	if s.Warm > 0 {
		y = y.Mul(progress.MulScalar(float32(1 / s.Warm)).Min(g.Full(1)))
	}
	return y
}
