package graph

import (
	"math"

	"github.com/limner-ai/limner/engine/tensor"
)

func (v *Value) unary(op Op) *Value { return v.graph.add(op, v.shape.Clone(), nil, v) }

func (v *Value) Neg() *Value     { return v.unary(OpNeg) }
func (v *Value) Abs() *Value     { return v.unary(OpAbs) }
func (v *Value) Sign() *Value    { return v.unary(OpSign) }
func (v *Value) Sqrt() *Value    { return v.unary(OpSqrt) }
func (v *Value) Rsqrt() *Value   { return v.unary(OpRsqrt) }
func (v *Value) Exp() *Value     { return v.unary(OpExp) }
func (v *Value) Log() *Value     { return v.unary(OpLog) }
func (v *Value) Sin() *Value     { return v.unary(OpSin) }
func (v *Value) Cos() *Value     { return v.unary(OpCos) }
func (v *Value) Tanh() *Value    { return v.unary(OpTanh) }
func (v *Value) Sigmoid() *Value { return v.unary(OpSigmoid) }
func (v *Value) Erf() *Value     { return v.unary(OpErf) }
func (v *Value) Floor() *Value   { return v.unary(OpFloor) }

// Softplus is log(1 + exp(x)) without overflow.
func (v *Value) Softplus() *Value { return v.unary(OpSoftplus) }

// SlopeAttr is the attribute of LeakyReLU.
type SlopeAttr struct{ Slope float32 }

// LeakyReLU is v where v > 0, else slope·v; 0 ≤ slope ≤ 1. Its gradient is
// taken from the result, whose sign is that of v, so that v itself need not
// be kept for the backward pass.
func (v *Value) LeakyReLU(slope float32) *Value {
	if slope < 0 || slope > 1 {
		mismatch(OpLeakyReLU, "the slope lies outside of [0, 1]", v)
	}
	return v.graph.add(OpLeakyReLU, v.shape.Clone(), SlopeAttr{slope}, v)
}

// StopGradient is v, through which no gradient flows.
func (v *Value) StopGradient() *Value { return v.unary(OpStopGradient) }

// Add, Sub, Mul, Div, Max, Min and the comparisons broadcast as NumPy does:
// shapes are aligned at their last axis and axes of extent 1 grow.

func (v *Value) Add(w *Value) *Value { return v.binary(OpAdd, w) }
func (v *Value) Sub(w *Value) *Value { return v.binary(OpSub, w) }
func (v *Value) Mul(w *Value) *Value { return v.binary(OpMul, w) }
func (v *Value) Div(w *Value) *Value { return v.binary(OpDiv, w) }

// Max takes the larger; where both are equal the gradient goes to v.
func (v *Value) Max(w *Value) *Value { return v.binary(OpMax, w) }

// Min takes the smaller; where both are equal the gradient goes to v.
func (v *Value) Min(w *Value) *Value { return v.binary(OpMin, w) }

// Less is 1 where v < w, else 0. No gradient flows through comparisons.
func (v *Value) Less(w *Value) *Value      { return v.binary(OpLess, w) }
func (v *Value) LessEqual(w *Value) *Value { return v.binary(OpLessEqual, w) }
func (v *Value) Equal(w *Value) *Value     { return v.binary(OpEqual, w) }
func (v *Value) Greater(w *Value) *Value   { return w.binary(OpLess, v) }

// like is the number x in the shape of v.
func (v *Value) like(x float32) *Value { return v.graph.Full(x, v.shape...) }

func (v *Value) AddScalar(x float32) *Value { return v.Add(v.like(x)) }
func (v *Value) MulScalar(x float32) *Value { return v.Mul(v.like(x)) }

// Square is v·v.
func (v *Value) Square() *Value { return v.Mul(v) }

// Select is a where cond is not 0, else b; operands broadcast.
func Select(cond, a, b *Value) *Value {
	shape := commonShape(OpSelect, commonShape(OpSelect, cond.shape, a.shape, cond, a, b), b.shape, cond, a, b)
	c, x, y := cond.BroadcastTo(shape...), a.BroadcastTo(shape...), b.BroadcastTo(shape...)
	return cond.graph.add(OpSelect, shape, nil, c, x, y)
}

func (v *Value) binary(op Op, w *Value) *Value {
	shape := commonShape(op, v.shape, w.shape, v, w)
	a, b := v.BroadcastTo(shape...), w.BroadcastTo(shape...)
	if s := simplified(op, a, b); s != nil {
		return s
	}
	return v.graph.add(op, shape, nil, a, b)
}

// commonShape is the broadcast of two shapes.
func commonShape(op Op, a, b tensor.Shape, in ...*Value) tensor.Shape {
	n := max(len(a), len(b))
	out := make(tensor.Shape, n)
	for i := range n {
		x, y := 1, 1
		if j := i - (n - len(a)); j >= 0 {
			x = a[j]
		}
		if j := i - (n - len(b)); j >= 0 {
			y = b[j]
		}
		switch {
		case x == y || y == 1:
			out[i] = x
		case x == 1:
			out[i] = y
		default:
			mismatch(op, "shapes do not broadcast", in...)
		}
	}
	return out
}

// simplified applies the identities that gradient rules leave behind:
// x+0, x−0, 0−x, x·1, x/1, x·0 and arithmetic of two constants.
func simplified(op Op, a, b *Value) *Value {
	x, isX := a.full()
	y, isY := b.full()
	if isX && isY {
		switch op {
		case OpAdd:
			return a.like(x + y)
		case OpSub:
			return a.like(x - y)
		case OpMul:
			return a.like(x * y)
		case OpDiv:
			return a.like(x / y)
		}
	}
	switch {
	case op == OpAdd && isX && x == 0:
		return b
	case (op == OpAdd || op == OpSub) && isY && y == 0:
		return a
	case op == OpSub && isX && x == 0:
		return b.Neg()
	case op == OpMul && isX && x == 1:
		return b
	case (op == OpMul || op == OpDiv) && isY && y == 1:
		return a
	case op == OpMul && isX && x == 0:
		return a
	case op == OpMul && isY && y == 0:
		return b
	}
	return nil
}

// full returns the number that fills v, if v is a Full.
func (v *Value) full() (float32, bool) {
	if f, ok := v.attr.(FullAttr); ok && v.op == OpFull {
		return f.Value, true
	}
	return float32(math.NaN()), false
}
