package graph

import (
	"fmt"

	"github.com/limner-ai/limner/engine/tensor"
)

// RotaryAttr is the attribute of the rotary primitives: how many heads lie
// side by side, how many groups of pairs a head consists of, and the number
// that keeps the norm away from zero.
type RotaryAttr struct {
	Heads, Groups int
	Eps           float32
}

// Rotary prepares queries or keys x [b n h·d] for attention. Each head is
// divided by its root mean square, √(mean(x²) + Eps), and multiplied by scale
// [d]: Zhang and Sennrich, "Root Mean Square Layer Normalization" (2019). Then
// the pairs of channels turn by the angles of the token's position: Su et
// al., "RoFormer" (2021), equation 34. A group of a head is d/Groups channels,
// and channel i of its first half is paired with channel i of the second;
// (a, b) becomes (a·cos − b·sin, b·cos + a·sin) with cos and sin [n d/2].
func Rotary(x, scale, cos, sin *Value, a RotaryAttr) *Value {
	in := []*Value{x, scale, cos, sin}
	checkRotary(OpRotary, in, a)
	return x.graph.add(OpRotary, x.shape.Clone(), a, in...)
}

func checkRotary(op Op, in []*Value, a RotaryAttr) {
	x := in[0].shape
	if len(x) != 3 || a.Heads < 1 || a.Groups < 1 || x[2] == 0 || x[2]%(2*a.Heads*a.Groups) != 0 {
		mismatch(op, fmt.Sprintf("want [b n c] in %d heads of %d groups of pairs", a.Heads, a.Groups), in...)
	}
	d := x[2] / a.Heads
	table := tensor.S(x[1], d/2)
	if !in[1].shape.Equal(tensor.S(d)) || !in[2].shape.Equal(table) || !in[3].shape.Equal(table) {
		mismatch(op, fmt.Sprintf("want a scale [%d] and angles %v", d, table), in...)
	}
}

// rotaryGrad is the gradient of ⟨ct, Rotary(in)⟩ in x or scale, by the op.
func rotaryGrad(op Op, in []*Value, ct *Value, a RotaryAttr) *Value {
	checkRotary(op, in, a)
	if !ct.shape.Equal(in[0].shape) {
		mismatch(op, "the cotangent has another shape", in[0], ct)
	}
	to := in[op-OpRotaryGradX].shape.Clone()
	return ct.graph.add(op, to, a, append(append([]*Value{}, in...), ct)...)
}

func vjpRotary(v, ct *Value, i int) *Value {
	a := v.attr.(RotaryAttr)
	if i < 2 {
		return rotaryGrad(OpRotaryGradX+Op(i), v.in, ct, a)
	}
	in := freshRotary(v.in, a)
	return VJP(composedRotary(in, a), splitRotary(ct, a), in[i])[0].Reshape(v.in[i].shape...)
}

// vjpRotaryGrad differentiates the gradient as composed primitives.
func vjpRotaryGrad(v, ct *Value, i int) *Value {
	a := v.attr.(RotaryAttr)
	in := freshRotary(v.in[:4], a)
	r := splitRotary(v.in[4], a)
	x := r
	if i < 4 {
		x = in[i]
	}
	wrt := in[v.op-OpRotaryGradX]
	d := VJP(composedRotary(in, a), r, wrt)[0]
	return VJP(d, fresh(ct, wrt.shape), x)[0].Reshape(v.in[i].shape...)
}

// splitRotary parts x [b n h·d] to [b n h groups 2 half], as a fresh value.
func splitRotary(x *Value, a RotaryAttr) *Value {
	s := x.shape
	return fresh(x, tensor.S(s[0], s[1], a.Heads, a.Groups, 2, s[2]/(2*a.Heads*a.Groups)))
}

// freshRotary splits the operands so that they broadcast to one another. All
// axes are there, for adding one would look through a fresh value; see compose
// for why they are.
func freshRotary(in []*Value, a RotaryAttr) []*Value {
	x := splitRotary(in[0], a)
	half := x.shape[5]
	angles := tensor.S(1, in[0].shape[1], 1, a.Groups, 1, half)
	return []*Value{x, fresh(in[1], tensor.S(1, 1, 1, a.Groups, 2, half)), fresh(in[2], angles), fresh(in[3], angles)}
}

// composedRotary is Rotary made of other primitives.
func composedRotary(in []*Value, a RotaryAttr) *Value {
	x, scale, cos, sin := in[0], in[1], in[2], in[3]
	y := x.Mul(x.Square().ReduceMean(3, 4, 5).AddScalar(a.Eps).Rsqrt()).Mul(scale)
	return y.Mul(cos).Add(y.Reverse(4).Mul(Concat(4, sin.Neg(), sin)))
}

// See the init of the attention primitives.
func init() {
	vjps[OpRotary] = vjpRotary
	vjps[OpRotaryGradX] = vjpRotaryGrad
	vjps[OpRotaryGradScale] = vjpRotaryGrad
}
