package cpu

import (
	"math"
	"slices"

	"github.com/limner-ai/limner/engine/compile"
	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/kernel/vec"
)

// Activations that are composed of primitives have kernels of their own, which
// take one pass instead of two to ten. Like steps of Adam they are found by
// their shape:
//
//	SiLU       x·σ(x)
//	SiLU'      g·σ(x) + (g·x)·(σ(x)·(1 − σ(x)))   in either order
//	GELU       x·Φ(x), Φ(x) = (erf(u) + 1)·½, u = x·√½
//	GELU'      g·Φ(x) + ((g·x)·½)·(exp(−u·u)·2/√π)·√½   in either order

// activations are the kernels by what is found.
var (
	siluKernel     = func(dst, a, _, _ []float32, _, _ float32) { vec.SiLU(dst, a) }
	siluGradKernel = func(dst, a, b, _ []float32, _, _ float32) { vec.SiLUGrad(dst, a, b) }
	geluKernel     = func(dst, a, _, _ []float32, _, _ float32) { vec.GELU(dst, a) }
	geluGradKernel = func(dst, a, b, _ []float32, _, _ float32) { vec.GELUGrad(dst, a, b) }
)

// activation is one that is found.
type activation struct {
	kernel   kernel
	operands [3]compile.Ref
	root     int   // the instruction that has the result
	costly   []int // those that must not remain, or nothing is won
}

// findActivations has the last instruction do all the work. What only such
// work needs is dead; an activation and its derivative may share parts of it.
func (a *assigner) findActivations(merged []mergedInst) {
	f := newFinder(a)
	var found []activation
	for i := range merged {
		if merged[i].dead || merged[i].adam != nil {
			continue
		}
		var x *activation
		switch merged[i].Op {
		case graph.OpMul:
			x = f.activation(i)
		case graph.OpAdd:
			if x = f.siluGrad(i); x == nil {
				x = f.geluGrad(i)
			}
		}
		if x != nil {
			x.root = i
			found = append(found, *x)
		}
	}
	for len(found) > 0 {
		needed := f.needed(merged, found)
		kept := slices.DeleteFunc(slices.Clone(found), func(x activation) bool {
			return slices.ContainsFunc(x.costly, func(i int) bool { return needed[i] })
		})
		if len(kept) < len(found) {
			found = kept
			continue
		}
		for _, x := range found {
			merged[x.root].special, merged[x.root].Operand = x.kernel, x.operands
		}
		for i := range merged {
			merged[i].dead = merged[i].dead || !needed[i]
		}
		return
	}
}

// needed says which instructions are, if the activations are computed by their
// kernels.
func (f *finder) needed(merged []mergedInst, found []activation) []bool {
	needed := make([]bool, len(merged))
	need := func(o compile.Ref) {
		if o.Kind == compile.Reg {
			needed[o.Index] = true
		}
	}
	for _, s := range f.l.Stores {
		needed[s.Inst] = true
	}
	for _, r := range f.l.Reduces {
		need(r.Value)
	}
	for i := len(merged) - 1; i >= 0; i-- {
		operands := merged[i].operands()
		if k := slices.IndexFunc(found, func(x activation) bool { return x.root == i }); k >= 0 {
			operands = found[k].operands[:]
		}
		if merged[i].adam != nil {
			needed[i] = true
		}
		if needed[i] && !merged[i].dead {
			for _, o := range operands {
				need(o)
			}
		}
	}
	return needed
}

// activation matches x·σ(x) and x·Φ(x).
func (f *finder) activation(i int) *activation {
	for j := range 2 {
		x, y := f.at(i).Operand[j], f.at(i).Operand[1-j]
		if !f.isVector(x) {
			continue
		}
		if f.is(y, graph.OpSigmoid) && f.reg(y).Operand[0] == x {
			return &activation{kernel: siluKernel, operands: [3]compile.Ref{x}, costly: []int{y.Index}}
		}
		if of, erf, ok := f.normal(y); ok && of == x {
			return &activation{kernel: geluKernel, operands: [3]compile.Ref{x}, costly: []int{erf}}
		}
	}
	return nil
}

// normal matches Φ(x) and says which instruction is the error function.
func (f *finder) normal(r compile.Ref) (x compile.Ref, erf int, ok bool) {
	half, ok1 := f.beside(r, graph.OpMul, 0.5)
	sum, ok2 := f.beside(half, graph.OpAdd, 1)
	if !ok1 || !ok2 || !f.is(sum, graph.OpErf) {
		return x, 0, false
	}
	x, ok = f.beside(f.reg(sum).Operand[0], graph.OpMul, math.Sqrt2/2)
	return x, sum.Index, ok && f.isVector(x)
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
func (f *finder) siluGrad(i int) *activation {
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
			return &activation{kernel: siluGradKernel, operands: [3]compile.Ref{x, grad}, costly: []int{s.Index}}
		}
	}
	return nil
}

// geluGrad matches the derivative as gradient rules write it.
func (f *finder) geluGrad(i int) *activation {
	for j := range 2 {
		direct := f.at(i).Operand[j]
		through, ok := f.beside(f.at(i).Operand[1-j], graph.OpMul, math.Sqrt2/2)
		if !ok || !f.is(direct, graph.OpMul) || !f.is(through, graph.OpMul) {
			continue
		}
		for k := range 2 {
			grad := f.reg(direct).Operand[k]
			x, erf, ok := f.normal(f.reg(direct).Operand[1-k])
			if !ok || !f.isVector(grad) {
				continue
			}
			outer, ok1 := f.beside(f.reg(through).Operand[0], graph.OpMul, 0.5)
			exp, ok2 := f.beside(f.reg(through).Operand[1], graph.OpMul, 2/float32(math.Sqrt(math.Pi)))
			if !ok1 || !ok2 || !f.pair(outer, grad, x) || !f.is(exp, graph.OpExp) {
				continue
			}
			square, u := f.reg(exp).Operand[0], f.reg(register(erf)).Operand[0]
			if !f.is(square, graph.OpNeg) || !f.pair(f.reg(square).Operand[0], u, u) {
				continue
			}
			return &activation{kernel: geluGradKernel, operands: [3]compile.Ref{x, grad}, costly: []int{erf, exp.Index}}
		}
	}
	return nil
}

// pair reports whether r is the product of a and b.
func (f *finder) pair(r, a, b compile.Ref) bool {
	if !f.is(r, graph.OpMul) || !f.isVector(a) || !f.isVector(b) {
		return false
	}
	x, y := f.reg(r).Operand[0], f.reg(r).Operand[1]
	return x == a && y == b || x == b && y == a
}
