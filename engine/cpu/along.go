package cpu

import (
	"github.com/limner-ai/limner/engine/compile"
	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/kernel/vec"
)

// An operand with one number for each row of a matrix (a mean, the root of a
// variance) need not be spread over a block if all of its instructions have a
// kernel that takes the numbers as they are, and the block consists of whole
// rows. Otherwise it is expanded.

// alongKernel is an instruction on whole rows: s has a number a row.
type alongKernel func(dst, a, s, c []float32, cols int)

var alongKernels = map[graph.Op]alongKernel{
	graph.OpAdd: func(dst, a, s, _ []float32, cols int) { vec.AddAlong(dst, a, s, cols) },
	graph.OpSub: func(dst, a, s, _ []float32, cols int) { vec.SubAlong(dst, a, s, cols) },
	graph.OpMul: func(dst, a, s, _ []float32, cols int) { vec.MulAlong(dst, a, s, cols) },
	graph.OpDiv: func(dst, a, s, _ []float32, cols int) { vec.DivAlong(dst, a, s, cols) },
}

// alongMin is the shortest row that is worth it.
const alongMin = 16

// columns is the length of the rows of which the access has one number each,
// or 0.
func columns(a compile.Access) int {
	if len(a.Dims) == 2 && a.Strides[0] == 1 && a.Strides[1] == 0 && a.Dims[1] >= alongMin && a.Dims[1] <= block {
		return a.Dims[1]
	}
	return 0
}

// findAlong chooses the operands that are read so, and puts each second in its
// instruction.
func (a *assigner) findAlong(merged []mergedInst) {
	for i := range a.args {
		cols := columns(a.l.Args[i])
		if cols == 0 || a.cols != 0 && a.cols != cols || !a.allAlong(merged, i) {
			continue
		}
		a.cols = cols
		a.args[i].mode = along
		arg := compile.Ref{Kind: compile.Arg, Index: i}
		for k := range merged {
			if o := &merged[k].Operand; !merged[k].dead && o[0] == arg {
				o[0], o[1] = o[1], o[0]
			}
		}
	}
	if a.cols > 0 {
		a.step = block / a.cols * a.cols
		a.chunk = max(1, chunkSize/a.cols) * a.cols
	}
}

// allAlong reports whether every use of argument i has a kernel for it.
func (a *assigner) allAlong(merged []mergedInst, i int) bool {
	arg := compile.Ref{Kind: compile.Arg, Index: i}
	for k := range merged {
		in := &merged[k]
		if in.dead {
			continue
		}
		for j, o := range in.operands() {
			if o != arg {
				continue
			}
			if in.adam != nil || in.special != nil || j > 1 || !in.mulAdd && alongKernels[in.Op] == nil {
				return false
			}
			if j == 0 && (in.Op == graph.OpSub || in.Op == graph.OpDiv) {
				return false
			}
			if !a.spread(in.Operand[1-j]) || in.mulAdd && !a.spread(in.Operand[2]) {
				return false
			}
		}
	}
	for _, r := range a.l.Reduces {
		if r.Value == arg {
			return false
		}
	}
	return true
}

// spread reports whether the operand has a number for every element, and is
// not one that could be read along rows itself.
func (a *assigner) spread(o compile.Ref) bool {
	return o.Kind == compile.Reg || a.vector(o) && columns(a.l.Args[o.Index]) == 0
}

// alongOf is the instruction's kernel for whole rows, or nil.
func (a *assigner) alongOf(in mergedInst) alongKernel {
	if in.along != nil {
		return in.along
	}
	o := in.Operand[1]
	if in.special != nil || o.Kind != compile.Arg || a.args[o.Index].mode != along {
		return nil
	}
	if in.twice {
		return vec.MulAddTwiceAlong
	}
	if in.mulAdd {
		return vec.MulAddAlong
	}
	return alongKernels[in.Op]
}
