package cpu

import (
	"fmt"
	"math"
	"testing"

	"github.com/limner-ai/limner/engine/compile"
	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/nn"
)

// optimised is a step on one parameter of n elements, with what the bits of
// mode ask for.
func optimised(n, mode int) ([]*graph.Value, []compile.Update) {
	g := graph.New()
	s := nn.NewScope(g)
	w := s.Param("w", nn.Ones, n)
	d := w.Tanh().Mul(g.Input("x", n))
	a := nn.DefaultAdam
	a.Eps = 1e-2 // the states are noise, and v is not positive
	if mode&1 != 0 {
		a.Beta1 = 0
	}
	if mode&2 != 0 {
		a.Decay = .1
	}
	if mode&64 != 0 {
		a.Tau2 = g.Input("tau2").Sigmoid()
	}
	var clip, skip float64
	if mode&4 != 0 {
		clip = 1
	}
	switch mode >> 3 & 3 {
	case 1:
		skip = 1e9
	case 2:
		skip = 1e-9
	}
	us := a.Update(s.Sub("adam"), s.Params(), []*graph.Value{d}, g.Input("rate").Sigmoid(), nn.NewGuard([]*graph.Value{d}, clip, skip))
	if mode&32 != 0 {
		us = append(us, nn.Average(s, s.Params(), us, g.Input("decay").Sigmoid())...)
	}
	var out []compile.Update
	for _, u := range us {
		out = append(out, compile.Update{State: u.State, Value: u.Value})
	}
	return []*graph.Value{d}, out
}

// positive takes the states of an optimiser where it can have got: second
// moments and corrections are positive.
func positive(states map[string]*tensor.Tensor) {
	for name, t := range states {
		if name == "adam/v/w" || name == "adam/correction1" || name == "adam/correction2" {
			for i, x := range t.Data {
				t.Data[i] = float32(math.Abs(float64(x))) + .1
			}
		}
	}
}

// Every form of the step is found, and computes what its primitives do.
func TestAdamIsFound(t *testing.T) {
	for mode := range 128 {
		outputs, updates := optimised(1300, mode)
		p, err := compile.Compile(outputs, updates)
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		pool := NewPool(1)
		_, _, states := env(newRand(), p)
		e, err := Load(p, states, pool)
		if err != nil {
			t.Fatal(err)
		}
		pool.Close()
		for _, r := range e.runners {
			if l, ok := r.(*loop); ok {
				for _, in := range l.insts {
					if in.adam != nil {
						found++
					}
				}
			}
		}
		if found != 1 {
			t.Errorf("mode %d: %d steps of Adam are found", mode, found)
		}
	}
}

func TestAdam(t *testing.T) {
	for mode := range 128 {
		t.Run(fmt.Sprint(mode), func(t *testing.T) {
			outputs, updates := optimised(1300, mode)
			agreeFrom(t, outputs, updates, 1e-5, positive)
		})
	}
}

// A step that is refused leaves the states, whatever the gradient is.
func TestAdamRefused(t *testing.T) {
	outputs, updates := optimised(40, 8)
	p, err := compile.Compile(outputs, updates)
	if err != nil {
		t.Fatal(err)
	}
	pool := NewPool(1)
	defer pool.Close()
	_, inputs, states := env(newRand(), p)
	positive(states)
	e, err := Load(p, states, pool)
	if err != nil {
		t.Fatal(err)
	}
	old := map[string][]float32{}
	for name, s := range states {
		old[name] = append([]float32(nil), s.Data...)
	}
	for name, x := range inputs {
		copy(e.Input(name).Data, x.Data)
	}
	e.Input("x").Data[7] = float32(math.NaN())
	e.Input("x").Data[9] = float32(math.Inf(1))
	if err := e.Run(1, 1); err != nil {
		t.Fatal(err)
	}
	for name, was := range old {
		for i, x := range states[name].Data {
			if x != was[i] {
				t.Fatalf("%s: element %d is %v, was %v", name, i, x, was[i])
			}
		}
	}
}

// What looks like a step but is used in its midst stays apart.
func TestAdamNotFound(t *testing.T) {
	g := graph.New()
	n := 200
	p, m, v, d := g.State("p", n), g.State("m", n), g.State("v", n), g.Input("d", n)
	m2 := m.Add(d.Sub(m).MulScalar(.1))
	v2 := v.Square().Add(d.Square().Sub(v.Square()).MulScalar(.01))
	root := v2.Sqrt()
	step := m2.MulScalar(.5).Div(root.MulScalar(2).AddScalar(.1))
	p2 := p.Sub(step)
	updates := []compile.Update{{State: p, Value: p2}, {State: m, Value: m2}, {State: v, Value: v2}}
	for _, outputs := range [][]*graph.Value{nil, {root}, {step}, {step.Sum()}, {m2.Square()}, {p2.Tanh(), v2.Sum(), m2.Mul(d)}} {
		agree(t, outputs, updates, 1e-5)
	}
}
