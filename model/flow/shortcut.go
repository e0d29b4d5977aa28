package flow

import (
	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/nn"
)

// far are the long steps that are to be learnt: from times t, of lengths
// stride [k], with the mean velocity target [k h w c].
type far struct{ t, stride, target *graph.Value }

// shortcut makes the target of a step of length 2d of two steps of length d:
// Frans et al. (2024), equation 4 and algorithm 1. d is 2^−doublings … ½, each
// as often as the next, and t a multiple of 2d, so that the steps fit together
// on the way from noise. The shortest d asks the flow itself (stride 0) and
// takes guidance in, as the paper does for classes, so that long steps need
// none. The targets come from the moving weights' own average in the paper; by
// the weights themselves, held fixed, here, which saves a second set of them
// in the graph.
func (m *flow) shortcut(s *nn.Scope, x, noise *graph.Value, r reading) far {
	g := s.Graph
	k := x.Dim(0)
	one := g.Full(1, k)
	// Level 0 is d = 2^−doublings.
	level := g.Uniform("level", k).MulScalar(doublings).Floor().Min(g.Full(doublings-1, k))
	d := level.AddScalar(-doublings).MulScalar(ln2).Exp()
	steps := one.Div(d.MulScalar(2)) // of length 2d on the whole way
	at := g.Uniform("place", k).Mul(steps).Floor().Min(steps.Sub(one)).AddScalar(1)
	t := at.Mul(d).MulScalar(2) // in (0, 1], a multiple of 2d

	shortest := level.Less(g.Full(.5, k))
	asked := graph.Select(shortest, g.Full(0, k), d)
	spread := func(v *graph.Value) *graph.Value { return v.Reshape(k, 1, 1, 1) }
	xt := x.Add(spread(t).Mul(noise.Sub(x)))
	first := m.guided(s, xt, t, asked, shortest, r)
	half := xt.Sub(spread(d).Mul(first))
	second := m.guided(s, half, t.Sub(d), asked, shortest, r)
	return far{t, d.MulScalar(2), first.Add(second).MulScalar(.5).StopGradient()}
}

const ln2 = 0.6931471805599453

// guided is the velocity, and where guide is 1 that of classifier-free guidance
// (Ho and Salimans, 2022, equation 6 with w = guidance − 1), projected if the
// model is sampled so.
func (m *flow) guided(s *nn.Scope, x, t, stride, guide *graph.Value, r reading) *graph.Value {
	v := m.velocity(s, x, t, stride, r)
	if m.words == nil || m.c.ShortcutGuidance == 1 {
		return v
	}
	k := x.Dim(0)
	none := m.velocity(s, x, t, stride, m.read(s, m.silence(s.Graph, k)))
	pull := v.Sub(none)
	if m.c.Sampling.Projected {
		pull = across(pull, x.Sub(t.Reshape(k, 1, 1, 1).Mul(v)))
	}
	return v.Add(guide.MulScalar(float32(m.c.ShortcutGuidance-1)).Reshape(k, 1, 1, 1).Mul(pull))
}

// across is what of a pull [k h w c] is at right angles to clean pictures: see
// model.Sampling.
func across(pull, clean *graph.Value) *graph.Value {
	along := pull.Mul(clean).ReduceSum(1, 2, 3).Div(clean.Square().ReduceSum(1, 2, 3).AddScalar(1e-12))
	return pull.Sub(along.Mul(clean))
}
