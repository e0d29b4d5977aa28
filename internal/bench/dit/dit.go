// Package dit is a small diffusion transformer (Peebles and Xie, "Scalable
// Diffusion Models with Transformers", 2023) trained by rectified flow (Liu et
// al., "Flow Straight and Fast", 2023; Esser et al., "Scaling Rectified Flow
// Transformers", 2024). It is what the engine is timed on, and what holds the
// layers of package nn to PyTorch's; it makes no pictures.
package dit

import (
	"fmt"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/nn"
)

// Config says how large the net is.
type Config struct {
	Channels int `json:"channels"`
	Layers   int `json:"layers"`
	Heads    int `json:"heads"`
	Ratio    int `json:"ratio"` // hidden channels of the feed-forward nets over Channels
}

// Family makes the nets. Its pictures stand for latents: each place is a token.
type Family struct{}

// Name is "dit".
func (Family) Name() string { return "dit" }

// New reads and checks a configuration.
func (Family) New(p model.Pictures, decode func(any) error) (model.Model, error) {
	c := Config{Channels: 256, Layers: 8, Heads: 4, Ratio: 4}
	if err := decode(&c); err != nil {
		return nil, err
	}
	if min(c.Channels, c.Layers, c.Heads, c.Ratio) < 1 || c.Channels%(4*c.Heads) != 0 {
		return nil, fmt.Errorf("a transformer of %d channels, %d layers, %d heads and ratio %d: want at least 1 each, and heads of a multiple of 4 channels", c.Channels, c.Layers, c.Heads, c.Ratio)
	}
	return &net{p, c}, nil
}

type net struct {
	model.Pictures
	c Config
}

func (m *net) Config() any { return m.c }

// Uses are none: it is trained and no more.
func (m *net) Uses() []model.Use { return nil }

// Build fails: see Uses.
func (m *net) Build(use model.Use, _ int) (*model.Call, error) {
	return nil, fmt.Errorf("the benchmark's transformer cannot %s", use)
}

// Training is one step: Adam on the rectified flow's loss.
func (m *net) Training(batch int) (*model.Training, error) {
	if batch < 1 {
		return nil, fmt.Errorf("a batch holds at least 1 picture, not %d", batch)
	}
	var t *model.Training
	err := graph.Catch(func() { t = m.training(batch) })
	return t, err
}

func (m *net) training(batch int) *model.Training {
	g := graph.New()
	s := nn.NewScope(g)
	images := g.Input(model.InputImages, batch, m.Height, m.Width, m.Channels)
	loss := m.loss(s, images.MulScalar(2).AddScalar(-1).Reshape(batch, -1, m.Channels))
	ps := s.Params()
	updates := nn.DefaultAdam.Update(s.Sub("adam"), ps, graph.Grad(loss, nn.Values(ps)...), g.Input(model.InputRate), nn.Guard{})
	return &model.Training{
		States: s.States(),
		Steps:  []model.Step{{Name: "train", Graph: g, Updates: updates, Metrics: []model.Metric{{Name: "loss", Value: loss}}}},
	}
}

// loss is E‖v(x_t, t) − (ε − x)‖² with x_t = (1−t)·x + t·ε: Esser et al.
// (2024), equations 1, 12 and 13, with t = σ(n), n normal, of section 3.1.
func (m *net) loss(s *nn.Scope, x *graph.Value) *graph.Value {
	g := s.Graph
	noise := g.Normal("noise", x.Shape()...)
	t := g.Normal("time", x.Dim(0)).Sigmoid()
	v := noise.Sub(x)
	xt := x.Add(t.Reshape(-1, 1, 1).Mul(v))
	return m.velocity(s, xt, t).Sub(v).Square().Mean()
}

// velocity is the net: tokens x [b n c] at times t [b] to [b n c].
func (m *net) velocity(s *nn.Scope, x, t *graph.Value) *graph.Value {
	d := m.c.Channels
	gelu, _ := nn.ActivationNamed("gelu")
	see := nn.Attention{Heads: m.c.Heads, Norm: true, Rotary: nn.NewAxialRotary(m.Height, m.Width, d/m.c.Heads, 100)}
	cond := nn.TimeEmbedding(s.Sub("time"), t, d, d)
	shared := nn.AdaLNSingle(s.Sub("modulation"), cond, 2, d)
	in, out := s.Sub("in"), s.Sub("out")
	h := nn.Bias(in, nn.Project(in, x, d, nn.Glorot))
	for i := range m.c.Layers {
		b := s.Sub(fmt.Sprint("block", i))
		branch := nn.AdaLNBlock(b, shared, 2)
		h = branch[0].Residual(h, nn.PixelNorm, func(y *graph.Value) *graph.Value {
			return nn.SelfAttention(b.Sub("attention"), y, see)
		})
		h = branch[1].Residual(h, nn.PixelNorm, func(y *graph.Value) *graph.Value {
			return nn.FeedForward(b.Sub("mlp"), y, m.c.Ratio*d, gelu)
		})
	}
	h = nn.FinalModulation(s.Sub("final"), cond, d).Modulate(nn.PixelNorm(h))
	return nn.Bias(out, nn.Project(out, h, m.Channels, nn.Zeros))
}
