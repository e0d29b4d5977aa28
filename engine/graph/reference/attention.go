package reference

import (
	"math"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/tensor"
)

// attended is attention at one place: in batch b, head h and of query i.
type attended struct {
	q, k, v Array
	bias    *Array
	heads   int
}

func attention(in []Array, heads int) attended {
	a := attended{q: in[0], k: in[1], v: in[2], heads: heads}
	if len(in) > 3 {
		a.bias = &in[3]
	}
	return a
}

// row is the part of x [b n h·d] at batch b, position i, head h.
func (a attended) row(x Array, b, i, h int) []float64 {
	n, c := x.Shape[1], x.Shape[2]
	d := c / a.heads
	return x.Data[(b*n+i)*c+h*d:][:d]
}

// weights are the row of P of query i, and the log-sum-exp of its scores:
// zeros and minus infinity where every key is hidden.
func (a attended) weights(b, h, i int) (p []float64, lse float64) {
	q := a.row(a.q, b, i, h)
	p = make([]float64, a.k.Shape[1])
	top := math.Inf(-1)
	for j := range p {
		for c, x := range a.row(a.k, b, j, h) {
			p[j] += q[c] * x
		}
		p[j] /= math.Sqrt(float64(len(q)))
		if a.bias != nil {
			s := a.bias.Shape
			p[j] += a.bias.Data[a.bias.at([]int{b % s[0], h % s[1], i % s[2], j})]
		}
		top = math.Max(top, p[j])
	}
	if math.IsInf(top, -1) {
		clear(p)
		return p, top
	}
	sum := 0.
	for j := range p {
		p[j] = math.Exp(p[j] - top)
		sum += p[j]
	}
	for j := range p {
		p[j] /= sum
	}
	return p, top + math.Log(sum)
}

// each visits every query of every head.
func (a attended) each(visit func(b, h, i int)) {
	each(tensor.S(a.q.Shape[0], a.heads, a.q.Shape[1]), func(at []int) { visit(at[0], at[1], at[2]) })
}

func (a attended) results() Array {
	o := New(a.q.Shape...)
	a.each(func(b, h, i int) {
		to := a.row(o, b, i, h)
		p, _ := a.weights(b, h, i)
		for j, w := range p {
			for c, x := range a.row(a.v, b, j, h) {
				to[c] += w * x
			}
		}
	})
	return o
}

func (a attended) logSumExp() Array {
	out := New(a.q.Shape[0], a.heads, a.q.Shape[1])
	a.each(func(b, h, i int) {
		_, out.Data[out.at([]int{b, h, i})] = a.weights(b, h, i)
	})
	return out
}

// gradient is that of ⟨ct, o⟩ in q, k or v, by the op.
func (a attended) gradient(op graph.Op, ct Array) Array {
	in := [3]Array{a.q, a.k, a.v}[op-graph.OpAttentionGradQ]
	out := New(in.Shape...)
	a.each(func(b, h, i int) {
		p, _ := a.weights(b, h, i)
		q, r := a.row(a.q, b, i, h), a.row(ct, b, i, h)
		// dP[j] = r·v[j], dS = P∘(dP − Σ P·dP)/√d.
		dp, mean := make([]float64, len(p)), 0.
		for j := range p {
			for c, x := range a.row(a.v, b, j, h) {
				dp[j] += r[c] * x
			}
			mean += p[j] * dp[j]
		}
		for j, w := range p {
			ds := w * (dp[j] - mean) / math.Sqrt(float64(len(q)))
			for c := range q {
				switch op {
				case graph.OpAttentionGradQ:
					a.row(out, b, i, h)[c] += ds * a.row(a.k, b, j, h)[c]
				case graph.OpAttentionGradK:
					a.row(out, b, j, h)[c] += ds * q[c]
				case graph.OpAttentionGradV:
					a.row(out, b, j, h)[c] += w * r[c]
				}
			}
		}
	})
	return out
}

// applyAttention computes the attention primitives from all of their operands.
func applyAttention(op graph.Op, in []Array, heads int) Array {
	switch op {
	case graph.OpAttention:
		return attention(in, heads).results()
	case graph.OpAttentionLSE:
		return attention(in, heads).logSumExp()
	}
	// The results among the operands follow from the others.
	own := append(append([]Array{}, in[:3]...), in[6:]...)
	return attention(own, heads).gradient(op, in[5])
}
