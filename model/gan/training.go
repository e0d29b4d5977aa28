package gan

import (
	"fmt"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/nn"
)

// Training is one step of D, then one of G on another batch. Under a lazy
// penalty a step of D on the penalty alone follows D's own.
func (m *gan) Training(batch int) (*model.Training, error) {
	if batch < 1 {
		return nil, fmt.Errorf("a batch holds at least 1 picture, not %d", batch)
	}
	t := &model.Training{}
	add := func(name string, build func(*round) model.Step) {
		r := m.round(batch, name)
		t.Steps = append(t.Steps, build(r))
		t.States = nn.Merge(t.States, r.s.States())
	}
	err := graph.Catch(func() {
		add("discriminator", m.discriminator)
		if m.c.Lazy > 1 {
			add("regulariser", m.regulariser)
		}
		add("generator", m.generator)
	})
	return t, err
}

// round is what each step begins with: a graph with real pictures x as the
// nets see them and what is told of them, which the generated ones share.
type round struct {
	g     *graph.Graph
	s     *nn.Scope
	x     *graph.Value
	wrong *graph.Value // [n], 1 where the prompt of another picture is wrong for this one
	told
}

// round begins the step of a name, which picks the noise.
func (m *gan) round(batch int, name string) *round {
	g := graph.New()
	x := g.Input(model.InputImages, batch, m.Height, m.Width, m.Channels)
	r := &round{g: g, s: nn.NewScope(g), x: nn.Premultiplied(x), told: told{y: m.labels(g, batch)}}
	if m.words != nil {
		m.listen(r, g.Input(model.InputTokens, batch, m.Tokens()), name)
	}
	return r
}

// fake makes as many pictures as there are real ones. The name picks the
// noise.
func (m *gan) fake(r *round, name string) *graph.Value {
	z := r.g.Normal("latents/"+name, r.x.Dim(0), m.c.Latent)
	return m.generate(r.s, z, r.told)
}

func (m *gan) discriminator(r *round) model.Step {
	d := m.judge(r, m.fake(r, "discriminator"))
	loss := m.matchingLoss(d, r.wrong)
	metrics := []model.Metric{
		{Name: "loss/discriminator", Value: loss},
		{Name: "score/real", Value: d.real.Mean()},
		{Name: "score/fake", Value: d.fake.Mean()},
	}
	if d.mismatched != nil {
		metrics = append(metrics, model.Metric{Name: "score/mismatched", Value: d.mismatched.Mean()})
	}
	if m.c.Lazy == 1 {
		penalty, more := m.penalty(r, d, 1)
		loss = loss.Add(penalty)
		metrics = append(metrics, more...)
	}
	return model.Step{Name: "discriminator", Graph: r.g, Metrics: metrics, Updates: m.improve(r, "discriminator", loss)}
}

func (m *gan) regulariser(r *round) model.Step {
	d := judged{pictures: r.x}
	if m.c.R2 {
		d = m.judge(r, m.fake(r, "regulariser"))
	} else {
		d.all = m.score(r.s, r.x, r.told)
	}
	loss, metrics := m.penalty(r, d, float32(m.c.Lazy))
	return model.Step{Name: "regulariser", Graph: r.g, Metrics: metrics, Updates: m.improve(r, "discriminator", loss), Every: m.c.Lazy}
}

func (m *gan) generator(r *round) model.Step {
	fake := m.score(r.s, m.fake(r, "generator"), r.told)
	var loss *graph.Value
	if m.c.Loss == "relativistic" {
		loss = m.criticLoss(fake, m.score(r.s, r.x, r.told))
	} else {
		loss = fake.Neg().Softplus().Mean()
	}
	updates := m.improve(r, "generator", loss)
	if m.c.HalfLife > 0 {
		decay, count := nn.Decay{HalfLife: r.g.Full(float32(m.c.HalfLife)), Ramp: ramp, Batch: r.x.Dim(0)}.Value(r.s.Sub("ema"))
		updates = append(updates, nn.Average(r.s, r.s.Sub("generator").Params(), updates, decay)...)
		updates = append(updates, count)
	}
	return model.Step{
		Name: "generator", Graph: r.g, FreshBatch: true, Updates: updates,
		Metrics: []model.Metric{{Name: "loss/generator", Value: loss}},
	}
}

// improve is a step of Adam on one of the nets against a loss.
func (m *gan) improve(r *round, net string, loss *graph.Value) []nn.Update {
	ps := r.s.Sub(net).Params()
	adam := nn.Adam{Beta1: m.c.Beta1, Beta2: m.c.Beta2, Eps: 1e-8}
	if m.c.Beta2Final != m.c.Beta2 {
		adam.Tau2 = nn.Schedule{From: 1 - m.c.Beta2, To: 1 - m.c.Beta2Final, Curve: nn.Cosine}.Value(r.g.Input(model.InputProgress))
	}
	grads := graph.Grad(loss, nn.Values(ps)...)
	return adam.Update(r.s.Sub("adam").Sub(net), ps, grads, r.g.Input(model.InputRate), nn.Guard{})
}
