package autoencoder

import (
	"fmt"
	"strings"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/nn"
)

// Training is one step: without a critic up to its start, and from then on
// with one, which learns in the same step from the same pictures.
func (m *autoencoder) Training(batch int) (*model.Training, error) {
	if batch < 1 {
		return nil, fmt.Errorf("a batch holds at least 1 picture, not %d", batch)
	}
	t := &model.Training{}
	add := func(step model.Step, s *nn.Scope) {
		t.Steps = append(t.Steps, step)
		t.States = nn.Merge(t.States, s.States())
	}
	err := graph.Catch(func() {
		k := m.c.Critic
		if k.Weight == 0 || k.Start > 0 {
			step, s := m.step(batch, false)
			if k.Weight > 0 {
				step.Until = k.Start
			}
			add(step, s)
		}
		if k.Weight > 0 {
			step, s := m.step(batch, true)
			step.From = k.Start
			add(step, s)
		}
	})
	return t, err
}

// step builds one iteration with or without a critic.
func (m *autoencoder) step(batch int, judged bool) (model.Step, *nn.Scope) {
	g := graph.New()
	s := nn.NewScope(g)
	x := nn.Premultiplied(g.Input(model.InputImages, batch, m.Height, m.Width, m.Channels))
	b := m.backgrounds(g, batch)
	q := m.encode(s, x)
	z := q.draw()
	y := m.decode(s, z)
	ps := s.Params() // before there is a critic

	e := deviations(x, y, b)
	l1 := charbonnier(e)
	loss := l1
	metrics := []model.Metric{{Name: "loss/error", Value: l1}}
	if m.c.Detail > 0 {
		d := m.detail(e)
		loss = loss.Add(d.MulScalar(float32(m.c.Detail)))
		metrics = append(metrics, model.Metric{Name: "loss/detail", Value: d})
	}
	kl := q.kl().Mean()
	// A nat weighs against the sum of a picture's errors.
	pull := kl.MulScalar(float32(m.c.KL / float64(m.Height*m.Width*m.Channels)))
	metrics = append(metrics, model.Metric{Name: "nats/kl", Value: kl})

	rate := g.Input(model.InputRate)
	step := model.Step{Name: "autoencoder", Graph: g}
	if judged {
		step.Name = "adversarial"
		v := m.compare(s, x, y, b)
		pushed, weight := m.push(loss, v, y)
		updates, more := m.improveCritic(s, v, rate)
		step.Updates = updates
		metrics = append(metrics, more...)
		metrics = append(metrics, model.Metric{Name: "critic/weight", Value: weight})
		loss = pushed
	}
	grads := graph.Grad(loss.Add(pull), nn.Values(ps)...)
	own := optimiser.Update(s.Sub("muon"), ps, grads, rate, nn.Guard{})
	decay, count := nn.Decay{Rate: m.c.EMA}.Value(s.Sub("ema"))
	own = append(own, nn.Average(s, ps, own, decay)...)
	own = append(own, m.scale(s).update(z, decay)...)
	step.Updates = append(append(step.Updates, own...), count)
	step.Metrics = metrics
	return step, s
}

// optimiser moves the filters of encoder and decoder by Muon, and by Adam the
// last one, which makes the picture, and all that is no filter. In a short run
// Muon leaves half the error that Adam does.
var optimiser = nn.Muon{
	Momentum: .95, Nesterov: true, Rest: nn.DefaultAdam,
	Takes: func(p nn.Param) bool { return len(p.Shape) == 4 && !strings.HasSuffix(p.Name, "out/picture/w") },
}

// ramp is the share of the run over which the critic gains its weight.
const ramp = .05

// push adds the critic's wish to the error's: of all pictures y together, the
// critic's gradient is scaled to Critic.Weight times the length of the
// error's. This is the adaptive weight of Esser, Rombach and Ommer, "Taming
// Transformers for High-Resolution Image Synthesis" (2021), equation 7, with
// gradients by the pictures rather than by the last layer. The result has the
// gradient of the sum, not its value.
func (m *autoencoder) push(loss *graph.Value, v verdict, y *graph.Value) (pushed, weight *graph.Value) {
	g := y.Graph()
	norm := func(d *graph.Value) *graph.Value { return nn.GlobalNorm([]*graph.Value{d}) }
	towards, against := graph.Grad(loss, y)[0], graph.Grad(v.decoderLoss(), y)[0]
	rise := g.Input(model.InputProgress).AddScalar(-float32(m.c.Critic.Start)).MulScalar(1 / ramp)
	rise = rise.Max(g.Full(0)).Min(g.Full(1)).MulScalar(float32(m.c.Critic.Weight))
	weight = norm(towards).Div(norm(against).AddScalar(1e-8)).Mul(rise)
	wish := towards.Add(against.Mul(weight)).StopGradient()
	return y.Mul(wish).Sum(), weight
}

// improveCritic is a step of Adam on the critic.
func (m *autoencoder) improveCritic(s *nn.Scope, v verdict, rate *graph.Value) ([]nn.Update, []model.Metric) {
	loss := v.criticLoss()
	metrics := []model.Metric{
		{Name: "loss/critic", Value: loss},
		{Name: "critic/margin", Value: v.real.Sub(v.fake).Mean()},
	}
	if m.c.Critic.Gamma > 0 {
		p := v.penalty()
		metrics = append(metrics, model.Metric{Name: "critic/penalty", Value: p})
		loss = loss.Add(p.MulScalar(float32(m.c.Critic.Gamma)))
	}
	ps := s.Sub("critic").Params()
	adam := nn.Adam{Beta1: 0, Beta2: .99, Eps: 1e-8}
	return adam.Update(s.Sub("adam").Sub("critic"), ps, graph.Grad(loss, nn.Values(ps)...), rate, nn.Guard{}), metrics
}
