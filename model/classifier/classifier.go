// Package classifier is a small residual network that names the class of a
// picture. Frozen, its last hidden layer is the feature space in which
// generated and real pictures are compared.
package classifier

import (
	"fmt"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/nn"
)

// Family makes classifiers.
type Family struct{}

// Name is "classifier".
func (Family) Name() string { return "classifier" }

// New reads and checks a configuration.
func (Family) New(p model.Pictures, decode func(any) error) (model.Model, error) {
	c, err := read(p, decode)
	if err != nil {
		return nil, err
	}
	m := &classifier{Pictures: p, c: c}
	m.act, _ = nn.ActivationNamed(c.Activation)
	return m, nil
}

type classifier struct {
	model.Pictures
	c   Config
	act nn.Activation
}

func (m *classifier) Config() any { return m.c }

// Training is one step: AdamW on the cross-entropy, in nats.
func (m *classifier) Training(batch int) (*model.Training, error) {
	if batch < 1 {
		return nil, fmt.Errorf("a batch holds at least 1 picture, not %d", batch)
	}
	var t *model.Training
	err := graph.Catch(func() { t = m.training(batch) })
	return t, err
}

func (m *classifier) training(batch int) *model.Training {
	g := graph.New()
	s := nn.NewScope(g)
	x := m.images(g, batch)
	y := g.Input(model.InputLabels, batch).OneHot(len(m.Classes))
	features := m.features(s, m.perturbed(x))
	if m.c.Dropout > 0 {
		kept := g.Full(float32(m.c.Dropout)).Less(g.Uniform("dropout", features.Shape()...))
		features = features.Mul(kept).MulScalar(float32(1 / (1 - m.c.Dropout)))
	}
	logits := m.logits(s, features)
	loss := crossEntropy(logits, y, m.c.Smoothing)
	right := logits.Equal(logits.ReduceMax(1)).Mul(y).Sum().MulScalar(1 / float32(batch))

	ps := s.Params()
	adam := nn.DefaultAdam
	adam.Decay = m.c.Decay
	updates := adam.Update(s.Sub("adam"), ps, graph.Grad(loss, nn.Values(ps)...), g.Input(model.InputRate), nn.Guard{})
	if m.c.EMA > 0 {
		decay, count := nn.Decay{Rate: m.c.EMA}.Value(s.Sub("ema"))
		updates = append(updates, nn.Average(s, ps, updates, decay)...)
		updates = append(updates, count)
	}
	return &model.Training{
		States: s.States(),
		Steps: []model.Step{{
			Name: "train", Graph: g, Updates: updates,
			Metrics: []model.Metric{{Name: "loss", Value: loss}, {Name: "accuracy", Value: right}},
		}},
	}
}

// Uses are the features, with the logits beside them.
func (m *classifier) Uses() []model.Use { return []model.Use{model.UseFeatures} }

// Build makes the graph of a use with the averaged weights.
func (m *classifier) Build(use model.Use, batch int) (*model.Call, error) {
	if use != model.UseFeatures {
		return nil, fmt.Errorf("a classifier cannot %s", use)
	}
	if batch < 1 {
		return nil, fmt.Errorf("a batch holds at least 1 picture, not %d", batch)
	}
	g := graph.New()
	s := nn.NewScope(g)
	if m.c.EMA > 0 {
		s = nn.NewAveragedScope(g)
	}
	var f, l *graph.Value
	err := graph.Catch(func() {
		f = m.features(s, m.images(g, batch))
		l = m.logits(s, f)
	})
	return &model.Call{Graph: g, Outputs: []model.Output{{Name: "features", Value: f}, {Name: "logits", Value: l}}}, err
}

func (m *classifier) images(g *graph.Graph, batch int) *graph.Value {
	return g.Input(model.InputImages, batch, m.Height, m.Width, m.Channels)
}

// crossEntropy is −Σ y log softmax(logits) averaged over the batch, y smoothed
// towards the uniform distribution: Szegedy et al., "Rethinking the Inception
// Architecture" (2016), section 7.
func crossEntropy(logits, y *graph.Value, smoothing float64) *graph.Value {
	classes := float64(y.Dim(1))
	y = y.MulScalar(float32(1 - smoothing)).AddScalar(float32(smoothing / classes))
	return y.Mul(logits.LogSoftmax()).Sum().MulScalar(-1 / float32(y.Dim(0)))
}
