package reference

import (
	"maps"

	"github.com/limner-ai/limner/engine/graph"
)

func init() {
	// Two tokens, the second turned by a right angle. (7, 1) has the root mean
	// square 5, (3, 3) has 3; the scale is (10, 5).
	turned := func(g gr) (v va, in []va) {
		in = []va{lit(g, []int{1, 2, 2}, 7, 1, 3, 3), vec(g, 10, 5), lit(g, []int{2, 1}, 1, 0), lit(g, []int{2, 1}, 0, 1)}
		return graph.Rotary(in[0], in[1], in[2], in[3], graph.RotaryAttr{Heads: 1, Groups: 1}), in
	}
	grad := func(g gr, wrt int) va {
		v, in := turned(g)
		return graph.VJP(v, lit(g, []int{1, 2, 2}, 1, 0, 0, 2), in[wrt])[0]
	}
	maps.Copy(samples, map[graph.Op][]sample{
		graph.OpRotary: {
			{"turns", func(g gr) va { v, _ := turned(g); return v }, []float64{14, 1, -5, 10}},
			{"groups", func(g gr) va {
				// Channel 1 is paired with 2, and 3 with 4; the norm is that of all. Two heads.
				x := lit(g, []int{1, 1, 8}, 2, 2, 2, 2, 1, 1, 1, 1)
				return graph.Rotary(x, vec(g, 1, 2, 3, 4), lit(g, []int{1, 2}, 0, 1), lit(g, []int{1, 2}, 1, 0), graph.RotaryAttr{Heads: 2, Groups: 2})
			}, []float64{-2, 1, 3, 4, -2, 1, 3, 4}},
			{"eps", func(g gr) va {
				one := lit(g, []int{1, 1}, 1)
				return graph.Rotary(lit(g, []int{1, 1, 2}, 1, 1), vec(g, 1, 1), one, one.Sub(one), graph.RotaryAttr{Heads: 1, Groups: 1, Eps: 3})
			}, []float64{.5, .5}},
		},
		// u is (1, 0) and (2, 0); x̂ is (1.4, .2) and (1, 1).
		graph.OpRotaryGradScale: {{"", func(g gr) va { return grad(g, 1) }, []float64{3.4, 0}}},
		// w = u∘scale is (10, 0) and (20, 0); mean(w·x̂) is 7 and 10;
		// dx = (w − x̂·mean)/rms.
		graph.OpRotaryGradX: {{"", func(g gr) va { return grad(g, 0) }, []float64{.04, -.28, 10. / 3, -10. / 3}}},
	})
}
