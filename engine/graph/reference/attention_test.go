package reference

import (
	"maps"
	"math"

	"github.com/limner-ai/limner/engine/graph"
)

// sure is attention whose probabilities are 1/4 and 3/4: the scores of the one
// query differ by log 3. The values are 1 and 5.
func sure(g gr) (q, k, v va) {
	return lit(g, []int{1, 1, 1}, 1), vec(g, 1, 3).Log().Reshape(1, 2, 1), lit(g, []int{1, 2, 1}, 1, 5)
}

func init() {
	ninf := float32(math.Inf(-1))
	ln3 := math.Log(3)
	// One query of two heads with one channel each; the second sees uniformly.
	two := func(g gr, bias va) va {
		q, k, v := sure(g)
		join := func(x va, y ...float32) va { return graph.Concat(2, x, lit(g, []int{1, len(y), 1}, y...)) }
		return graph.Attention(join(q, 1), join(k, 2, 2), join(v, 10, 30), bias, 2)
	}
	grad := func(g gr, wrt int) va {
		q, k, v := sure(g)
		in := []va{q, k, v}
		return graph.VJP(graph.Attention(q, k, v, nil, 1), lit(g, []int{1, 1, 1}, 2), in[wrt])[0]
	}
	maps.Copy(samples, map[graph.Op][]sample{
		graph.OpAttention: {
			{"weights", func(g gr) va { q, k, v := sure(g); return graph.Attention(q, k, v, nil, 1) }, []float64{4}},
			{"heads", func(g gr) va { return two(g, nil) }, []float64{4, 20}},
			{"hides", func(g gr) va { return two(g, lit(g, []int{1, 2, 1, 2}, ninf, 0, 0, ninf)) }, []float64{5, 10}},
			{"hides all", func(g gr) va { return two(g, lit(g, []int{1, 2, 1, 2}, ninf, ninf, 0, 0)) }, []float64{0, 20}},
			{"scales", func(g gr) va {
				// Four channels halve the product.
				k := vec(g, 1, 1, 1, 1, 9, 1, 1, 1).Log().Reshape(1, 2, 4)
				return graph.Attention(count(g, 1, 1, 4), k, count(g, 1, 2, 4), nil, 1)
			}, []float64{4, 5, 6, 7}},
			{"batches", func(g gr) va {
				// The second picture's two queries see its own one value.
				return graph.Attention(count(g, 2, 2, 1), count(g, 2, 1, 1), lit(g, []int{2, 1, 1}, 7, 8), nil, 1)
			}, []float64{7, 7, 8, 8}},
		},
		graph.OpAttentionLSE: {
			{"", func(g gr) va {
				q, k, v := sure(g)
				o := graph.Attention(q, k, v, lit(g, []int{1, 1, 1, 2}, -1, -1), 1)
				return logSumExpOf(o)
			}, []float64{math.Log(4) - 1}},
			{"hides all", func(g gr) va {
				q, k, v := sure(g)
				return logSumExpOf(graph.Attention(q, k, v, lit(g, []int{1, 1, 1, 2}, ninf, ninf), 1))
			}, []float64{math.Inf(-1)}},
		},
		graph.OpAttentionGradQ: {{"", func(g gr) va { return grad(g, 0) }, []float64{1.5 * ln3}}},
		graph.OpAttentionGradK: {{"", func(g gr) va { return grad(g, 1) }, []float64{-1.5, 1.5}}},
		graph.OpAttentionGradV: {{"", func(g gr) va { return grad(g, 2) }, []float64{.5, 1.5}}},
	})
}

// logSumExpOf finds the log-sum-exp among the operands of a gradient.
func logSumExpOf(o va) va {
	return graph.VJP(o, o, o.Inputs()[0])[0].Inputs()[4]
}
