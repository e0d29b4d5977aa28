package cpu

import (
	"github.com/limner-ai/limner/engine/compile"
	"github.com/limner-ai/limner/engine/graph"
)

// mergedInst is an instruction of the loop, or a multiplication and addition
// in one.
type mergedInst struct {
	compile.Inst
	mulAdd  bool
	twice   bool        // with mulAdd, the product is added twice
	dead    bool        // merged into a later one
	special kernel      // of an activation, in place of Op
	along   alongKernel // with special, on whole rows
	adam    *adamMatch  // a whole step of Adam, in place of the last of its instructions
}

func (m *mergedInst) operands() []compile.Ref {
	if m.adam != nil {
		return m.adam.sources()
	}
	n := 0
	for n < len(m.Operand) && m.Operand[n].Kind != compile.None {
		n++
	}
	return m.Operand[:n]
}

// merge turns steps of Adam into one instruction, and additions of a product
// that nothing else uses into fused multiply-adds.
func (a *assigner) merge(stores map[int]compile.Store) []mergedInst {
	uses := make([]int, len(a.l.Insts))
	for _, in := range a.l.Insts {
		for _, o := range in.Operand {
			if o.Kind == compile.Reg {
				uses[o.Index]++
			}
		}
	}
	for _, r := range a.l.Reduces {
		if r.Value.Kind == compile.Reg {
			uses[r.Value.Index]++
		}
	}
	out := make([]mergedInst, len(a.l.Insts))
	for i, in := range a.l.Insts {
		out[i].Inst = in
	}
	a.findAdam(out)
	a.findActivations(out)
	a.findProducts(out)
	a.findTwice(out)
	for i, in := range a.l.Insts {
		if out[i].dead || out[i].adam != nil || out[i].special != nil || out[i].mulAdd {
			continue
		}
		if in.Op != graph.OpAdd {
			continue
		}
		for j := range 2 {
			o := in.Operand[j]
			if o.Kind != compile.Reg || uses[o.Index] != 1 || out[o.Index].Op != graph.OpMul || out[o.Index].dead || out[o.Index].special != nil {
				continue
			}
			if _, stored := stores[o.Index]; stored {
				continue
			}
			mul := &out[o.Index]
			x, y, z := mul.Operand[0], mul.Operand[1], in.Operand[1-j]
			if !a.vector(x) {
				x, y = y, x
			}
			// mulAdd, mulAddS and mulSAddS cover these; v·v + s is left alone.
			if !a.vector(x) || a.vector(y) && !a.vector(z) {
				continue
			}
			mul.dead = true
			out[i].Operand = [3]compile.Ref{x, y, z}
			out[i].mulAdd = true
			break
		}
	}
	a.findAlong(out)
	a.findExponentials(out)
	return out
}
