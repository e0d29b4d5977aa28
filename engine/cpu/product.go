package cpu

import (
	"slices"

	"github.com/limner-ai/limner/engine/compile"
	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/kernel/vec"
)

// folded is what a reduction folds: values, or the products of two, or what
// they are the negatives of. Then the products and negatives need not be made.
type folded struct {
	values []compile.Ref
	minus  bool
}

// findProducts looks for them among the sums.
func (a *assigner) findProducts(merged []mergedInst) {
	f := newFinder(a)
	for _, r := range a.l.Reduces {
		x := folded{values: []compile.Ref{r.Value}}
		if r.Op == graph.OpReduceSum {
			uses := 0 // other than by the reduction
			if in := f.onlyFolded(merged, r.Value, 1, 0); in != nil && in.Op == graph.OpNeg && in.Operand[0].Kind == compile.Reg {
				in.dead, x.minus, x.values[0], uses = true, true, in.Operand[0], 1
			}
			in := f.onlyFolded(merged, x.values[0], 1-uses, uses)
			if in != nil && in.Op == graph.OpMul && f.factor(in.Operand[0]) && f.factor(in.Operand[1]) {
				in.dead, x.values = true, in.Operand[:2]
			}
		}
		a.folded = append(a.folded, x)
	}
}

// onlyFolded is the instruction with result r, if it has no more uses than so
// many by reductions and by other instructions.
func (f *finder) onlyFolded(merged []mergedInst, r compile.Ref, reductions, others int) *mergedInst {
	if r.Kind != compile.Reg || merged[r.Index].dead || merged[r.Index].adam != nil || merged[r.Index].special != nil {
		return nil
	}
	for _, x := range f.l.Reduces {
		if x.Value == r {
			reductions--
		}
	}
	if reductions < 0 || len(f.users[r.Index]) > others || f.stored(r.Index) {
		return nil
	}
	return &merged[r.Index]
}

func (f *finder) stored(inst int) bool {
	return slices.ContainsFunc(f.l.Stores, func(s compile.Store) bool { return s.Inst == inst })
}

// factor reports whether o is a vector that is still there when the block is
// done, whose results may go to the memory of an argument.
func (f *finder) factor(o compile.Ref) bool {
	return f.spread(o) && !slices.ContainsFunc(f.l.Stores, func(s compile.Store) bool { return f.shares(o, s.Buffer) })
}

// findExponentials joins the subtraction of a number a row with the exponential
// of the difference.
func (a *assigner) findExponentials(merged []mergedInst) {
	f := newFinder(a)
	for i := range merged {
		in := &merged[i]
		if in.dead || in.special != nil || in.Op != graph.OpExp {
			continue
		}
		x := f.onlyFolded(merged, in.Operand[0], 0, 1)
		if x == nil || x.Op != graph.OpSub || a.alongOf(*x) == nil {
			continue
		}
		x.dead = true
		in.Operand, in.special, in.along = x.Operand, expSub, expAlong
	}
}

func expAlong(dst, a, s, _ []float32, cols int) { vec.ExpAlong(dst, a, s, cols) }

// expSub is e to the a - b.
func expSub(dst, a, b, _ []float32, _, _ float32) {
	vec.Sub(dst, a, b)
	vec.Exp(dst, dst)
}
