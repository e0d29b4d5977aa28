package cpu

import (
	"slices"

	"github.com/limner-ai/limner/engine/compile"
	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/kernel/vec"
)

// folded is what a sum is of: values, or the products of two, perhaps negated
// or scaled by a number a sum, which can be done to the sums as well. Then the
// products and what follows them need not be made.
type folded struct {
	values []compile.Ref
	minus  bool
	scale  compile.Ref // if it has a kind
	divide bool        // by scale
}

// findProducts looks for them among the sums.
func (a *assigner) findProducts(merged []mergedInst) {
	f := newFinder(a)
	for _, r := range a.l.Reduces {
		x := folded{values: []compile.Ref{r.Value}}
		if r.Op == graph.OpReduceSum {
			in := f.onlyFolded(merged, r.Value, 1, 0)
			for in != nil && f.linear(in, &x) {
				in.dead = true
				in = f.onlyFolded(merged, x.values[0], 0, 1)
			}
			if in != nil && in.Op == graph.OpMul && f.factor(in.Operand[0]) && f.factor(in.Operand[1]) {
				in.dead, x.values = true, in.Operand[:2]
			}
		}
		a.folded = append(a.folded, x)
	}
}

// linear notes in x what the instruction does to values that can be done to
// their sums, and reports whether it is such.
func (f *finder) linear(in *mergedInst, x *folded) bool {
	switch {
	case in.Operand[0].Kind != compile.Reg:
		return false
	case in.Op == graph.OpNeg:
		x.minus = !x.minus
	case (in.Op == graph.OpMul || in.Op == graph.OpDiv) && x.scale.Kind == compile.None && f.oneEach(in.Operand[1]):
		x.scale, x.divide = in.Operand[1], in.Op == graph.OpDiv
	default:
		return false
	}
	x.values[0] = in.Operand[0]
	return true
}

// oneEach reports whether the operand is one number for each of the loop's sums,
// which are next to one another, and no sum takes its place.
func (f *finder) oneEach(o compile.Ref) bool {
	if o.Kind != compile.Arg || f.l.Inner != 1 {
		return false
	}
	x := f.l.Args[o.Index]
	return slices.Equal(x.Dims, []int{f.l.Outer, f.l.Reduced}) && slices.Equal(x.Strides, []int{1, 0}) &&
		!slices.ContainsFunc(f.l.Reduces, func(r compile.Reduce) bool { return f.shares(o, r.Buffer) })
}

// findTwice joins a sum to which the same product is added twice, as by the
// derivative of a square.
func (a *assigner) findTwice(merged []mergedInst) {
	f := newFinder(a)
	for i := range merged {
		if merged[i].dead || merged[i].adam != nil || merged[i].special != nil || merged[i].Op != graph.OpAdd {
			continue
		}
		for j := range 2 {
			sum, product := merged[i].Operand[j], merged[i].Operand[1-j]
			x, y := f.onlyFolded(merged, sum, 0, 1), f.onlyFolded(merged, product, 0, 2)
			if x == nil || y == nil || x.Op != graph.OpAdd || x.mulAdd || y.Op != graph.OpMul {
				continue
			}
			k := slices.Index(x.Operand[:2], product)
			if k < 0 || !f.isVector(x.Operand[1-k]) || !f.isVector(y.Operand[0]) || !f.isVector(y.Operand[1]) {
				continue
			}
			x.dead, y.dead = true, true
			merged[i].Operand = [3]compile.Ref{y.Operand[0], y.Operand[1], x.Operand[1-k]}
			merged[i].mulAdd, merged[i].twice = true, true
			break
		}
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
