package cpu

import (
	"math"
	"testing"

	"github.com/limner-ai/limner/engine/compile"
	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/nn"
)

// kernelsOf is how many instructions the loops of a program have.
func kernelsOf(t *testing.T, outputs ...*graph.Value) int {
	t.Helper()
	p, err := compile.Compile(outputs, nil)
	if err != nil {
		t.Fatal(err)
	}
	pool := NewPool(1)
	defer pool.Close()
	e, err := Load(p, nil, pool)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, r := range e.runners {
		n += len(r.(*loop).insts)
	}
	return n
}

func TestActivations(t *testing.T) {
	g := graph.New()
	x, d := g.Input("x", 3000), g.Input("d", 3000)
	silu, gelu := nn.SiLU(x), nn.GELU(x)
	back := graph.Grad(silu.Mul(d).Sum(), x)[0]
	slope := graph.VJP(gelu, d, x)[0]
	for name, c := range map[string]struct {
		v       *graph.Value
		kernels int
	}{"silu": {silu, 1}, "gelu": {gelu, 1}, "derivative of silu": {back, 1}, "derivative of gelu": {slope, 1}, "sigmoid apart": {x.Mul(x.Sigmoid()).Add(x.Sigmoid()), 2},
		"of something else": {x.Mul(d.Sigmoid()), 2}, "another half": {x.Mul(x.MulScalar(math.Sqrt2 / 2).Erf().AddScalar(1).MulScalar(.25)), 5}} {
		if n := kernelsOf(t, c.v); n != c.kernels {
			t.Errorf("%s takes %d kernels, want %d", name, n, c.kernels)
		}
		agree(t, []*graph.Value{c.v}, nil, 1e-5)
	}
	y := x.Add(d)
	z := nn.SiLU(y)
	agree(t, append([]*graph.Value{z, z.Sum(), nn.GELU(z)}, graph.Grad(nn.GELU(z).Mul(d).Sum(), x, d)...), nil, 1e-5)
	agree(t, []*graph.Value{silu, x.Sigmoid(), back}, nil, 1e-5) // the sigmoid is wanted itself
	// An activation and its derivative share what neither kernel needs.
	for name, c := range map[string]struct {
		kernels int
		v       []*graph.Value
	}{"gelu and derivative": {2, []*graph.Value{gelu, slope}}, "silu and derivative": {2, []*graph.Value{silu, back}},
		"the error function itself": {13, []*graph.Value{slope, x.MulScalar(math.Sqrt2 / 2).Erf()}}} {
		if n := kernelsOf(t, c.v...); n != c.kernels {
			t.Errorf("%s take %d kernels, want %d", name, n, c.kernels)
		}
		agree(t, c.v, nil, 1e-5)
	}
}
