package cpu

import (
	"github.com/limner-ai/limner/engine/compile"
	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/kernel/vec"
)

// kernel computes one instruction on a block: up to three vectors and two
// numbers.
type kernel func(dst, a, b, c []float32, s, t float32)

// instruction is an elementwise primitive with its operands resolved to slots
// (vectors) and numbers.
type instruction struct {
	kernel kernel
	along  alongKernel // for blocks of whole rows, or nil
	dst    int
	v      [3]int // slots
	s, t   number
	adam   *adamStep // in place of all the above
}

// number is an immediate or the only element of an operand.
type number struct {
	value  float32
	memory []float32 // nil for an immediate
}

func (n *number) get() float32 {
	if n.memory != nil {
		return n.memory[0]
	}
	return n.value
}

var unaryKernels = map[graph.Op]func(dst, a []float32){
	graph.OpNeg: vec.Neg, graph.OpAbs: vec.Abs, graph.OpSign: vec.Sign, graph.OpSqrt: vec.Sqrt,
	graph.OpRsqrt: vec.Rsqrt, graph.OpExp: vec.Exp, graph.OpLog: vec.Log, graph.OpSin: vec.Sin,
	graph.OpCos: vec.Cos, graph.OpTanh: vec.Tanh, graph.OpSigmoid: vec.Sigmoid,
	graph.OpSoftplus: vec.Softplus, graph.OpErf: vec.Erf, graph.OpFloor: vec.Floor,
	graph.OpBroadcast: vec.Copy,
}

var binaryKernels = map[graph.Op]func(dst, a, b []float32){
	graph.OpAdd: vec.Add, graph.OpSub: vec.Sub, graph.OpMul: vec.Mul, graph.OpDiv: vec.Div,
	graph.OpMax: vec.Max, graph.OpMin: vec.Min, graph.OpLess: vec.Less,
	graph.OpLessEqual: vec.LessEq, graph.OpEqual: vec.Equal,
}

// The second operand is a number.
var rightKernels = map[graph.Op]func(dst, a []float32, s float32){
	graph.OpAdd: vec.AddS, graph.OpMul: vec.MulS, graph.OpMax: vec.MaxS, graph.OpMin: vec.MinS,
	graph.OpSub:  func(dst, a []float32, s float32) { vec.AddS(dst, a, -s) },
	graph.OpLess: vec.LessS, graph.OpLessEqual: vec.LessEqS, graph.OpEqual: vec.EqualS,
}

// The first operand is a number.
var leftKernels = map[graph.Op]func(dst, a []float32, s float32){
	graph.OpAdd: vec.AddS, graph.OpMul: vec.MulS, graph.OpMax: vec.MaxS, graph.OpMin: vec.MinS,
	graph.OpSub: vec.SubFromS, graph.OpDiv: vec.DivIntoS,
	graph.OpLess: vec.GreaterS, graph.OpLessEqual: vec.GreaterEqS, graph.OpEqual: vec.EqualS,
}

// leaky is max(a, s·a), with c for the product.
func leaky(dst, a, _, c []float32, s, _ float32) {
	if s == 0 {
		vec.MaxS(dst, a, 0)
		return
	}
	vec.MulS(c, a, s)
	vec.Max(dst, a, c)
}

// choose picks the kernel for an instruction whose operands are vectors (isV)
// or numbers. It fails where numbers must be spread to vectors first.
func choose(in compile.Inst, isV [3]bool) (k kernel, ok bool) {
	if f := unaryKernels[in.Op]; f != nil {
		if !isV[0] {
			if in.Op == graph.OpBroadcast {
				return func(dst, _, _, _ []float32, s, _ float32) { vec.Fill(dst, s) }, true
			}
			return nil, false
		}
		return func(dst, a, _, _ []float32, _, _ float32) { f(dst, a) }, true
	}
	switch in.Op {
	case graph.OpLeakyReLU:
		return leaky, isV[0]
	case graph.OpSelect:
		if !isV[0] {
			return nil, false
		}
		switch {
		case isV[1] && isV[2]:
			return func(dst, a, b, c []float32, _, _ float32) { vec.Select(dst, a, b, c) }, true
		case isV[1]:
			return func(dst, a, b, _ []float32, s, _ float32) { vec.SelectVS(dst, a, b, s) }, true
		case isV[2]:
			return func(dst, a, _, c []float32, s, _ float32) { vec.SelectSV(dst, a, s, c) }, true
		}
		return func(dst, a, _, _ []float32, s, t float32) { vec.SelectSS(dst, a, s, t) }, true
	}
	switch {
	case isV[0] && isV[1]:
		f := binaryKernels[in.Op]
		return func(dst, a, b, _ []float32, _, _ float32) { f(dst, a, b) }, true
	case isV[0]:
		f := rightKernels[in.Op]
		return func(dst, a, _, _ []float32, s, _ float32) { f(dst, a, s) }, f != nil
	case isV[1]:
		f := leftKernels[in.Op]
		return func(dst, _, b, _ []float32, s, _ float32) { f(dst, b, s) }, f != nil
	}
	return nil, false
}

// Fused multiplication and addition, which no primitive is: a·b + c.

func mulAdd(dst, a, b, c []float32, _, _ float32)      { vec.MulAdd(dst, a, b, c) }
func mulAddTwice(dst, a, b, c []float32, _, _ float32) { vec.MulAddTwice(dst, a, b, c) }
func mulAddS(dst, a, _, c []float32, s, _ float32)     { vec.MulAddS(dst, a, s, c) }
func mulSAddS(dst, a, _, _ []float32, s, t float32)    { vec.MulSAddS(dst, a, s, t) }
