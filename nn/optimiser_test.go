package nn

import (
	"math"
	"testing"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/graph/reference"
	"github.com/limner-ai/limner/engine/tensor"
)

// fit builds ½ Σ h (w − x)² in two parameters, whose gradient is h(w − x).
func fit(g *graph.Graph, s *Scope) (loss *graph.Value) {
	h := g.Constant(tensor.From([]float32{1, 20, .01}, 3))
	x := g.Input("x", 3)
	d := s.Param("w", Normal(1), 3).Sub(x)
	e := s.Param("u", Ones).Sub(x.Mean())
	return d.Square().Mul(h).Sum().Add(e.Square().Sum()).MulScalar(.5)
}

func gradients(w []float64, u float64, x [3]float64) []float64 {
	h := [3]float64{1, 20, .01}
	d := make([]float64, 4)
	for i := range h {
		d[i] = h[i] * (w[i] - x[i])
	}
	d[3] = u - (x[0]+x[1]+x[2])/3
	return d
}

func inputAt(t int) [3]float64 {
	return [3]float64{math.Sin(float64(t)), math.Cos(2 * float64(t)), float64(t % 3)}
}

// Against algorithm 1 of the paper (and algorithm 2 of AdamW), written in
// float64 with powers of β.
func TestAdam(t *testing.T) {
	for name, a := range map[string]Adam{
		"adam":      DefaultAdam,
		"no moment": {Beta1: 0, Beta2: .99, Eps: 1e-8},
		"adamw":     {Beta1: .9, Beta2: .95, Eps: 1e-3, Decay: .1},
	} {
		g := graph.New()
		s := NewScope(g)
		loss := fit(g, s)
		ps := s.Params()
		grads := graph.Grad(loss, Values(ps)...)
		ups := a.Update(s.Sub("adam"), ps, grads, g.Input("rate"), Guard{})
		wantStates := 2 + 4 + 2
		if a.Beta1 == 0 {
			wantStates = 2 + 2 + 1
		}
		if len(s.States()) != wantStates {
			t.Errorf("%s: %d states, want %d", name, len(s.States()), wantStates)
		}
		r := newRun(t, s.States())
		p := append(append([]float64(nil), r.states["w"].Data...), r.states["u"].Data...)
		m, v := make([]float64, 4), make([]float64, 4)
		for step := 1; step <= 25; step++ {
			x := inputAt(step)
			rate := .1 / float64(step)
			d := gradients(p[:3], p[3], x)
			for i := range p {
				m[i] = a.Beta1*m[i] + (1-a.Beta1)*d[i]
				v[i] = a.Beta2*v[i] + (1-a.Beta2)*d[i]*d[i]
				mh := m[i] / (1 - math.Pow(a.Beta1, float64(step)))
				vh := v[i] / (1 - math.Pow(a.Beta2, float64(step)))
				p[i] -= rate*mh/(math.Sqrt(vh)+a.Eps) + rate*a.Decay*p[i]
			}
			r.eval(map[string]reference.Array{"x": array(x[:], 3), "rate": array([]float64{rate})}, ups)
			near(t, name, append(append([]float64(nil), r.states["w"].Data...), r.states["u"].Data...), p, 2e-6)
		}
	}
}

// A step against a changing β2 divides by the weight that the average has.
func TestAdamScheduledBeta2(t *testing.T) {
	g := graph.New()
	s := NewScope(g)
	fit(g, s)
	a := Adam{Beta2: .5, Tau2: Schedule{.1, .01, 0, Line}.Value(g.Input("progress"))}
	grad := g.Input("grad", 3)
	ps := s.Params()[:1]
	ups := a.Update(s, ps, []*graph.Value{grad}, g.Full(1), Guard{})
	r := newRun(t, s.States())
	in := map[string]reference.Array{"grad": array([]float64{3, -3, 3}, 3)}
	for _, p := range []float64{0, .5, 1} {
		before := append([]float64(nil), r.states["w"].Data...)
		in["progress"] = array([]float64{p})
		r.eval(in, ups)
		for i, w := range r.states["w"].Data {
			// A constant gradient makes steps of exactly the rate.
			if math.Abs(math.Abs(w-before[i])-1) > 1e-6 {
				t.Fatalf("at %v the step was %v", p, w-before[i])
			}
		}
	}
}

func TestGuard(t *testing.T) {
	g := graph.New()
	s := NewScope(g)
	grad := g.Input("grad", 2)
	w := s.Param("w", Zeros, 2)
	guard := NewGuard([]*graph.Value{grad}, 1, 10)
	ups := Adam{Beta2: .9, Eps: 1}.Update(s, s.Params(), []*graph.Value{grad}, g.Full(1), guard)
	r := newRun(t, s.States())
	feed := func(x, y float64) float64 {
		return r.eval(map[string]reference.Array{"grad": array([]float64{x, y}, 2)}, ups, guard.Norm)[0][0]
	}
	if n := feed(3, 4); math.Abs(n-5) > 1e-9 {
		t.Errorf("norm %v, want 5", n)
	}
	near(t, "clipped", r.states["v/w"].Data, []float64{.1 * .36, .1 * .64}, 1e-6)
	kept := r.states["v/w"].Data
	for _, bad := range []float64{11, math.NaN(), math.Inf(1)} {
		feed(bad, 0)
		near(t, "after a bad gradient", r.states["v/w"].Data, kept, 0)
	}
	feed(0, 0)
	near(t, "after a zero gradient", r.states["v/w"].Data, []float64{.9 * kept[0], .9 * kept[1]}, 1e-6)
	feed(.3, .4)
	near(t, "unclipped", r.states["v/w"].Data, []float64{.81*kept[0] + .1*.09, .81*kept[1] + .1*.16}, 1e-6)
	if w == nil || NewGuard([]*graph.Value{grad}, 0, 0) != (Guard{}) {
		t.Error("a guard without limits is not the zero guard")
	}
}

func TestAverage(t *testing.T) {
	g := graph.New()
	s := NewScope(g)
	w := s.Param("w", Constant(5), 1)
	idle := s.Param("idle", Constant(2), 1)
	ups := []Update{{w, w.AddScalar(1)}}
	decay, count := Decay{Rate: .3}.Value(s)
	ups = append(ups, Average(s, s.Params(), ups, decay)...)
	ups = append(ups, count)
	r := newRun(t, s.States())
	want := 5.
	for step := 1; step <= 8; step++ {
		r.eval(nil, ups)
		d := min(.3, (1+float64(step))/(10+float64(step)))
		want = d*want + (1-d)*(5+float64(step))
		near(t, "average", r.states[AverageOf("w")].Data, []float64{want}, 1e-6)
	}
	near(t, "average of an idle one", r.states[AverageOf(idle.Attr().(graph.NameAttr).Name)].Data, []float64{2}, 0)
}

func TestHalfLife(t *testing.T) {
	g := graph.New()
	s := NewScope(g)
	decay, count := Decay{HalfLife: g.Full(640), Ramp: .5, Batch: 64}.Value(s)
	r := newRun(t, s.States())
	for step := 1; step <= 40; step++ {
		got := r.eval(nil, []Update{count}, decay)
		life := min(640, .5*64*float64(step))
		near(t, "decay", got[0], []float64{math.Pow(.5, 64/life)}, 1e-6)
	}
}

func TestSchedules(t *testing.T) {
	for _, c := range []struct {
		s    Schedule
		want [5]float64 // at 0, 1/4, 1/2, 3/4, 1
	}{
		{Schedule{3, 1, 0, Flat}, [5]float64{3, 3, 3, 3, 3}},
		{Schedule{3, 1, 0, Line}, [5]float64{3, 2.5, 2, 1.5, 1}},
		{Schedule{3, 1, 0, Cosine}, [5]float64{3, 3 - (1 - math.Sqrt2/2), 2, 1 + (1 - math.Sqrt2/2), 1}},
		{Schedule{4, 4, .5, Flat}, [5]float64{0, 2, 4, 4, 4}},
		{Schedule{4, 0, .5, Line}, [5]float64{0, 1.5, 2, 1, 0}},
	} {
		for i, want := range c.want {
			p := float64(i) / 4
			g := graph.New()
			got := newRun(t, nil).eval(map[string]reference.Array{"progress": array([]float64{p})}, nil, c.s.Value(g.Input("progress")))
			near(t, string(c.s.Curve), []float64{c.s.At(p), got[0][0]}, []float64{want, want}, 1e-6)
		}
	}
	if _, err := CurveNamed("sine"); err == nil {
		t.Error("an unknown curve was accepted")
	}
	if c, err := CurveNamed("cosine"); c != Cosine || err != nil {
		t.Error(c, err)
	}
}
