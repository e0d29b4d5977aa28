// Package judge is the small network that says what is wrong with a hand, and
// where. It is a model family of its own, so that Limner's training loop trains
// it and its file says how it was made; see inspect/school/hands.
package judge

import (
	"errors"
	"fmt"
	"slices"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/nn"
)

// What the network sees and gives.
const (
	Side   = 48 // pixels of the square crop around a hand
	Cells  = 12 // of a side of its heat maps
	Packed = Side + Cells
)

// Classes are what a hand can be, in the order of the logits: the faults, each
// with a heat map, and right.
func Classes() []string { return []string{"bent", "extra", "fused", "missing", "right"} }

const faults = 4

// Family makes judges. Its pictures are sheets of 60×60: the crop of 48×48 at
// the top left and, right of it, one below the other, where each fault is, 12×12
// levels a fault.
type Family struct{}

// Name is "hand-judge".
func (Family) Name() string { return "hand-judge" }

// Config is the judge's part of a run file.
type Config struct {
	Channels []int   `json:"channels"` // at a half, a quarter, an eighth of the crop's extent
	Features int     `json:"features"` // length of the last hidden layer
	Heat     float64 `json:"heat"`     // weight of the heat maps' loss
	Weight   float64 `json:"weight"`   // of a cell that holds a fault, against one that holds none
	Noise    float64 `json:"noise"`    // deviation of the noise on training pixels
	Decay    float64 `json:"decay"`    // decoupled weight decay
	EMA      float64 `json:"ema"`      // decay of the averaged weights
}

// New reads and checks a configuration.
func (Family) New(p model.Pictures, decode func(any) error) (model.Model, error) {
	c := Config{Channels: []int{12, 24, 48}, Features: 48, Heat: 4, Weight: 12, Noise: .03, Decay: .02, EMA: .995}
	if err := decode(&c); err != nil {
		return nil, err
	}
	switch {
	case p.Height != Packed || p.Width != Packed || p.Channels != 3 || !slices.Equal(p.Classes, Classes()):
		return nil, fmt.Errorf("a judge of hands wants sheets of %d×%d×3 with the classes %v, not %d×%d×%d with %v", Packed, Packed, Classes(), p.Height, p.Width, p.Channels, p.Classes)
	case len(c.Channels) != 3 || slices.ContainsFunc(c.Channels, func(n int) bool { return n < 1 || n%groups != 0 }):
		return nil, fmt.Errorf("channels: want three multiples of %d, not %v", groups, c.Channels)
	case c.Features < 1:
		return nil, fmt.Errorf("features: want at least 1, not %d", c.Features)
	case !(c.Heat >= 0) || !(c.Weight > 0) || !(c.Noise >= 0) || !(c.Decay >= 0):
		return nil, errors.New("heat, noise and decay: want 0 or more, and a weight above 0")
	case !(c.EMA > 0 && c.EMA < 1):
		return nil, fmt.Errorf("ema: want a decay between 0 and 1, not %v", c.EMA)
	}
	return &judge{p, c}, nil
}

type judge struct {
	model.Pictures
	c Config
}

func (m *judge) Config() any { return m.c }

// Training is one step: AdamW on the cross-entropy of the classes and that of
// the heat maps' cells, in nats.
func (m *judge) Training(batch int) (*model.Training, error) {
	if batch < 1 {
		return nil, fmt.Errorf("a batch holds at least 1 picture, not %d", batch)
	}
	var t *model.Training
	err := graph.Catch(func() { t = m.training(batch) })
	return t, err
}

func (m *judge) training(batch int) *model.Training {
	g := graph.New()
	s := nn.NewScope(g)
	sheet := m.sheets(g, batch)
	x := crop(sheet)
	if m.c.Noise > 0 {
		x = x.Add(g.Normal("noise", x.Shape()...).MulScalar(float32(m.c.Noise)))
	}
	logits, heat := m.look(s, x)
	y := g.Input(model.InputLabels, batch).OneHot(len(m.Classes))
	kind := y.Mul(logits.LogSoftmax()).Sum().MulScalar(-1 / float32(batch))
	right := logits.Equal(logits.ReduceMax(1)).Mul(y).Sum().MulScalar(1 / float32(batch))
	// A cell holds a fault where a tenth of it does.
	where := g.Full(.1).BroadcastTo(batch, Cells, Cells, faults).Less(places(sheet))
	each := where.Mul(heat.Neg().Softplus()).MulScalar(float32(m.c.Weight)).
		Add(where.Neg().AddScalar(1).Mul(heat.Softplus())).Mean()
	loss := kind.Add(each.MulScalar(float32(m.c.Heat)))

	ps := s.Params()
	adam := nn.DefaultAdam
	adam.Decay = m.c.Decay
	grads := graph.Grad(loss, nn.Values(ps)...)
	updates := adam.Update(s.Sub("adam"), ps, grads, g.Input(model.InputRate), nn.NewGuard(grads, 5, 0))
	decay, count := nn.Decay{Rate: m.c.EMA}.Value(s.Sub("ema"))
	updates = append(updates, nn.Average(s, ps, updates, decay)...)
	updates = append(updates, count)
	return &model.Training{States: s.States(), Steps: []model.Step{{
		Name: "train", Graph: g, Updates: updates,
		Metrics: []model.Metric{{Name: "loss", Value: loss}, {Name: "loss/kind", Value: kind}, {Name: "loss/heat", Value: each}, {Name: "accuracy", Value: right}},
	}}}
}

// Uses are the features: logits of the classes, and beside them the logits of
// the heat maps, [batch 12 12 4].
func (m *judge) Uses() []model.Use { return []model.Use{model.UseFeatures} }

// Build makes the graph of a use with the averaged weights.
func (m *judge) Build(use model.Use, batch int) (*model.Call, error) {
	if use != model.UseFeatures {
		return nil, fmt.Errorf("a judge of hands cannot %s", use)
	}
	if batch < 1 {
		return nil, fmt.Errorf("a batch holds at least 1 picture, not %d", batch)
	}
	g := graph.New()
	var logits, heat *graph.Value
	err := graph.Catch(func() { logits, heat = m.look(nn.NewAveragedScope(g), crop(m.sheets(g, batch))) })
	return &model.Call{Graph: g, Outputs: []model.Output{{Name: "logits", Value: logits}, {Name: "heat", Value: heat}}}, err
}

func (m *judge) sheets(g *graph.Graph, batch int) *graph.Value {
	return g.Input(model.InputImages, batch, Packed, Packed, 3)
}

func crop(sheet *graph.Value) *graph.Value { return nn.Crop(sheet, Side, Side) }

// places are the levels beside the crop, [n 12 12 4].
func places(sheet *graph.Value) *graph.Value {
	n := sheet.Dim(0)
	x := sheet.Slice(1, 0, faults*Cells).Slice(2, Side, Packed).Slice(3, 0, 1)
	return x.Reshape(n, faults, Cells, Cells).Transpose(0, 2, 3, 1)
}
