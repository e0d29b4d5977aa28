package gan

import (
	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/nn"
)

// judged are the scores of a round's pictures and, for the penalty, the
// pictures that they were computed from.
type judged struct {
	real, fake *graph.Value // [n]
	all        *graph.Value // the scores of pictures, [n] or [2n]
	pictures   *graph.Value // [n h w c] real, or real and then generated
}

// judge scores real and generated pictures. Where both are penalised they
// go through D as one batch, so that one gradient serves R1 and R2.
func (m *gan) judge(r *round, fake *graph.Value) judged {
	n := r.x.Dim(0)
	if !m.c.R2 {
		real := m.score(r.s, r.x, r.y)
		return judged{real, m.score(r.s, fake, r.y), real, r.x}
	}
	both, y := graph.Concat(0, r.x, fake), r.y
	if y != nil {
		y = graph.Concat(0, y, y)
	}
	all := m.score(r.s, both, y)
	return judged{all.Slice(0, 0, n), all.Slice(0, n, 2*n), all, both}
}

// criticLoss is what D minimises, a mean over the batch. Of the
// non-saturating game (Goodfellow et al., 2014) it is −log σ(D(x)) − log(1 −
// σ(D(G(z)))); of the relativistic pairing game it is −log σ(D(x) − D(G(z)))
// (Huang et al., equation 2 with f(t) = −log(1 + e⁻ᵗ)), whose mirror image G
// minimises.
func (m *gan) criticLoss(real, fake *graph.Value) *graph.Value {
	if m.c.Loss == "relativistic" {
		return fake.Sub(real).Softplus().Mean()
	}
	return fake.Softplus().Add(real.Neg().Softplus()).Mean()
}

// penalty is weight·γ/2 (R1 + R2): R1 = E‖∇D(x)‖² over real pictures
// (Mescheder et al., equation 9), R2 the same over generated ones (equation
// 10). D scores each picture by itself, so the gradient of the sum of scores
// holds the gradient of each.
func (m *gan) penalty(r *round, d judged, weight float32) (*graph.Value, []model.Metric) {
	n := r.x.Dim(0)
	grad := graph.Grad(d.all.Sum(), d.pictures)[0]
	square := grad.Square().Reshape(d.pictures.Dim(0), -1).ReduceSum(1).Squeeze(1)
	sum := square.Slice(0, 0, n).Mean()
	metrics := []model.Metric{{Name: "penalty/r1", Value: sum}}
	if m.c.R2 {
		r2 := square.Slice(0, n, 2*n).Mean()
		metrics = append(metrics, model.Metric{Name: "penalty/r2", Value: r2})
		sum = sum.Add(r2)
	}
	half := r.g.Full(float32(m.c.Gamma) * weight / 2)
	if m.c.GammaFinal != m.c.Gamma {
		s := nn.Schedule{From: m.c.Gamma, To: m.c.GammaFinal, Curve: nn.Cosine}
		half = s.Value(r.g.Input(model.InputProgress)).MulScalar(weight / 2)
	}
	return sum.Mul(half), metrics
}
