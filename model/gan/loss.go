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
	mismatched *graph.Value // [n] of real pictures with prompts of others; nil: not asked for
	all        *graph.Value // the scores of pictures, [n] or [2n]
	pictures   *graph.Value // [n h w c] real, or real and then generated
}

// judge scores real and generated pictures. Where both are penalised they
// go through D as one batch, so that one gradient serves R1 and R2.
func (m *gan) judge(r *round, fake *graph.Value) judged {
	n := r.x.Dim(0)
	pictures, t := r.x, r.told
	if m.c.R2 {
		pictures, t = graph.Concat(0, r.x, fake), r.told.twice()
	}
	phi := m.nets.features(r.s.Sub("discriminator"), pictures)
	d := judged{all: m.judgement(r.s, phi, t), pictures: pictures}
	if m.c.R2 {
		d.real, d.fake = d.all.Slice(0, 0, n), d.all.Slice(0, n, 2*n)
	} else {
		d.real, d.fake = d.all, m.score(r.s, fake, r.told)
	}
	if r.told.prompt != nil && m.c.Mismatch > 0 {
		d.mismatched = m.judgement(r.s, phi.Slice(0, 0, n), r.told.mismatched())
	}
	return d
}

// twice tells the same of pictures and of as many again.
func (t told) twice() told {
	if t.y != nil {
		t.y = graph.Concat(0, t.y, t.y)
	}
	if t.prompt != nil {
		t.prompt = graph.Concat(0, t.prompt, t.prompt)
	}
	return t
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

// matchingLoss is criticLoss where real pictures with prompts of others stand
// beside generated ones and share their weight, where these prompts are wrong
// (1, else 0; [n]): Reed et al., "Generative Adversarial Text to Image
// Synthesis" (2016), algorithm 1.
func (m *gan) matchingLoss(d judged, wrong *graph.Value) *graph.Value {
	if d.mismatched == nil {
		return m.criticLoss(d.real, d.fake)
	}
	fake, mismatched := d.fake, d.mismatched
	if m.c.Loss == "relativistic" {
		fake, mismatched = fake.Sub(d.real), mismatched.Sub(d.real)
	}
	share := float32(m.c.Mismatch)
	loss := fake.Softplus().MulScalar(1 - share).Add(mismatched.Softplus().Mul(wrong).MulScalar(share))
	if m.c.Loss != "relativistic" {
		loss = loss.Add(d.real.Neg().Softplus())
	}
	return loss.Mean()
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
