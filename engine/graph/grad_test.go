package graph_test

import (
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/graph/reference"
	"github.com/limner-ai/limner/engine/tensor"
)

// scalars is an environment of one number each.
func scalars(x map[string]float64) reference.Env {
	env := reference.Env{Inputs: map[string]reference.Array{}}
	for name, v := range x {
		env.Inputs[name] = reference.From([]float64{v})
	}
	return env
}

func wantNumbers(t *testing.T, env reference.Env, got []*graph.Value, want ...float64) {
	t.Helper()
	for i, a := range eval(t, env, got...) {
		if len(a.Data) != 1 || math.Abs(a.Data[0]-want[i]) > 1e-12 {
			t.Errorf("gradient %d is %v, want %v", i, a.Data, want[i])
		}
	}
}

func TestStopGradient(t *testing.T) {
	g := graph.New()
	x := g.Input("x")
	held := x.Square().StopGradient()
	y := held.Mul(x).Add(held.Sin())
	env := scalars(map[string]float64{"x": 3})
	// As if held were a number: ∂y/∂x = held.
	wantNumbers(t, env, graph.Grad(y, x), 9)
	// But what was stopped may itself be asked for.
	wantNumbers(t, env, graph.Grad(y, held, x), 3+math.Cos(9), 9)
	// Nor does the gradient's own gradient flow through it.
	wantNumbers(t, env, graph.Grad(graph.Grad(y.Mul(x), x)[0], x), 2*9)
	// A path around it counts in full.
	wantNumbers(t, env, graph.Grad(x.Square().Mul(x).Add(held), x), 27)
}

func TestGradOfUnrelated(t *testing.T) {
	g := graph.New()
	x, w := g.Input("x", 2, 3), g.State("w", 4)
	y := w.Square().Sum()
	late := y.Exp()
	stopped := x.StopGradient().Sum()
	for _, c := range []struct {
		name string
		y, x *graph.Value
	}{
		{"an input beside it", y, x}, {"a value made later", y, late},
		{"a stopped input", stopped, x}, {"noise", y, g.Normal("n", 5)},
		{"a comparison's operand", x.Less(x.Sin()).Sum(), x},
		{"a condition", graph.Select(x, g.Full(1), g.Full(2)).Sum(), x},
	} {
		d := graph.Grad(c.y, c.x)[0]
		if !d.Shape().Equal(c.x.Shape()) {
			t.Errorf("%s: shape %v", c.name, d.Shape())
		}
		for _, e := range eval(t, reference.Env{}, d)[0].Data {
			if e != 0 {
				t.Errorf("%s: gradient %v", c.name, e)
			}
		}
	}
}

func TestGradOfIntermediate(t *testing.T) {
	g := graph.New()
	x := g.Input("x")
	h := x.Square()
	k := h.Sin()
	y := k.Mul(h).Add(x)
	env := scalars(map[string]float64{"x": 1.5})
	dh := math.Cos(2.25)*2.25 + math.Sin(2.25)
	want := []float64{2.25, dh, dh*3 + 1, 1}
	wantNumbers(t, env, graph.Grad(y, k, h, x, y), want...)
	// Alone, in another order, and twice, it is the same.
	wantNumbers(t, env, graph.Grad(y, h), dh)
	wantNumbers(t, env, graph.Grad(y, x, k, x), want[2], want[0], want[2])
}

func TestSharedSubexpressions(t *testing.T) {
	problem{
		shapes: shapes(s(2, 3)),
		build: func(x []*graph.Value) *graph.Value {
			a := x[0].Mul(x[0])
			b := a.Add(a).Sub(x[0])
			return b.Mul(a).Div(b.Square().AddScalar(1)).Add(graph.Concat(1, x[0], a, x[0]).ReduceMax(1).Mul(b))
		},
	}.run(t)
	// y = x^(2^20) through a chain of squares: each must be visited once.
	g := graph.New()
	x := g.Input("x")
	y := x
	for range 20 {
		y = y.Mul(y)
	}
	wantNumbers(t, scalars(map[string]float64{"x": 1}), graph.Grad(y, x), 1<<20)
	if n := len(g.Values()); n > 200 {
		t.Errorf("the gradient of 20 products has %d values", n)
	}
}

// Where a function has a kink, the rules choose; the documentation says how.
func TestTies(t *testing.T) {
	g := graph.New()
	x, y := g.Input("x"), g.Input("y")
	env := scalars(map[string]float64{"x": 0, "y": 0})
	for name, c := range map[string]struct {
		of   *graph.Value
		want []float64
	}{
		"max":        {x.Max(y), []float64{1, 0}},
		"min":        {x.Min(y), []float64{1, 0}},
		"max itself": {x.Max(x), []float64{1, 0}},
		"abs":        {x.Abs(), []float64{0, 0}},
		"leaky relu": {x.LeakyReLU(.25), []float64{.25, 0}},
	} {
		t.Run(name, func(t *testing.T) { wantNumbers(t, env, graph.Grad(c.of, x, y), c.want...) })
	}
	v := g.Constant(tensor.From([]float32{2, 1, 2, 2, 3, 0}, 2, 3))
	got := eval(t, env, graph.VJP(v.ReduceMax(1), g.Full(6, 2, 1), v)[0])[0].Data
	if want := []float64{3, 0, 3, 0, 6, 0}; !slices.Equal(got, want) {
		t.Errorf("equal maxima get %v, want %v", got, want)
	}
}

func TestVJPIsLinearInCotangent(t *testing.T) {
	g := graph.New()
	x, ct := g.Input("x", 2, 3), g.Input("ct", 2, 3)
	y := x.Sin().Mul(x)
	env := sample([]*graph.Value{x, ct}, false)
	got := eval(t, env, graph.VJP(y, ct, x)[0], graph.Grad(y.Mul(ct).Sum(), x)[0])
	if !slices.Equal(got[0].Data, got[1].Data) {
		t.Errorf("VJP gives %v, the gradient of the product %v", got[0].Data, got[1].Data)
	}
	empty := x.Slice(1, 2, 2)
	if d := eval(t, env, graph.VJP(empty, g.Full(1, 2, 0), x)[0])[0].Data; !slices.Equal(d, make([]float64, 6)) {
		t.Errorf("an empty slice passes back %v", d)
	}
}

func TestGradWantsOneNumber(t *testing.T) {
	g := graph.New()
	x := g.Input("x", 2, 3)
	for name, build := range map[string]func(){
		"a vector":                  func() { graph.Grad(x.Exp(), x) },
		"a value from elsewhere":    func() { graph.Grad(x.Exp().Sum().Exp(), graph.New().Input("x", 2, 3)) },
		"a cotangent of other form": func() { graph.VJP(x.Exp(), g.Full(1, 3, 2), x) },
	} {
		var e *graph.ShapeError
		if err := graph.Catch(build); !errors.As(err, &e) || e.Op != graph.OpExp {
			t.Errorf("%s: %v", name, err)
		}
	}
	one := g.Input("one", 1, 1)
	if d := graph.Grad(one.Exp(), one)[0]; !d.Shape().Equal(s(1, 1)) {
		t.Errorf("the gradient of one number in two axes has shape %v", d.Shape())
	}
}

// Gradient rules leave zeros and ones behind, which are simplified away; the
// values and shapes stay those of the plain operation.
func TestSimplification(t *testing.T) {
	g := graph.New()
	x := g.Input("x", 3)
	env := sample([]*graph.Value{x}, false)
	in := env.Inputs["x"].Data
	for name, c := range map[string]struct {
		got  *graph.Value
		want func(x float64) float64
	}{
		"x+0": {x.AddScalar(0), func(x float64) float64 { return x }},
		"0+x": {g.Full(0).Add(x), func(x float64) float64 { return x }},
		"x-0": {x.Sub(g.Full(0)), func(x float64) float64 { return x }},
		"0-x": {g.Full(0).Sub(x), func(x float64) float64 { return -x }},
		"x·1": {x.MulScalar(1), func(x float64) float64 { return x }},
		"1·x": {g.Full(1).Mul(x), func(x float64) float64 { return x }},
		"x/1": {x.Div(g.Full(1)), func(x float64) float64 { return x }},
		"1/x": {g.Full(1).Div(x), func(x float64) float64 { return 1 / x }},
		"x·0": {x.MulScalar(0), func(float64) float64 { return 0 }},
		"0·x": {g.Full(0).Mul(x), func(float64) float64 { return 0 }},
		"0/x": {g.Full(0).Div(x), func(float64) float64 { return 0 }},
		"x·2": {x.MulScalar(2), func(x float64) float64 { return 2 * x }},
		"x-1": {x.Sub(g.Full(1)), func(x float64) float64 { return x - 1 }},
		"2+3": {g.Full(2, 3).Add(g.Full(3)), func(float64) float64 { return 5 }},
		"2-3": {g.Full(2, 3).Sub(g.Full(3)), func(float64) float64 { return -1 }},
		"2·3": {g.Full(2, 3).Mul(g.Full(3)), func(float64) float64 { return 6 }},
		"3/2": {g.Full(3, 3).Div(g.Full(2)), func(float64) float64 { return 1.5 }},
	} {
		for i, y := range eval(t, env, c.got)[0].Data {
			if want := c.want(in[i]); math.Abs(y-want) > 1e-15 {
				t.Errorf("%s: %v, want %v", name, y, want)
			}
		}
		if !c.got.Shape().Equal(s(3)) {
			t.Errorf("%s: shape %v", name, c.got.Shape())
		}
	}
	for _, y := range []*graph.Value{x.Add(g.Full(0, 2, 3)), g.Full(1, 2, 1).Mul(x), x.Div(g.Full(1, 2, 3))} {
		if !y.Shape().Equal(s(2, 3)) {
			t.Errorf("an identity lost the broadcast: %v", y.Shape())
		}
	}
}
