package gan

import (
	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/nn"
)

// invert compares G(z) with pictures x: the loss of a picture is the mean of
// (G(z) − x)² over its values that are not below 0, in units of [0, 1], before
// G's pictures are cut to it; the gradient is by z. Rows do not see each other,
// so the gradient of the sum of losses holds each row's own.
func (m *gan) invert(s *nn.Scope, z *graph.Value, batch int) []model.Output {
	g := s.Graph
	x := g.Input(model.InputImages, batch, m.Height, m.Width, m.Channels)
	made := m.generate(s, z, m.labels(g, batch))
	known := x.Less(g.Full(0)).Neg().AddScalar(1).Reshape(batch, -1)
	square := made.AddScalar(1).MulScalar(.5).Sub(x).Square().Reshape(batch, -1)
	count := known.ReduceSum(1).Max(g.Full(1))
	loss := square.Mul(known).ReduceSum(1).Div(count).Squeeze(1)
	return []model.Output{
		{Name: "images", Value: shown(made)},
		{Name: "loss", Value: loss},
		{Name: "gradient", Value: graph.Grad(loss.ReduceSum(0).Squeeze(0), z)[0]},
	}
}
