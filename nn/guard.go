package nn

import "github.com/limner-ai/limner/engine/graph"

// Guard keeps a bad gradient from doing harm. The zero Guard does nothing.
type Guard struct {
	Norm   *graph.Value // scalar, ‖g‖ over all parameters
	shrink *graph.Value // scalar factor of the gradients
	accept *graph.Value // scalar, 1 where the step is taken
}

// NewGuard scales the gradients down to a global norm of at most clip
// (Pascanu et al., "On the difficulty of training recurrent neural networks",
// 2013, algorithm 1), and leaves every state as it is where the norm is above
// skip or is not a number (as in Child, "Very Deep VAEs", 2021, table 3).
// Either limit is off at 0.
func NewGuard(grads []*graph.Value, clip, skip float64) Guard {
	if clip == 0 && skip == 0 {
		return Guard{}
	}
	g := Guard{Norm: GlobalNorm(grads)}
	one := g.Norm.Graph().Full(1)
	if clip > 0 {
		// The tiny number keeps 0/0 away; a norm of 0 needs no scaling.
		g.shrink = one.MulScalar(float32(clip)).Div(g.Norm.AddScalar(1e-12)).Min(one)
	}
	if skip > 0 {
		g.accept = g.Norm.LessEqual(one.MulScalar(float32(skip)))
	}
	return g
}

// GlobalNorm is the Euclidean norm of all gradients as one vector.
func GlobalNorm(grads []*graph.Value) *graph.Value {
	var sum *graph.Value
	for _, d := range grads {
		s := d.Square().Sum()
		if sum == nil {
			sum = s
		} else {
			sum = sum.Add(s)
		}
	}
	return sum.Sqrt()
}

func (g Guard) scale(d *graph.Value) *graph.Value {
	if g.shrink == nil {
		return d
	}
	return d.Mul(g.shrink)
}

func (g Guard) keep(value, old *graph.Value) *graph.Value {
	if g.accept == nil {
		return value
	}
	return graph.Select(g.accept, value, old)
}
