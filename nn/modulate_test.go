package nn

import (
	"math"
	"testing"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/graph/reference"
)

func TestModulation(t *testing.T) {
	g := graph.New()
	x := g.Input("x", 2, 3, 2)
	part := func(name string) *graph.Value { return g.Input(name, 2, 1, 2) }
	m := Modulation{part("shift"), part("scale"), part("gate")}
	half := func(x *graph.Value) *graph.Value { return x.MulScalar(.5) }
	xs, sh, sc, ga := waves(12, 1), waves(4, 2), waves(4, 3), waves(4, 4)
	got := newRun(t, nil).eval(map[string]reference.Array{"x": array(xs, 2, 3, 2), "shift": array(sh, 2, 1, 2),
		"scale": array(sc, 2, 1, 2), "gate": array(ga, 2, 1, 2)}, nil, m.Modulate(x), m.Residual(x, half, (*graph.Value).Square))
	var mod, res []float64
	for i, v := range xs {
		c := i/6*2 + i%2
		mod = append(mod, v*(1+sc[c])+sh[c])
		y := .5*v*(1+sc[c]) + sh[c]
		res = append(res, v+ga[c]*y*y)
	}
	near(t, "modulate", got[0], mod, 1e-6)
	near(t, "residual", got[1], res, 1e-6)
}

// A net of adaptive norms begins as the identity, and each way of making
// modulations parts its numbers in the same order.
func TestAdaLN(t *testing.T) {
	g := graph.New()
	s := NewScope(g)
	cond, x := g.Input("cond", 2, 3), g.Input("x", 2, 4, 5)
	zero := AdaLNZero(s.Sub("zero"), cond, 2, 5)
	shared := AdaLNSingle(s.Sub("single"), cond, 2, 5)
	block := AdaLNBlock(s.Sub("block"), shared, 2)
	final := FinalModulation(s.Sub("final"), cond, 5)
	r := newRun(t, s.States())
	in := map[string]reference.Array{"cond": array(waves(6, 1), 2, 3), "x": array(waves(40, 2), 2, 4, 5)}
	sin := func(x *graph.Value) *graph.Value { return x.Sin() }
	for _, y := range []*graph.Value{zero[0].Residual(x, PixelNorm, sin), block[1].Residual(x, PixelNorm, sin), final.Modulate(x)} {
		near(t, "at the start", r.eval(in, nil, y)[0], in["x"].Data, 0)
	}
	for name, a := range r.states {
		copy(a.Data, waves(len(a.Data), float64(len(name))))
	}
	silu := make([]float64, 6)
	for i, v := range in["cond"].Data {
		silu[i] = v / (1 + math.Exp(-v))
	}
	dense := func(name string) []float64 {
		y, b := times(silu, r.states[name+"/w"]), r.states[name+"/b"].Data
		for i := range y {
			y[i] += b[i%len(b)]
		}
		return y
	}
	pick := func(all []float64, width, at int) []float64 {
		return append(all[at:at+5:at+5], all[width+at:width+at+5]...)
	}
	wantZero, wantSingle, wantFinal := dense("zero"), dense("single"), dense("final")
	for i := range wantSingle {
		wantSingle[i] += r.states["block/table"].Data[i%30]
	}
	for i, m := range zero {
		for j, v := range []*graph.Value{m.Shift, m.Scale, m.Gate} {
			near(t, "zero", r.eval(in, nil, v)[0], pick(wantZero, 30, (3*i+j)*5), 1e-6)
		}
		b := block[i]
		for j, v := range []*graph.Value{b.Shift, b.Scale, b.Gate} {
			near(t, "single", r.eval(in, nil, v)[0], pick(wantSingle, 30, (3*i+j)*5), 1e-6)
		}
	}
	near(t, "final shift", r.eval(in, nil, final.Shift)[0], pick(wantFinal, 10, 0), 1e-6)
	near(t, "final scale", r.eval(in, nil, final.Scale)[0], pick(wantFinal, 10, 5), 1e-6)
}

func TestStandardise(t *testing.T) {
	g := graph.New()
	x := g.Input("x", 2, 4)
	got := newRun(t, nil).eval(map[string]reference.Array{"x": array([]float64{1, 3, 1, 3, 10, 10, 10, 14}, 2, 4)}, nil, Standardise(x))
	a := 1 / math.Sqrt(1+normEps)
	b := 1 / math.Sqrt(3+normEps)
	near(t, "standardise", got[0], []float64{-a, a, -a, a, -b, -b, -b, 3 * b}, 1e-9)
}
