package compile

import (
	"slices"

	"github.com/limner-ai/limner/engine/graph"
)

// loop writes the code of a group. Buffers of everything that it reads from
// memory exist already; those it stores are made here by the caller's alloc.
func (c *compiler) loop(g *group) *Loop {
	l := &Loop{Size: g.size}
	if g.fold != nil {
		l.Outer, l.Reduced, l.Inner = g.fold.outer, g.fold.reduced, g.fold.inner
	}
	members := slices.Clone(g.members)
	slices.SortFunc(members, func(a, b *node) int { return a.id - b.id })
	reg := map[*node]int{}
	args := map[*node]int{}
	operand := func(n *node) Ref {
		if r, ok := reg[n]; ok {
			return Ref{Kind: Reg, Index: r}
		}
		if n.op == graph.OpFull {
			return Ref{Kind: Imm, Value: n.attr.(graph.FullAttr).Value}
		}
		if a, ok := args[n]; ok {
			return Ref{Kind: Arg, Index: a}
		}
		var acc Access
		if n.op == graph.OpBroadcast && n.buffer < 0 {
			acc = access(n)
			acc.Buffer = n.in[0].buffer
		} else {
			acc.Buffer = n.buffer
		}
		args[n] = len(l.Args)
		l.Args = append(l.Args, acc)
		return Ref{Kind: Arg, Index: args[n]}
	}
	for _, n := range members {
		switch {
		case n.folds():
			v := operand(n.in[0])
			if v.Kind == Imm || v.Kind == Arg && l.Args[v.Index].single() {
				// Folds work on vectors.
				l.Insts = append(l.Insts, Inst{Op: graph.OpBroadcast, Operand: [3]Ref{v}})
				v = Ref{Kind: Reg, Index: len(l.Insts) - 1}
			}
			l.Reduces = append(l.Reduces, Reduce{Op: n.op, Value: v, Buffer: n.buffer})
			continue
		case n.op == graph.OpFull:
			l.Insts = append(l.Insts, Inst{Op: graph.OpBroadcast, Operand: [3]Ref{{Kind: Imm, Value: n.attr.(graph.FullAttr).Value}}})
		case n.op == graph.OpBroadcast:
			acc := access(n)
			acc.Buffer = n.in[0].buffer
			l.Args = append(l.Args, acc)
			l.Insts = append(l.Insts, Inst{Op: graph.OpBroadcast, Operand: [3]Ref{{Kind: Arg, Index: len(l.Args) - 1}}})
		default:
			in := Inst{Op: n.op}
			if a, ok := n.attr.(graph.SlopeAttr); ok {
				in.Slope = a.Slope
			}
			for i, x := range n.in {
				in.Operand[i] = operand(x)
			}
			l.Insts = append(l.Insts, in)
		}
		reg[n] = len(l.Insts) - 1
		if n.buffer >= 0 {
			l.Stores = append(l.Stores, Store{Inst: reg[n], Buffer: n.buffer})
		}
	}
	if len(l.Stores) > 0 {
		l.guardFolds()
	}
	return l
}

// guardFolds copies operands that are folded straight from memory, because a
// store of the loop may take that memory and folds come after the stores.
func (l *Loop) guardFolds() {
	for i := range l.Reduces {
		v := &l.Reduces[i].Value
		if v.Kind == Arg {
			l.Insts = append(l.Insts, Inst{Op: graph.OpBroadcast, Operand: [3]Ref{*v}})
			*v = Ref{Kind: Reg, Index: len(l.Insts) - 1}
		}
	}
}

// access is how a broadcast reads its operand, with adjacent axes of the same
// kind merged.
func access(n *node) Access {
	from, to := n.inShape[0], n.shape
	var dims, strides []int
	fs := from.Strides()
	for i, d := range to {
		if d == 1 {
			continue
		}
		s := fs[i]
		if from[i] == 1 {
			s = 0
		}
		if k := len(dims) - 1; k >= 0 && strides[k] == s*d {
			dims[k] *= d
			strides[k] = s
			continue
		}
		dims, strides = append(dims, d), append(strides, s)
	}
	if len(dims) == 0 {
		dims, strides = []int{1}, []int{0}
	}
	return Access{Dims: dims, Strides: strides}
}
