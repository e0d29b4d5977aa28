package autoencoder

import (
	"math"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/nn"
)

// softness is where the absolute error becomes round, in the nets' range: one
// of 256 levels.
const softness = 2. / 255

// charbonnier is the mean of √(e² + ε²) − ε, an absolute error without a
// corner: Charbonnier et al., "Two deterministic half-quadratic regularization
// algorithms for computed imaging" (1994).
func charbonnier(e *graph.Value) *graph.Value {
	return e.Square().AddScalar(softness * softness).Sqrt().Mean().AddScalar(-softness)
}

// deviations are those of pictures y against x, both as the nets see them: of the
// values themselves and, with alpha, of what they look like over colours b
// [n 1 1 3].
func deviations(x, y, b *graph.Value) *graph.Value {
	e := y.Sub(x)
	if b == nil {
		return e
	}
	return graph.Concat(3, e, overError(e, b))
}

// backgrounds are a random colour a picture, nil where there is no alpha.
func (m *autoencoder) backgrounds(g *graph.Graph, batch int) *graph.Value {
	if m.Channels != 4 {
		return nil
	}
	return g.Uniform("backgrounds", batch, 1, 1, 3)
}

// detail is the absolute error in each band of a Laplacian pyramid, all bands
// alike: Bojanowski et al., "Optimizing the Latent Space of Generative
// Networks" (2018), section 2.2. A pyramid is linear, so that of two pictures'
// difference is the difference of their pyramids. The last band is what
// remains at 1/2ᵏ of the resolution, for k halvings as in the encoder.
func (m *autoencoder) detail(e *graph.Value) *graph.Value {
	n := len(m.c.Encoder)
	var sum *graph.Value
	add := func(band *graph.Value) {
		if l := charbonnier(band); sum == nil {
			sum = l
		} else {
			sum = sum.Add(l)
		}
	}
	for range n {
		coarse := nn.BilinearDown(e)
		add(e.Sub(nn.BilinearUp(coarse)))
		e = coarse
	}
	add(e)
	return sum.MulScalar(1 / float32(n+1))
}

// score measures pictures [n h w c] in [0, 1] against what comes back through
// the mean: the peak signal-to-noise ratio in decibels and the mean absolute
// error, both of premultiplied values in [0, 1], and the nats of the latent.
func (m *autoencoder) score(s *nn.Scope, images *graph.Value) []model.Output {
	g, n := s.Graph, images.Dim(0)
	x := nn.Premultiplied(images)
	q := m.encode(s, x)
	y := m.decode(s, q.mu).Max(g.Full(-1)).Min(g.Full(1))
	e := y.Sub(x).MulScalar(.5).Reshape(n, -1)
	mean := func(v *graph.Value) *graph.Value { return v.ReduceMean(1).Squeeze(1) }
	psnr := mean(e.Square()).AddScalar(1e-10).Log().MulScalar(-10 / math.Ln10)
	return []model.Output{{Name: "psnr", Value: psnr}, {Name: "l1", Value: mean(e.Abs())}, {Name: "kl", Value: q.kl()}}
}
