package nn

import (
	"fmt"
	"math"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/tensor"
)

// Rotary turns pairs of channels of a token by angles that grow with its
// position, so that the product of a query and a key depends on how far they
// lie apart: Su et al., "RoFormer" (2021), equation 34. Channel i of a half is
// paired with channel i of the other, as GPT-NeoX has it.
type Rotary struct {
	tokens, d    int
	groups       int            // of channels, one an axis
	cosine, sine *tensor.Tensor // [tokens d/2]
}

// NewRotary has n positions in a row, for heads of d channels. Pair i turns by
// base^(−2i/d) a position; 10000 is the base of the paper.
func NewRotary(n, d int, base float64) *Rotary {
	at := make([]float64, n)
	for i := range at {
		at[i] = float64(i)
	}
	return rotary([][]float64{at}, d, base)
}

// NewAxialRotary has the places of a grid of h×w, row by row, for heads of d
// channels: the first half of them turns by the row and the second by the
// column, as in Heo et al., "Rotary Position Embedding for Vision
// Transformer" (2024), section 3.1. The angles of a half are those of
// NewRotary for d/2 channels; a base of 100 suits grids of tens.
func NewAxialRotary(h, w, d int, base float64) *Rotary {
	rows, cols := make([]float64, h*w), make([]float64, h*w)
	for i := range rows {
		rows[i], cols[i] = float64(i/w), float64(i%w)
	}
	return rotary([][]float64{rows, cols}, d, base)
}

// rotary takes the coordinates of every token, axis by axis.
func rotary(axes [][]float64, d int, base float64) *Rotary {
	n, each := len(axes[0]), d/len(axes)
	if d%(2*len(axes)) != 0 {
		panic(&graph.ShapeError{Op: graph.OpReverse, Detail: fmt.Sprintf("heads of %d channels do not part into pairs for %d axes", d, len(axes))})
	}
	r := &Rotary{tokens: n, d: d, groups: len(axes), cosine: tensor.New(n, d/2), sine: tensor.New(n, d/2)}
	for i := range n {
		for a, at := range axes {
			for p := range each / 2 {
				sin, cos := math.Sincos(at[i] * math.Pow(base, -float64(2*p)/float64(each)))
				place := (i*d+a*each)/2 + p
				r.cosine.Data[place], r.sine.Data[place] = float32(cos), float32(sin)
			}
		}
	}
	return r
}

// Turn turns x [b n h d].
func (r *Rotary) Turn(x *graph.Value) *graph.Value {
	g := x.Graph()
	if x.Rank() != 4 || x.Dim(1) != r.tokens || x.Dim(3) != r.d {
		panic(&graph.ShapeError{Op: graph.OpReverse, Shapes: []tensor.Shape{x.Shape()},
			Detail: fmt.Sprintf("the positions are for [b %d h %d]", r.tokens, r.d)})
	}
	half := r.d / r.groups / 2
	table := func(t *tensor.Tensor) *graph.Value { return g.Constant(t).Reshape(r.tokens, 1, r.groups, 1, half) }
	pairs := x.Reshape(x.Dim(0), r.tokens, x.Dim(2), r.groups, 2, half)
	cos, sin := table(r.cosine), table(r.sine)
	return pairs.Mul(cos).Add(pairs.Reverse(4).Mul(graph.Concat(3, sin.Neg(), sin))).Reshape(x.Shape()...)
}

// normTurn is RMSNorm and Turn of each head of x [b n c] in one.
func (r *Rotary) normTurn(s *Scope, x *graph.Value, heads int) *graph.Value {
	g := x.Graph()
	return graph.Rotary(x, s.Param("scale", Ones, r.d), g.Constant(r.cosine), g.Constant(r.sine),
		graph.RotaryAttr{Heads: heads, Groups: r.groups, Eps: normEps})
}

// Sinusoid describes numbers x [n] by d waves each, [n d]: cosines, then
// sines, of x·period^(−i/(d/2)), i < d/2. With a period of 10000 it is the
// embedding of time steps by Ho et al., "Denoising Diffusion Probabilistic
// Models" (2020), appendix B, after Vaswani et al. (2017), section 3.5; bring
// times in [0, 1] to its scale by a factor of 1000.
func Sinusoid(x *graph.Value, d int, period float64) *graph.Value {
	if x.Rank() != 1 || d%2 != 0 {
		panic(&graph.ShapeError{Op: graph.OpConcat, Shapes: []tensor.Shape{x.Shape()}, Detail: fmt.Sprintf("want numbers [n] and an even count of waves, not %d", d)})
	}
	frequency := tensor.New(1, d/2)
	for i := range frequency.Data {
		frequency.Data[i] = float32(math.Pow(period, -float64(i)/float64(d/2)))
	}
	phase := x.Reshape(-1, 1).Mul(x.Graph().Constant(frequency))
	return graph.Concat(1, phase.Cos(), phase.Sin())
}

// TimeEmbedding embeds times t [n] in [0, 1] as [n d]: the sinusoid of 1000·t
// through Dense, SiLU and Dense (parameters in/w, in/b, out/w and out/b), as
// in Peebles and Xie, "Scalable Diffusion Models with Transformers" (2023),
// section 3.2. waves is the width of the sinusoid.
func TimeEmbedding(s *Scope, t *graph.Value, waves, d int) *graph.Value {
	h := Dense(s.Sub("in"), Sinusoid(t.MulScalar(1000), waves, 10000), d, KaimingIn(math.Sqrt2))
	return Dense(s.Sub("out"), SiLU(h), d, KaimingIn(1.676532))
}
