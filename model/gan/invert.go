package gan

import (
	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/nn"
)

// invert compares G(z) with pictures x: the loss of a picture is the mean of
// (G(z) − x)² over its values that are not below 0, in units of [0, 1], before
// G's pictures are cut to it, colours multiplied by alpha; the gradient is by z.
// Rows do not see each other, so the gradient of the sum of losses holds each
// row's own.
func (m *gan) invert(s *nn.Scope, z *graph.Value, t told) []model.Output {
	g, batch := s.Graph, z.Dim(0)
	x := g.Input(model.InputImages, batch, m.Height, m.Width, m.Channels)
	made := m.generate(s, z, t)
	known := x.Less(g.Full(0)).Neg().AddScalar(1).Reshape(batch, -1)
	square := made.Sub(nn.Premultiplied(x)).MulScalar(.5).Square().Reshape(batch, -1)
	count := known.ReduceSum(1).Max(g.Full(1))
	loss := square.Mul(known).ReduceSum(1).Div(count).Squeeze(1)
	return []model.Output{
		{Name: "images", Value: nn.Straight(made)},
		{Name: "loss", Value: loss},
		{Name: "gradient", Value: graph.Grad(loss.ReduceSum(0).Squeeze(0), z)[0]},
	}
}
