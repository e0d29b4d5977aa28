package flow

import (
	"fmt"
	"strings"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/nn"
)

// Training is one step on the loss of the flow and, with shortcuts, on that
// of long steps.
func (m *flow) Training(batch int) (*model.Training, error) {
	if batch < 1 {
		return nil, fmt.Errorf("a batch holds at least 1 picture, not %d", batch)
	}
	if k := m.long(batch); m.Strides() && (k < 1 || k >= batch) {
		return nil, fmt.Errorf("shortcut: %v of a batch of %d is %d pictures: at least 1 must learn long steps and 1 short ones", m.c.Shortcut, batch, k)
	}
	var t *model.Training
	err := graph.Catch(func() { t = m.training(batch) })
	return t, err
}

// long is how many pictures of a batch learn long steps.
func (m *flow) long(batch int) int { return int(m.c.Shortcut*float64(batch) + .5) }

func (m *flow) training(batch int) *model.Training {
	g := graph.New()
	s := nn.NewScope(g)
	codes := g.Input(model.InputCodes, batch, m.h, m.w, 2*m.z)
	mean, std := codes.Slice(3, 0, m.z), codes.Slice(3, m.z, 2*m.z)
	x := mean.Add(std.Mul(g.Normal("latents", mean.Shape()...)))
	var tokens *graph.Value
	if m.words != nil {
		tokens = m.forget(g.Input(model.InputTokens, batch, m.Tokens()))
	}
	loss, metrics := m.loss(s, x, tokens)
	ps := s.Params()
	grads := graph.Grad(loss, nn.Values(ps)...)
	guard := nn.NewGuard(grads, m.c.Clip, 0)
	updates := m.improve(s, ps, grads, guard)
	if m.c.HalfLife > 0 {
		decay, count := nn.Decay{HalfLife: g.Full(float32(m.c.HalfLife)), Ramp: ramp, Batch: batch}.Value(s.Sub("ema"))
		updates = append(updates, nn.Average(s, ps, updates, decay)...)
		updates = append(updates, count)
	}
	if guard.Norm != nil {
		metrics = append(metrics, model.Metric{Name: "norm/gradient", Value: guard.Norm})
	}
	// The autoencoder is used before and after, never in a step; its weights
	// are the model's all the same.
	states := nn.Merge(s.States(), m.partStates())
	return &model.Training{States: states, Steps: []model.Step{{Name: "train", Graph: g, Updates: updates, Metrics: metrics}}}
}

func (m *flow) improve(s *nn.Scope, ps []nn.Param, grads []*graph.Value, guard nn.Guard) []nn.Update {
	adam := nn.Adam{Beta1: m.c.Beta1, Beta2: m.c.Beta2, Eps: 1e-8, Decay: m.c.Decay}
	rate := s.Graph.Input(model.InputRate)
	if m.c.Optimiser == "muon" {
		return nn.Muon{Momentum: .95, Nesterov: true, Decay: m.c.Decay, Takes: hidden, Rest: adam}.Update(s.Sub("muon"), ps, grads, rate, guard)
	}
	return adam.Update(s.Sub("adam"), ps, grads, rate, guard)
}

// partStates are the weights of the autoencoder.
func (m *flow) partStates() []nn.State {
	g := graph.New()
	s := nn.NewScope(g)
	mean, _ := m.latent.Encode(m.part(s), g.Input(model.InputImages, 1, m.Height, m.Width, m.Channels))
	m.latent.Decode(m.part(s), mean)
	return s.States()
}

// forget leaves the prompts of some pictures empty.
func (m *flow) forget(tokens *graph.Value) *graph.Value {
	if m.c.Drop == 0 {
		return tokens
	}
	g := tokens.Graph()
	b, n := tokens.Dim(0), tokens.Dim(1)
	dropped := g.Uniform("drop", b, 1).Less(g.Full(float32(m.c.Drop), b, 1))
	return graph.Select(dropped.BroadcastTo(b, n), m.silence(g, b), tokens)
}

// silence is the empty prompt, b times.
func (m *flow) silence(g *graph.Graph, b int) *graph.Value {
	empty := tensor.New(1, m.Tokens())
	m.words.Tokenise(empty.Data, "")
	return g.Constant(empty).BroadcastTo(b, m.Tokens())
}

// loss is E‖v(x_t, t) − (ε − x)‖², Esser et al. (2024), equations 1, 12 and
// 13, with t = σ(n), n normal, of section 3.1; a share of the batch has the
// loss of shortcuts instead.
func (m *flow) loss(s *nn.Scope, x, tokens *graph.Value) (*graph.Value, []model.Metric) {
	g := s.Graph
	b := x.Dim(0)
	noise := g.Normal("noise", x.Shape()...)
	away := noise.Sub(x)
	t := shifted(g.Normal("time", b).Sigmoid(), m.c.Shift)
	stride := g.Full(0, b)
	var r reading
	if tokens != nil {
		r = m.read(s, tokens)
	}
	target := away
	k := m.long(b)
	if k > 0 {
		far := m.shortcut(s, x.Slice(0, b-k, b), noise.Slice(0, b-k, b), r.last(k))
		t = graph.Concat(0, t.Slice(0, 0, b-k), far.t)
		stride = graph.Concat(0, stride.Slice(0, 0, b-k), far.stride)
		target = graph.Concat(0, away.Slice(0, 0, b-k), far.target)
	}
	xt := x.Add(t.Reshape(b, 1, 1, 1).Mul(away))
	miss := m.velocity(s, xt, t, stride, r).Sub(target.StopGradient()).Square()
	loss := miss.Mean()
	if k == 0 {
		return loss, []model.Metric{{Name: "loss/flow", Value: loss}}
	}
	return loss, []model.Metric{
		{Name: "loss/flow", Value: miss.Slice(0, 0, b-k).Mean()},
		{Name: "loss/shortcut", Value: miss.Slice(0, b-k, b).Mean()},
	}
}

// shifted is s·t/(1+(s−1)·t).
func shifted(t *graph.Value, s float64) *graph.Value {
	if s == 1 {
		return t
	}
	return t.MulScalar(float32(s)).Div(t.MulScalar(float32(s - 1)).AddScalar(1))
}

// score is the loss of the flow for each picture, [b], at times spread evenly
// over the way from picture to noise, with the prompts that belong to them. It
// compares models of one autoencoder; it is no likelihood.
func (m *flow) score(s *nn.Scope, mean, std *graph.Value) *graph.Value {
	g := s.Graph
	b := mean.Dim(0)
	x := mean.Add(std.Mul(g.Normal("score/latents", mean.Shape()...)))
	away := g.Normal("score/noise", mean.Shape()...).Sub(x)
	places := tensor.New(b)
	for i := range places.Data {
		places.Data[i] = float32((float64(i) + .5) / float64(b))
	}
	t := g.Constant(places)
	var r reading
	if m.words != nil {
		r = m.read(s, g.Input(model.InputTokens, b, m.Tokens()))
	}
	v := m.velocity(s, x.Add(t.Reshape(b, 1, 1, 1).Mul(away)), t, g.Full(0, b), r)
	return v.Sub(away).Square().ReduceMean(1, 2, 3).Reshape(b)
}

// last is the reading of the last k prompts.
func (r reading) last(k int) reading {
	if r.states == nil {
		return r
	}
	cut := func(v *graph.Value) *graph.Value { return v.Slice(0, v.Dim(0)-k, v.Dim(0)) }
	return reading{cut(r.states), cut(r.pooled), cut(r.present)}
}

// hidden tells the matrices inside of blocks, which Muon is for.
func hidden(p nn.Param) bool {
	return strings.Contains(p.Name, "/block") || strings.Contains(p.Name, "/layer")
}
