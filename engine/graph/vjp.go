package graph

import (
	"math"
	"slices"
)

// A vjp gives the cotangent of operand i of v from the cotangent ct of v, or
// nil where it is zero everywhere. Rules use primitives only.
type vjp func(v, ct *Value, i int) *Value

// vjps is the whole of automatic differentiation: one rule a primitive.
// Leaves and comparisons have none.
var vjps = [opCount]vjp{
	OpNeg:      func(v, ct *Value, _ int) *Value { return ct.Neg() },
	OpAbs:      func(v, ct *Value, _ int) *Value { return ct.Mul(v.in[0].Sign()) },
	OpSqrt:     func(v, ct *Value, _ int) *Value { return ct.MulScalar(.5).Div(v) },
	OpRsqrt:    func(v, ct *Value, _ int) *Value { return ct.MulScalar(-.5).Mul(v.Mul(v).Mul(v)) },
	OpExp:      func(v, ct *Value, _ int) *Value { return ct.Mul(v) },
	OpLog:      func(v, ct *Value, _ int) *Value { return ct.Div(v.in[0]) },
	OpSin:      func(v, ct *Value, _ int) *Value { return ct.Mul(v.in[0].Cos()) },
	OpCos:      func(v, ct *Value, _ int) *Value { return ct.Mul(v.in[0].Sin()).Neg() },
	OpTanh:     func(v, ct *Value, _ int) *Value { return ct.Mul(v.like(1).Sub(v.Mul(v))) },
	OpSigmoid:  func(v, ct *Value, _ int) *Value { return ct.Mul(v.Mul(v.like(1).Sub(v))) },
	OpSoftplus: func(v, ct *Value, _ int) *Value { return ct.Mul(v.in[0].Sigmoid()) },
	OpLeakyReLU: func(v, ct *Value, _ int) *Value {
		return Select(v.like(0).Less(v), ct, ct.MulScalar(v.attr.(SlopeAttr).Slope))
	},
	OpErf: func(v, ct *Value, _ int) *Value {
		return ct.Mul(v.in[0].Square().Neg().Exp().MulScalar(2 / float32(math.Sqrt(math.Pi))))
	},

	OpAdd: func(v, ct *Value, _ int) *Value { return ct },
	OpSub: func(v, ct *Value, i int) *Value {
		if i == 0 {
			return ct
		}
		return ct.Neg()
	},
	OpMul: func(v, ct *Value, i int) *Value { return ct.Mul(v.in[1-i]) },
	OpDiv: func(v, ct *Value, i int) *Value {
		if i == 0 {
			return ct.Div(v.in[1])
		}
		return ct.Mul(v).Div(v.in[1]).Neg()
	},
	OpMax: func(v, ct *Value, i int) *Value { return takeWhere(v.in[1].LessEqual(v.in[0]), ct, i == 0) },
	OpMin: func(v, ct *Value, i int) *Value { return takeWhere(v.in[0].LessEqual(v.in[1]), ct, i == 0) },
	OpSelect: func(v, ct *Value, i int) *Value {
		if i == 0 {
			return nil
		}
		return takeWhere(v.in[0], ct, i == 1)
	},

	OpBroadcast: func(v, ct *Value, _ int) *Value {
		var grown []int
		for a, d := range v.in[0].shape {
			if d != v.shape[a] {
				grown = append(grown, a)
			}
		}
		return ct.ReduceSum(grown...)
	},
	OpReshape: func(v, ct *Value, _ int) *Value { return ct.Reshape(v.in[0].shape...) },
	OpTranspose: func(v, ct *Value, _ int) *Value {
		perm := v.attr.(PermAttr).Perm
		inverse := make([]int, len(perm))
		for i, p := range perm {
			inverse[p] = i
		}
		return ct.Transpose(inverse...)
	},
	OpSlice:   vjpSlice,
	OpPad:     vjpPad,
	OpConcat:  vjpConcat,
	OpReverse: func(v, ct *Value, _ int) *Value { return ct.Reverse(v.attr.(AxisAttr).Axis) },

	OpReduceSum: func(v, ct *Value, _ int) *Value { return ct.BroadcastTo(v.in[0].shape...) },
	OpReduceMax: func(v, ct *Value, _ int) *Value {
		axes := v.attr.(AxesAttr).Axes
		hit := v.in[0].Equal(v)
		return hit.Mul(ct.Div(hit.ReduceSum(axes...)))
	},

	OpMatMul:         vjpMatMul,
	OpConv:           vjpConv,
	OpConvInputGrad:  vjpConvInputGrad,
	OpConvFilterGrad: vjpConvFilterGrad,
	OpGather: func(v, ct *Value, i int) *Value {
		if i == 1 {
			return nil
		}
		return ScatterAdd(ct, v.in[1], v.in[0].shape[0])
	},
	OpScatterAdd: func(v, ct *Value, i int) *Value {
		if i == 1 {
			return nil
		}
		return Gather(ct, v.in[1])
	},
}

// takeWhere is ct where cond agrees with want, else 0.
func takeWhere(cond, ct *Value, want bool) *Value {
	zero := ct.like(0)
	if want {
		return Select(cond, ct, zero)
	}
	return Select(cond, zero, ct)
}

func vjpSlice(v, ct *Value, _ int) *Value {
	a := v.attr.(SliceAttr)
	n := len(v.shape)
	p := PadAttr{slices.Clone(a.Start), make([]int, n), make([]int, n)}
	for i, d := range v.in[0].shape {
		p.Interior[i] = a.Stride[i] - 1
		covered := a.Start[i]
		if v.shape[i] > 0 {
			covered += (v.shape[i]-1)*a.Stride[i] + 1
		}
		p.High[i] = d - covered
	}
	return ct.PadAll(p)
}

func vjpPad(v, ct *Value, _ int) *Value {
	a := v.attr.(PadAttr)
	s := SliceAttr{slices.Clone(a.Low), make([]int, len(a.Low)), make([]int, len(a.Low))}
	for i := range s.Limit {
		s.Limit[i] = v.shape[i] - a.High[i]
		s.Stride[i] = a.Interior[i] + 1
	}
	return ct.SliceAll(s)
}

func vjpConcat(v, ct *Value, i int) *Value {
	axis := v.attr.(AxisAttr).Axis
	at := 0
	for _, w := range v.in[:i] {
		at += w.shape[axis]
	}
	return ct.Slice(axis, at, at+v.in[i].shape[axis])
}

func vjpMatMul(v, ct *Value, i int) *Value {
	a, b := v.in[0], v.in[1]
	t := v.attr.(MatMulAttr)
	switch {
	case i == 0 && !t.TransA:
		return MatMul(ct, b, false, !t.TransB)
	case i == 0:
		return MatMul(b, ct, t.TransB, true)
	case !t.TransB:
		return MatMul(a, ct, !t.TransA, false)
	}
	return MatMul(ct, a, true, t.TransA)
}

// The three convolutions are the three ways to contract the trilinear form
// Σ y·(x ⋆ f), so each one's gradients are the other two.

func vjpConv(v, ct *Value, i int) *Value {
	a := v.attr.(ConvAttr)
	if i == 0 {
		return convInputGrad(ct, v.in[1], a)
	}
	return convFilterGrad(v.in[0], ct, a)
}

func vjpConvInputGrad(v, ct *Value, i int) *Value {
	a := v.attr.(ConvAttr)
	if i == 0 {
		return Conv(ct, v.in[1], a.Window)
	}
	return convFilterGrad(ct, v.in[0], a)
}

func vjpConvFilterGrad(v, ct *Value, i int) *Value {
	a := v.attr.(ConvAttr)
	if i == 0 {
		return convInputGrad(v.in[1], ct, a)
	}
	return Conv(v.in[0], ct, a.Window)
}
