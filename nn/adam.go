package nn

import "github.com/limner-ai/limner/engine/graph"

// Adam is Kingma and Ba's optimiser (2015, algorithm 1). With Decay it is
// AdamW: Loshchilov and Hutter, "Decoupled Weight Decay Regularization"
// (2019), algorithm 2.
//
// The bias corrections 1 − β^t are kept as states of their own, c ← c +
// (1−β)(1−c), rather than as powers: the difference of one and a power just
// below it would lose half its digits in float32, and a β that changes in
// the run is corrected by the weight that the average really has.
type Adam struct {
	Beta1, Beta2 float64
	Eps          float64
	Decay        float64
	// Tau2, if set, is the scalar 1 − β2 and takes the place of Beta2.
	Tau2 *graph.Value
}

// DefaultAdam has the constants of the paper.
var DefaultAdam = Adam{Beta1: .9, Beta2: .999, Eps: 1e-8}

// Update builds one step against the gradients, with the scalar learning
// rate. Its states lie in s: two moments a parameter (one if β1 is 0) and
// the scalar bias corrections. Everything is elementwise with scalars, a
// single pass over each parameter.
func (a Adam) Update(s *Scope, ps []Param, grads []*graph.Value, rate *graph.Value, guard Guard) []Update {
	g := s.Graph
	tau1 := g.Full(float32(1 - a.Beta1))
	tau2 := a.Tau2
	if tau2 == nil {
		tau2 = g.Full(float32(1 - a.Beta2))
	}
	var out []Update
	leave := func(state, value *graph.Value) {
		out = append(out, Update{state, guard.keep(value, state)})
	}
	mix := func(old, sample, tau *graph.Value) *graph.Value { return old.Add(tau.Mul(sample.Sub(old))) }
	correction := func(name string, tau *graph.Value) *graph.Value {
		old := s.State(name, Zeros)
		c := mix(old, g.Full(1), tau)
		leave(old, c)
		return c
	}
	pace := rate
	if a.Beta1 != 0 {
		pace = rate.Div(correction("correction1", tau1))
	}
	unit2 := correction("correction2", tau2).Rsqrt()
	for i, p := range ps {
		d := guard.scale(grads[i])
		m := d
		if a.Beta1 != 0 {
			old := s.State("m/"+p.Name, Zeros, p.Shape...)
			m = mix(old, d, tau1)
			leave(old, m)
		}
		old := s.State("v/"+p.Name, Zeros, p.Shape...)
		v := mix(old, d.Square(), tau2)
		leave(old, v)
		step := pace.Mul(m).Div(v.Sqrt().Mul(unit2).AddScalar(float32(a.Eps)))
		next := p.Value.Sub(step)
		if a.Decay != 0 {
			next = next.Sub(rate.MulScalar(float32(a.Decay)).Mul(p.Value))
		}
		leave(p.Value, next)
	}
	return out
}
