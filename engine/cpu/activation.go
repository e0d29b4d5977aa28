package cpu

import (
	"math"

	"github.com/limner-ai/limner/engine/compile"
	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/kernel/vec"
)

// Activations that are composed of primitives have kernels of their own, which
// take one pass instead of two to seven. Like steps of Adam they are found by
// their shape:
//
//	SiLU       x·σ(x)
//	SiLU'      g·σ(x) + (g·x)·(σ(x)·(1 − σ(x)))   in either order
//	GELU       x·((erf(x·√½) + 1)·½)

// activations are the kernels by what is found.
var (
	siluKernel     = func(dst, a, _, _ []float32, _, _ float32) { vec.SiLU(dst, a) }
	siluGradKernel = func(dst, a, b, _ []float32, _, _ float32) { vec.SiLUGrad(dst, a, b) }
	geluKernel     = func(dst, a, _, _ []float32, _, _ float32) { vec.GELU(dst, a) }
)

// findActivations marks them: the last instruction does all the work.
func (a *assigner) findActivations(merged []mergedInst) {
	f := newFinder(a)
	for i := range merged {
		if merged[i].dead || merged[i].adam != nil {
			continue
		}
		var k kernel
		var operands [3]compile.Ref
		var within []int
		switch merged[i].Op {
		case graph.OpMul:
			k, operands, within = f.activation(i)
		case graph.OpAdd:
			k, operands, within = f.siluGrad(i)
		}
		if k == nil || !f.private(within, i) {
			continue
		}
		for _, j := range within {
			merged[j].dead = true
		}
		merged[i].special, merged[i].Operand = k, operands
	}
}

// private reports whether nothing but each other and instruction i needs the
// results of within.
func (f *finder) private(within []int, i int) bool {
	f.match = &adamMatch{within: append(within[:len(within):len(within)], i), toP: i, toM: -1, toV: i, toE: -1}
	return f.whole()
}

// activation matches x·σ(x) and x·Φ(x).
func (f *finder) activation(i int) (kernel, [3]compile.Ref, []int) {
	for j := range 2 {
		x, y := f.at(i).Operand[j], f.at(i).Operand[1-j]
		if !f.isVector(x) || y.Kind != compile.Reg {
			continue
		}
		if f.is(y, graph.OpSigmoid) && f.reg(y).Operand[0] == x {
			return siluKernel, [3]compile.Ref{x}, []int{y.Index}
		}
		half, ok1 := f.beside(y, graph.OpMul, 0.5)
		sum, ok2 := f.beside(half, graph.OpAdd, 1)
		if !ok1 || !ok2 || !f.is(sum, graph.OpErf) {
			continue
		}
		arg := f.reg(sum).Operand[0]
		if of, ok := f.beside(arg, graph.OpMul, math.Sqrt2/2); ok && of == x {
			return geluKernel, [3]compile.Ref{x}, []int{y.Index, half.Index, sum.Index, arg.Index}
		}
	}
	return nil, [3]compile.Ref{}, nil
}

// beside is what stands beside a constant as the other operand of op.
func (f *finder) beside(r compile.Ref, op graph.Op, want float32) (compile.Ref, bool) {
	if f.is(r, op) {
		for j := range 2 {
			if x := f.reg(r).Operand[j]; x.Kind == compile.Imm && x.Value == want {
				return f.reg(r).Operand[1-j], true
			}
		}
	}
	return compile.Ref{}, false
}

// siluGrad matches the derivative as gradient rules write it.
func (f *finder) siluGrad(i int) (kernel, [3]compile.Ref, []int) {
	for j := range 2 {
		direct, through := f.at(i).Operand[j], f.at(i).Operand[1-j]
		if !f.is(direct, graph.OpMul) || !f.is(through, graph.OpMul) {
			continue
		}
		for k := range 2 {
			grad, s := f.reg(direct).Operand[k], f.reg(direct).Operand[1-k]
			if !f.is(s, graph.OpSigmoid) || !f.isVector(grad) {
				continue
			}
			x := f.reg(s).Operand[0]
			outer, slope := f.reg(through).Operand[0], f.reg(through).Operand[1]
			if !f.pair(outer, grad, x) || !f.is(slope, graph.OpMul) || f.reg(slope).Operand[0] != s {
				continue
			}
			rest := f.reg(slope).Operand[1]
			one := compile.Ref{Kind: compile.Imm, Value: 1}
			if !f.is(rest, graph.OpSub) || f.reg(rest).Operand[0] != one || f.reg(rest).Operand[1] != s {
				continue
			}
			return siluGradKernel, [3]compile.Ref{x, grad}, []int{direct.Index, through.Index, s.Index, outer.Index, slope.Index, rest.Index}
		}
	}
	return nil, [3]compile.Ref{}, nil
}

// pair reports whether r is the product of a and b.
func (f *finder) pair(r, a, b compile.Ref) bool {
	if !f.is(r, graph.OpMul) || !f.isVector(a) || !f.isVector(b) {
		return false
	}
	x, y := f.reg(r).Operand[0], f.reg(r).Operand[1]
	return x == a && y == b || x == b && y == a
}
