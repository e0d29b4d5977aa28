package nn

import (
	"math"

	"github.com/limner-ai/limner/engine/graph"
)

// Muon moves hidden matrices by their momentum made orthogonal: Jordan et al.,
// "Muon: An optimizer for hidden layers in neural networks" (2024). A filter
// [kh kw c out] counts as the matrix [kh·kw·c out]. The step of a matrix [m n] has the length of one of Adam, rate·0.2·√max(m, n), so
// that both go at the same rate: Liu et al., "Muon is Scalable for LLM
// Training" (2025), equation 4.
type Muon struct {
	Momentum float64
	Nesterov bool
	Decay    float64 // decoupled
	// Takes chooses among matrices and filters: those between hidden layers, not those of
	// inputs, outputs and embeddings. Rest moves all other parameters.
	Takes func(Param) bool
	Rest  Adam
}

// Coefficients of the quintic iteration of the paper and how often it is done:
// singular values from about 0.001 on come to lie around 1.
const (
	quinticA, quinticB, quinticC = 3.4445, -4.7750, 2.0315
	quinticSteps                 = 5
)

// Update builds one step against the gradients, with the scalar learning
// rate. Its states lie in s: a momentum for each matrix, and those of Rest.
func (o Muon) Update(s *Scope, ps []Param, grads []*graph.Value, rate *graph.Value, guard Guard) []Update {
	g := s.Graph
	var out []Update
	var others []Param
	var theirs []*graph.Value
	tau := g.Full(float32(1 - o.Momentum))
	for i, p := range ps {
		if p.Value.Rank() < 2 || !o.Takes(p) {
			others, theirs = append(others, p), append(theirs, grads[i])
			continue
		}
		d := guard.scale(grads[i])
		old := s.State("momentum/"+p.Name, Zeros, p.Shape...)
		m := old.Add(tau.Mul(d.Sub(old)))
		out = append(out, Update{old, guard.keep(m, old)})
		if o.Nesterov {
			m = d.Add(m.Sub(d).MulScalar(float32(o.Momentum)))
		}
		cols := p.Shape[len(p.Shape)-1]
		pace := .2 * math.Sqrt(float64(max(p.Shape.Size()/cols, cols)))
		turn := Orthogonalise(m.Reshape(-1, cols)).Reshape(p.Shape...)
		next := p.Value.Sub(rate.MulScalar(float32(pace)).Mul(turn))
		if o.Decay != 0 {
			next = next.Sub(rate.MulScalar(float32(o.Decay)).Mul(p.Value))
		}
		out = append(out, Update{p.Value, guard.keep(next, p.Value)})
	}
	return append(out, o.Rest.Update(s, others, theirs, rate, guard)...)
}

// Orthogonalise brings the singular values of m [a b] close to 1 and leaves
// its singular vectors: X ← aX + (bXXᵀ + c(XXᵀ)²)X, Jordan et al. (2024).
func Orthogonalise(m *graph.Value) *graph.Value {
	tall := m.Dim(0) > m.Dim(1)
	x := m.Div(m.Square().Sum().Sqrt().AddScalar(1e-7))
	for range quinticSteps {
		// The smaller of the two products: XᵀX on the right where x is tall.
		p := graph.MatMul(x, x, tall, !tall)
		q := p.MulScalar(quinticB).Add(p.Dot(p).MulScalar(quinticC))
		if tall {
			x = x.MulScalar(quinticA).Add(x.Dot(q))
		} else {
			x = x.MulScalar(quinticA).Add(q.Dot(x))
		}
	}
	return x
}
