package contrast

import (
	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/tensor"
)

// perturbed are pictures as training sees them: zoomed and moved by up to
// Jitter of their size, over a random colour each where nothing covers it, with
// Noise on every pixel.
func (m *contrast) perturbed(x *graph.Value) *graph.Value {
	g, n, colours := x.Graph(), x.Dim(0), x.Dim(3)
	if m.c.Jitter > 0 || m.p.Channels == 4 {
		cover := g.Full(1, n, x.Dim(1), x.Dim(2), 1)
		if m.p.Channels == 4 {
			colours = 3
			cover = x.Slice(3, 3, 4)
			x = x.Slice(3, 0, 3).Mul(cover)
		}
		if m.c.Jitter > 0 {
			both := m.jittered(graph.Concat(3, x, cover))
			x, cover = both.Slice(3, 0, colours), both.Slice(3, colours, colours+1)
		}
		x = x.Add(g.Uniform("background", n, 1, 1, colours).Mul(cover.Neg().AddScalar(1)))
	}
	if m.c.Noise > 0 {
		x = x.Add(g.Normal("noise", x.Shape()...).MulScalar(float32(m.c.Noise)))
	}
	return x
}

// jittered zooms each picture of x [n h w c] by a factor of its own in
// 1 ± Jitter and moves it on each axis by up to Jitter/2 of its side, by linear
// interpolation. What comes in from outside is 0.
func (m *contrast) jittered(x *graph.Value) *graph.Value {
	g, n, h, w, c := x.Graph(), x.Dim(0), x.Dim(1), x.Dim(2), x.Dim(3)
	draw := func(name string) *graph.Value { // on (−Jitter, Jitter)
		return g.Uniform("jitter/"+name, n, 1, 1).AddScalar(-.5).MulScalar(float32(2 * m.c.Jitter))
	}
	zoom := draw("zoom").AddScalar(1)
	y := graph.MatMul(resampling(zoom, draw("rows"), h), x.Reshape(n, h, w*c), false, false)
	y = y.Reshape(n, h, w, c).Transpose(0, 2, 1, 3).Reshape(n, w, h*c)
	y = graph.MatMul(resampling(zoom, draw("columns"), w), y, false, false)
	return y.Reshape(n, w, h, c).Transpose(0, 2, 1, 3)
}

// resampling are matrices [n extent extent] whose row i interpolates between
// the old pixels around the place where i comes from: zoom [n 1 1] times as far
// from the middle, moved by half of move [n 1 1] extents.
func resampling(zoom, move *graph.Value, extent int) *graph.Value {
	old := tensor.New(1, 1, extent)
	for j := range old.Data {
		old.Data[j] = float32(j)
	}
	g := zoom.Graph()
	middle := float32(extent-1) / 2
	from := g.Constant(tensor.From(old.Data, 1, extent, 1)).AddScalar(-middle).Mul(zoom).
		Add(move.MulScalar(float32(extent) / 2)).AddScalar(middle)
	return from.Sub(g.Constant(old)).Abs().Neg().AddScalar(1).LeakyReLU(0)
}
