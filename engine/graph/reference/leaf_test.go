package reference

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/tensor"
)

func near(got, want []float64) error {
	if len(got) != len(want) {
		return fmt.Errorf("%d values, want %d", len(got), len(want))
	}
	for i, w := range want {
		if g := got[i]; g != w && !(math.Abs(g-w) <= 1e-14*math.Abs(w)) && !(math.IsNaN(g) && math.IsNaN(w)) {
			return fmt.Errorf("element %d is %v, want %v (all: %v)", i, g, w, got)
		}
	}
	return nil
}

func TestLeaves(t *testing.T) {
	g := graph.New()
	x, s := g.Input("a", 2), g.State("a", 1)
	u, n := g.Uniform("u", 3, 3), g.Normal("n", 5)
	env := Env{
		Inputs: map[string]Array{"a": From([]float64{1, 2}, 2)},
		States: map[string]Array{"a": From([]float64{3}, 1)},
		Seed:   9, Step: 4,
	}
	got, err := Eval([]*graph.Value{x, s, u, n}, env)
	if err != nil {
		t.Fatal(err)
	}
	p := tensor.Philox{Seed: 9, Stream: tensor.StreamOf("u"), Step: 4}
	wantU, wantN := tensor.New(9), tensor.New(5)
	p.Uniform(wantU.Data, 0)
	p.Stream = tensor.StreamOf("n")
	p.Normal(wantN.Data, 0)
	for i, want := range [][]float64{{1, 2}, {3}, FromTensor(wantU).Data, FromTensor(wantN).Data} {
		if err := near(got[i].Data, want); err != nil {
			t.Errorf("output %d: %v", i, err)
		}
	}
	env.Step = 5
	again, _ := Eval([]*graph.Value{u}, env)
	if slices.Equal(again[0].Data, got[2].Data) {
		t.Error("another step drew the same numbers")
	}
}

func TestMissingAndMisshapen(t *testing.T) {
	g := graph.New()
	y := g.Input("x", 2).Add(g.State("w", 2))
	x, w := From([]float64{1, 2}, 2), From([]float64{1, 2}, 2)
	for name, c := range map[string]struct {
		env  Env
		want string
	}{
		"no input":    {Env{States: map[string]Array{"w": w}}, "input(x)[2]"},
		"no state":    {Env{Inputs: map[string]Array{"x": x, "w": w}}, "state(w)[2]"},
		"wrong shape": {Env{Inputs: map[string]Array{"x": From([]float64{1}, 1)}}, "given shape [1]"},
	} {
		if _, err := Eval([]*graph.Value{y}, c.env); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// A value shared by exponentially many paths is computed once.
func TestMemoised(t *testing.T) {
	g := graph.New()
	v := g.Input("x")
	for range 100 {
		v = v.Add(v)
	}
	got, err := Eval([]*graph.Value{v}, Env{Inputs: map[string]Array{"x": From([]float64{1})}})
	if err != nil || got[0].Data[0] != math.Exp2(100) {
		t.Fatalf("%v, %v", got, err)
	}
}

func TestCompare(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, c := range []struct {
		got        []float32
		want       []float64
		rtol, atol float64
		ok         bool
	}{
		{[]float32{1, 2}, []float64{1, 2}, 0, 0, true},
		{[]float32{1, 2}, []float64{1}, 1, 1, false},
		{[]float32{1.01}, []float64{1}, .02, 0, true},
		{[]float32{1.01}, []float64{1}, .005, 0, false},
		{[]float32{.01}, []float64{0}, 1, 0, false},
		{[]float32{.01}, []float64{0}, 0, .02, true},
		{[]float32{float32(nan)}, []float64{1}, 1, 1, false},
		{[]float32{1}, []float64{nan}, 1, 1, false},
		{[]float32{float32(nan)}, []float64{nan}, 0, 0, true},
		{[]float32{float32(inf)}, []float64{inf}, 0, 0, true},
		{[]float32{float32(inf)}, []float64{-inf}, 1, 1, false},
		{[]float32{1}, []float64{inf}, 1, 1, false},
		{[]float32{float32(inf)}, []float64{1}, 1, 1, false},
	} {
		if err := Compare(c.got, c.want, c.rtol, c.atol); (err == nil) != c.ok {
			t.Errorf("Compare(%v, %v, %v, %v) = %v", c.got, c.want, c.rtol, c.atol, err)
		}
	}
	err := Compare([]float32{1, 5, 3}, []float64{1, 2, 3.1}, 0, .01)
	if err == nil || !strings.Contains(err.Error(), "2 of 3") || !strings.Contains(err.Error(), "at 1: 5, want 2") {
		t.Errorf("the message does not show the worst: %v", err)
	}
}
