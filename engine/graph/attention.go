package graph

import (
	"fmt"
	"math"

	"github.com/limner-ai/limner/engine/tensor"
)

// AttentionAttr is the attribute of the attention primitives.
type AttentionAttr struct {
	Heads int
}

// Attention is scaled dot-product attention: Vaswani et al., "Attention Is
// All You Need" (2017), equation 1, in each of the heads that lie side by side
// in the last axis. With q [b n h·d] and k, v [b m h·d] it is [b n h·d],
//
//	o[b i h] = Σⱼ P[b h i j]·v[b j h],  P = softmaxⱼ(q[b i h]·k[b j h]/√d + bias[b h i j]).
//
// The bias, which may be nil, has shape [b h n m], where all but the last
// axis may have extent 1. Minus infinity hides a key; a query that sees no key
// at all gives zeros and passes no gradient back.
//
// Back ends need not make P: Dao et al., "FlashAttention" (2022).
func Attention(q, k, v, bias *Value, heads int) *Value {
	in := withBias([]*Value{q, k, v}, bias)
	checkAttention(OpAttention, in, heads)
	return q.graph.add(OpAttention, q.shape.Clone(), AttentionAttr{heads}, in...)
}

func withBias(in []*Value, bias *Value) []*Value {
	if bias != nil {
		in = append(in, bias)
	}
	return in
}

// checkAttention checks q, k, v and, if there is one, the bias behind them.
func checkAttention(op Op, in []*Value, heads int) {
	q, k, v := in[0].shape, in[1].shape, in[2].shape
	if len(q) != 3 || len(k) != 3 || !k.Equal(v) || q[0] != k[0] || q[2] != k[2] {
		mismatch(op, "want queries [b n c], keys and values [b m c]", in...)
	}
	if heads < 1 || q[2] == 0 || q[2]%heads != 0 || k[1] == 0 {
		mismatch(op, fmt.Sprintf("%d channels and %d keys do not make %d heads", q[2], k[1], heads), in...)
	}
	if len(in) == 3 {
		return
	}
	want := tensor.S(q[0], heads, q[1], k[1])
	b := in[3].shape
	fits := len(b) == 4 && b[3] == want[3]
	for i := 0; fits && i < 3; i++ {
		fits = b[i] == want[i] || b[i] == 1
	}
	if !fits {
		mismatch(op, fmt.Sprintf("the bias does not broadcast to %v", want), in...)
	}
}

// The log-sum-exp of the scores, [b h n], is what the gradients need to make P
// again without a second normalisation. It takes the operands of Attention, v
// too, so that one pass makes both.
func attentionLSE(in []*Value, heads int) *Value {
	checkAttention(OpAttentionLSE, in, heads)
	q := in[0].shape
	return in[0].graph.add(OpAttentionLSE, tensor.S(q[0], heads, q[1]), AttentionAttr{heads}, in...)
}

// attentionGrad is the gradient of ⟨ct, Attention(in)⟩ in q, k or v, by the
// op. It is a function of in and ct; o and lse are the attention's results for
// the same in, by which back ends save work.
func attentionGrad(op Op, in []*Value, o, lse, ct *Value, heads int) *Value {
	checkAttention(op, in, heads)
	q := in[0].shape
	if !o.shape.Equal(q) || !ct.shape.Equal(q) || !lse.shape.Equal(tensor.S(q[0], heads, q[1])) {
		mismatch(op, fmt.Sprintf("the results do not fit the queries %v", q), o, lse, ct)
	}
	to := in[op-OpAttentionGradQ].shape.Clone()
	all := append([]*Value{}, in[:3]...)
	all = append(all, o, lse, ct)
	return ct.graph.add(op, to, AttentionAttr{heads}, append(all, in[3:]...)...)
}

func vjpAttention(v, ct *Value, i int) *Value {
	heads := v.attr.(AttentionAttr).Heads
	if i == 3 {
		c := compose(v.in, heads)
		return VJP(c.attend(), c.split(ct), c.in[i])[0]
	}
	return attentionGrad(OpAttentionGradQ+Op(i), v.in, v, attentionLSE(v.in, heads), ct, heads)
}

func vjpAttentionLSE(v, ct *Value, i int) *Value {
	if i == 2 {
		return nil
	}
	c := compose(v.in, v.attr.(AttentionAttr).Heads)
	return c.join(VJP(c.logSumExp(), ct, c.in[i])[0], v.in[i])
}

// vjpAttentionGrad differentiates the gradient as composed primitives. The
// attention's results pass nothing on: the gradient is a function of the rest.
func vjpAttentionGrad(v, ct *Value, i int) *Value {
	if i == 3 || i == 4 {
		return nil
	}
	heads := v.attr.(AttentionAttr).Heads
	in := append([]*Value{}, v.in[:3]...)
	c := compose(append(in, v.in[6:]...), heads)
	r := c.split(v.in[5])
	d := VJP(c.attend(), r, c.in[v.op-OpAttentionGradQ])[0]
	x := r
	switch {
	case i < 3:
		x = c.in[i]
	case i == 6:
		x = c.in[3]
	}
	return c.join(VJP(d, c.split(ct), x)[0], v.in[i])
}

// composed is attention made of other primitives. Its operands are fresh
// values, [b n h d], so that a gradient in one of them does not see that
// another may be computed from it, or be the same.
type composed struct {
	in    []*Value
	heads int
}

func compose(in []*Value, heads int) composed {
	c := composed{heads: heads}
	for _, v := range in[:3] {
		c.in = append(c.in, c.split(v))
	}
	for _, bias := range in[3:] {
		c.in = append(c.in, fresh(bias, bias.shape))
	}
	return c
}

// fresh is v under another shape, as a value of its own in any case.
func fresh(v *Value, shape tensor.Shape) *Value {
	return v.graph.add(OpReshape, shape.Clone(), nil, v)
}

// split parts the heads: [b n h·d] to [b n h d].
func (c composed) split(v *Value) *Value {
	return fresh(v, tensor.S(v.shape[0], v.shape[1], c.heads, v.shape[2]/c.heads))
}

// join undoes split.
func (c composed) join(v, like *Value) *Value { return v.Reshape(like.shape...) }

// scores are q·k/√d + bias, [b h n m], and the largest of each row.
func (c composed) scores() (s, top *Value) {
	q, k := c.in[0].Transpose(0, 2, 1, 3), c.in[1].Transpose(0, 2, 1, 3)
	s = MatMul(q, k, false, true).MulScalar(float32(1 / math.Sqrt(float64(q.shape[3]))))
	if len(c.in) == 4 {
		s = s.Add(c.in[3])
	}
	top = s.ReduceMax(-1).StopGradient()
	// Where every key is hidden the difference would not be a number.
	return s, top.Max(top.like(-math.MaxFloat32))
}

// attend is [b n h d].
func (c composed) attend() *Value {
	s, top := c.scores()
	e := s.Sub(top).Exp()
	sum := e.ReduceSum(-1) // at least 1, or 0 where every key is hidden
	p := e.Div(sum.Max(sum.like(.5)))
	return p.Dot(c.in[2].Transpose(0, 2, 1, 3)).Transpose(0, 2, 1, 3)
}

// logSumExp is [b h n].
func (c composed) logSumExp() *Value {
	s, top := c.scores()
	return s.Sub(top).Exp().ReduceSum(-1).Log().Add(top).Squeeze(-1)
}

// The rules differentiate composed primitives, so they refer to the table that
// they stand in, which Go allows only after it is made.
func init() {
	vjps[OpAttention] = vjpAttention
	vjps[OpAttentionLSE] = vjpAttentionLSE
	for op := OpAttentionGradQ; op <= OpAttentionGradV; op++ {
		vjps[op] = vjpAttentionGrad
	}
}
