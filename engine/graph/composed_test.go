package graph_test

import (
	"math"
	"testing"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/tensor"
)

func vector(x ...float32) *tensor.Tensor { return tensor.From(x, len(x)) }

var hot = vector(3, 1)

func TestComposedGradients(t *testing.T) {
	type v = *graph.Value
	one := func(f func(x v) v, dims ...int) problem {
		return problem{shapes: shapes(dims), build: func(x []v) v { return f(x[0]) }}
	}
	for name, p := range map[string]problem{
		"softmax":             one(v.Softmax, 2, 4),
		"log softmax":         one(v.LogSoftmax, 2, 4),
		"logsumexp":           one(func(x v) v { return x.LogSumExp(0, 2) }, 2, 3, 2),
		"mean":                one(func(x v) v { return x.Square().Mean() }, 2, 3),
		"mean of rows":        one(func(x v) v { return x.Square().ReduceMean(1, -1) }, 2, 3, 2),
		"squeeze":             one(func(x v) v { return x.Square().ReduceSum(1).Squeeze(1) }, 2, 3, 2),
		"cross entropy":       one(func(x v) v { return x.LogSoftmax().Mul(x.Graph().Constant(hot).OneHot(4)) }, 2, 4),
		"silu":                one(func(x v) v { return x.Mul(x.Sigmoid()) }, 2, 3),
		"norm of rows":        one(func(x v) v { return x.Square().ReduceSum(-1).Sqrt() }, 2, 3),
		"layer normalisation": {shapes: shapes(s(2, 4), s(4), s(4)), build: layerNorm},
		"attention":           {shapes: shapes(s(2, 3, 2), s(2, 3, 2), s(2, 3, 2)), order: 2, build: attention},
	} {
		t.Run(name, func(t *testing.T) { p.run(t) })
	}
}

func layerNorm(x []*graph.Value) *graph.Value {
	d := x[0].Sub(x[0].ReduceMean(-1))
	return d.Mul(d.Square().ReduceMean(-1).AddScalar(1e-3).Rsqrt()).Mul(x[1]).Add(x[2])
}

func attention(x []*graph.Value) *graph.Value {
	q, k, v := x[0], x[1], x[2]
	return graph.MatMul(q, k, false, true).Softmax().Dot(v)
}

// The values of composed functions, by hand.
func TestComposedValues(t *testing.T) {
	g := graph.New()
	x := g.Constant(vector(0, math.Ln2, 1000)).Reshape(1, 3)
	y := x.Slice(1, 0, 2)
	for name, c := range map[string]struct {
		got  *graph.Value
		want []float64
	}{
		"softmax":     {y.Softmax(), []float64{1. / 3, 2. / 3}},
		"far softmax": {x.Softmax(), []float64{0, 0, 1}},
		"log softmax": {y.LogSoftmax(), []float64{-math.Log(3), math.Log(2. / 3)}},
		"logsumexp":   {y.LogSumExp(), []float64{math.Log(3)}},
		"far":         {x.LogSumExp(1), []float64{1000}},
		"mean":        {g.Constant(vector(1, 2, 6)).Mean(), []float64{3}},
		"reduce mean": {g.Constant(vector(1, 2, 3, 5)).Reshape(2, 2).ReduceMean(0), []float64{2, 3.5}},
		"one hot":     {g.Constant(vector(2, 0)).OneHot(3), []float64{0, 0, 1, 1, 0, 0}},
		"greater":     {g.Constant(vector(1, 2, 3)).Greater(g.Full(2)), []float64{0, 0, 1}},
	} {
		got := eval(t, scalars(nil), c.got)[0].Data
		for i, w := range c.want {
			if len(got) != len(c.want) || math.Abs(got[i]-w) > 1e-6 {
				t.Errorf("%s is %v, want %v", name, got, c.want)
				break
			}
		}
	}
}

// critic is a small discriminator: strided, depthwise and dense layers.
func critic(x *graph.Value, p []*graph.Value, act func(*graph.Value) *graph.Value) *graph.Value {
	h := act(graph.Conv(x, p[0], graph.Strided(2, 1)).Add(p[1]))
	h = act(graph.Conv(h, p[2], graph.Same(3).Grouped(3)).Add(p[3]))
	h = act(graph.Conv(h, p[4], graph.Strided(2, 1)))
	return h.Reshape(x.Dim(0), -1).Dot(p[5])
}

// Penalties on the critic's gradient in its picture, whose own gradients in
// the parameters are second derivatives of every layer.
func TestGradientPenalties(t *testing.T) {
	soft := func(v *graph.Value) *graph.Value { return v.Softplus() }
	hard := func(v *graph.Value) *graph.Value { return v.LeakyReLU(.2) }
	byMax := func(v *graph.Value) *graph.Value { return v.Max(v.MulScalar(.2)) }
	// R1, Mescheder et al. 2018, equation 9; WGAN-GP, Gulrajani et al. 2017,
	// equation 3, the norm taken per picture.
	r1 := func(d *graph.Value) *graph.Value { return d.Square().Sum().MulScalar(.5) }
	gp := func(d *graph.Value) *graph.Value {
		return d.Square().ReduceSum(1, 2, 3).Sqrt().AddScalar(-1).Square().Mean()
	}
	for name, c := range map[string]struct {
		act, penalty func(*graph.Value) *graph.Value
	}{
		"r1 soft": {soft, r1}, "r1 leaky": {hard, r1}, "r1 max": {byMax, r1},
		"wgan-gp soft": {soft, gp}, "wgan-gp leaky": {hard, gp},
	} {
		t.Run(name, func(t *testing.T) {
			g := graph.New()
			x := g.Input("x", 2, 7, 6, 2)
			p := []*graph.Value{
				g.Input("conv", 4, 4, 2, 3), g.Input("bias", 3),
				g.Input("depth", 3, 3, 1, 3), g.Input("bias2", 3),
				g.Input("down", 3, 3, 3, 2), g.Input("dense", 8, 1),
			}
			all := append([]*graph.Value{x}, p...)
			score := critic(x, p, c.act)
			env := sample(all, false)
			bothSides(t, score, env)
			d := graph.Grad(score.Sum(), x)[0]
			checkGrad(t, c.penalty(d), all, env, 1)
		})
	}
}
