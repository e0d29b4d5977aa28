package nn

import (
	"math"

	"github.com/limner-ai/limner/engine/graph"
)

// Attention says how tokens see one another.
type Attention struct {
	// Heads divide the channels among themselves.
	Heads int
	// Norm normalises queries and keys in each head before their product, so
	// that scores stay bounded whatever the weights: Dehghani et al., "Scaling
	// Vision Transformers to 22 Billion Parameters" (2023), section 2, with
	// the RMS norm of Esser et al., "Scaling Rectified Flow Transformers"
	// (2024), section 5.3.2.
	Norm bool
	// Rotary, if set, turns queries and keys by their positions. Queries and
	// keys then lie on the same grid.
	Rotary *Rotary
	// Bias, if set, is added to the scores: [b h n m], extents of 1 in all but
	// the last axis are spread. See KeyMask.
	Bias *graph.Value
}

// SelfAttention lets each token of x [b n c] see all of them: multi-head
// attention of Vaswani et al., "Attention Is All You Need" (2017), section
// 3.2.2. Its parameters are q/w, k/w, v/w and out/w [c c], out/b [c] and, with
// Norm, q/scale and k/scale [c/heads]. The output projection is initialised
// by Glorot; where a gate follows, it is the gate that starts at zero.
func SelfAttention(s *Scope, x *graph.Value, a Attention) *graph.Value {
	return CrossAttention(s, x, x, a)
}

// CrossAttention lets each token of x [b n c] see those of context [b m e]:
// k/w and v/w are [e c], all else is as in SelfAttention.
func CrossAttention(s *Scope, x, context *graph.Value, a Attention) *graph.Value {
	c := x.Dim(-1)
	q := a.place(s.Sub("q"), Project(s.Sub("q"), x, c, Glorot))
	k := a.place(s.Sub("k"), Project(s.Sub("k"), context, c, Glorot))
	v := Project(s.Sub("v"), context, c, Glorot)
	o := graph.Attention(q, k, v, a.Bias, a.Heads)
	return Bias(s.Sub("out"), Project(s.Sub("out"), o, c, Glorot))
}

// place normalises and turns queries or keys [b n c].
func (a Attention) place(s *Scope, x *graph.Value) *graph.Value {
	shape := x.Shape()
	if a.Norm && a.Rotary != nil {
		return a.Rotary.normTurn(s, x, a.Heads)
	}
	y := x.Reshape(shape[0], shape[1], a.Heads, -1)
	if a.Norm {
		y = RMSNorm(s, y)
	}
	if a.Rotary != nil {
		y = a.Rotary.Turn(y)
	}
	return y.Reshape(shape...)
}

// KeyMask is the bias that hides the keys whose mark in present [b m] is 0:
// the padding of a caption. Where a whole row is hidden attention gives zeros.
func KeyMask(present *graph.Value) *graph.Value {
	g := present.Graph()
	hide := graph.Select(present, g.Full(0), g.Full(float32(math.Inf(-1))))
	return hide.Reshape(present.Dim(0), 1, 1, present.Dim(1))
}

// Project is Linear along the last axis of x, of any rank: the parameter w is
// [c out].
func Project(s *Scope, x *graph.Value, out int, w Initialiser) *graph.Value {
	shape := x.Shape().Clone()
	shape[len(shape)-1] = out
	return Linear(s, x.Reshape(-1, x.Dim(-1)), out, w).Reshape(shape...)
}
