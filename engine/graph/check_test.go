package graph_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/graph/reference"
	"github.com/limner-ai/limner/engine/tensor"
)

// A problem is a function of some arrays whose gradients are checked.
type problem struct {
	name     string
	shapes   []tensor.Shape
	positive bool // the function is defined for positive numbers only
	order    int  // how often it is differentiated; 0 means 3
	build    func(x []*graph.Value) *graph.Value
}

func shapes(s ...tensor.Shape) []tensor.Shape { return s }

var s = tensor.S

// run checks the gradients of <r, f(x)> in x and r up to the wanted order.
// With r among the variables the check also sees how the gradient depends on
// the cotangent, which is how second derivatives pass through a rule.
func (p problem) run(t *testing.T) *graph.Value {
	t.Helper()
	g := graph.New()
	var xs []*graph.Value
	for i, shape := range p.shapes {
		xs = append(xs, g.Input(fmt.Sprint("x", i), shape...))
	}
	y := p.build(xs)
	xs = append(xs, g.Input("r", y.Shape()...))
	env := sample(xs, p.positive)
	if p.order == 0 {
		p.order = 3
	}
	bothSides(t, y, env)
	checkGrad(t, y.Mul(xs[len(xs)-1]).Sum(), xs, env, p.order)
	return y
}

// sample draws different numbers for every element of every variable. Their
// magnitudes lie in [0.3, 1.4], so that none is near a kink at zero and none
// ties with another; half of them are negative unless positive is set.
func sample(xs []*graph.Value, positive bool) reference.Env {
	n := 0
	for _, x := range xs {
		n += x.Shape().Size()
	}
	rng := rand.New(rand.NewPCG(1, uint64(n)))
	order := rng.Perm(n)
	env := reference.Env{Inputs: map[string]reference.Array{}}
	for _, x := range xs {
		a := reference.New(x.Shape()...)
		for i := range a.Data {
			v := .3 + 1.1*(float64(order[0])+.5)/float64(n)
			if !positive && order[0]%2 == 0 {
				v = -v
			}
			a.Data[i], order = v, order[1:]
		}
		env.Inputs[x.Attr().(graph.NameAttr).Name] = a
	}
	return env
}

// step balances the h² of the central difference against rounding over h.
const step = 2e-5

// checkGrad compares Grad(y, xs) with central differences, element by
// element, then does the same with a scalar made of that gradient, g: the sum
// of <g, u> for a random u and ½‖g‖².
func checkGrad(t *testing.T, y *graph.Value, xs []*graph.Value, env reference.Env, order int) {
	t.Helper()
	grads := graph.Grad(y, xs...)
	got := eval(t, env, grads...)
	for i, x := range xs {
		if !grads[i].Shape().Equal(x.Shape()) {
			t.Fatalf("the gradient in %v has shape %v", x, grads[i].Shape())
		}
		at := env.Inputs[x.Attr().(graph.NameAttr).Name].Data
		for j, v := range at {
			at[j] = v + step
			hi := eval(t, env, y)[0].Data[0]
			at[j] = v - step
			lo := eval(t, env, y)[0].Data[0]
			at[j] = v
			want := (hi - lo) / (2 * step)
			if have := got[i].Data[j]; !(math.Abs(have-want) <= 1e-7+1e-6*math.Abs(want)) {
				t.Fatalf("with %d orders left, ∂/∂%v[%d] is %v, differences give %v", order, x, j, have, want)
			}
		}
	}
	if order <= 1 {
		return
	}
	g := y.Graph()
	rng := rand.New(rand.NewPCG(2, uint64(order)))
	next := g.Full(0)
	for _, d := range grads {
		u := tensor.New(d.Shape()...)
		for i := range u.Data {
			u.Data[i] = rng.Float32()*2 - 1
		}
		next = next.Add(d.Mul(g.Constant(u).Add(d.MulScalar(.5))).Sum())
	}
	checkGrad(t, next, xs, env, order-1)
}

func eval(t *testing.T, env reference.Env, vs ...*graph.Value) []reference.Array {
	t.Helper()
	out, err := reference.Eval(vs, env)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// bothSides fails unless the sample reaches both sides of every branch that y
// is made of: a wrong gradient on one side would go unseen.
func bothSides(t *testing.T, y *graph.Value, env reference.Env) {
	t.Helper()
	switches := func(v *graph.Value) *graph.Value {
		in := v.Inputs()
		switch v.Op() {
		case graph.OpAbs, graph.OpSign, graph.OpLeakyReLU, graph.OpFloor:
			return in[0].Less(in[0].Graph().Full(0, in[0].Shape()...))
		case graph.OpMax, graph.OpMin:
			return in[0].Less(in[1])
		case graph.OpSelect:
			return in[0]
		case graph.OpLess, graph.OpLessEqual, graph.OpEqual:
			return v
		}
		return nil
	}
	var walk func(v *graph.Value)
	walk = func(v *graph.Value) {
		if s := switches(v); s != nil {
			yes, no := 0, 0
			for _, x := range eval(t, env, s)[0].Data {
				if x != 0 {
					yes++
				} else {
					no++
				}
			}
			if yes == 0 || no == 0 {
				t.Fatalf("%v is sampled on one side alone", v)
			}
		}
		for _, in := range v.Inputs() {
			walk(in)
		}
	}
	walk(y)
}
