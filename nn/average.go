package nn

import (
	"math"
	"strings"

	"github.com/limner-ai/limner/engine/graph"
)

// AverageOf is the name of the state that holds the moving average of the
// parameter called name.
func AverageOf(name string) string { return "ema/" + name }

// Plain is the name of a parameter, given that or the name of its average.
func Plain(name string) string { return strings.TrimPrefix(name, AverageOf("")) }

// Average moves the averages of parameters towards the values that updates
// leave in them: ē ← ē + (1−decay)(p − ē). An average starts as its
// parameter does. Decay is a scalar.
func Average(s *Scope, ps []Param, updates []Update, decay *graph.Value) []Update {
	next := map[*graph.Value]*graph.Value{}
	for _, u := range updates {
		next[u.State] = u.Value
	}
	gain := s.Graph.Full(1).Sub(decay)
	var out []Update
	for _, p := range ps {
		v := next[p.Value]
		if v == nil {
			v = p.Value
		}
		old := s.State(AverageOf(p.Name), drawAs(p.Name, p.Init), p.Shape...)
		out = append(out, Update{old, old.Add(gain.Mul(v.Sub(old)))})
	}
	return out
}

// Decay is how fast an average forgets. It counts its steps in a state.
type Decay struct {
	// Rate is the constant decay of a step, reached from below by
	// (1+t)/(10+t), so that the first steps do not weigh for long.
	Rate float64
	// HalfLife, if set, takes Rate's place: the number of pictures after
	// which a weight counts half, at most Ramp times the pictures seen:
	// Karras et al., "Training GANs with Limited Data" (2020), appendix C.
	HalfLife *graph.Value
	Ramp     float64
	Batch    int
}

// Value declares the count in s and returns the decay of this step with the
// update of the count.
func (d Decay) Value(s *Scope) (*graph.Value, Update) {
	old := s.State("steps", Zeros)
	t := old.AddScalar(1)
	if d.HalfLife == nil {
		limit := s.Graph.Full(float32(d.Rate))
		return t.AddScalar(1).Div(t.AddScalar(10)).Min(limit), Update{old, t}
	}
	life := d.HalfLife
	if d.Ramp > 0 {
		life = life.Min(t.MulScalar(float32(d.Ramp * float64(d.Batch))))
	}
	return s.Graph.Full(float32(-math.Ln2 * float64(d.Batch))).Div(life).Exp(), Update{old, t}
}
