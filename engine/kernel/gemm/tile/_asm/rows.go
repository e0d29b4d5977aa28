package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// unroll is the number of steps of K between two tests of the loop.
const unroll = 4

// rowsText: A is a pointer for each row, B a packed panel. All rows advance
// together, so one index serves them all, over the gaps between segments too.
func (k kernel) rowsText() {
	TEXT("rows"+k.name, NOSPLIT, "func(a *byte)")
	Doc("rows" + k.name + " is [Kernel.Rows].")
	end4, end, segs, panel := AllocLocal(8), AllocLocal(8), AllocLocal(8), AllocLocal(8)
	k.tiles(argAOff, func(r int, at cursor, label func(string) string) {
		args, idx, b := reg.RAX, reg.RAX, reg.RCX
		steps := unroll
		if r == k.rows {
			steps = 2 * unroll
		}
		row := gpr[:r]
		k.start(r, args, at.c, reg.RCX, reg.RDX, reg.RBX)
		k.fetch(label, args, at.fetch, reg.RCX, reg.RDX)
		load(reg.RCX, argSegs, args)
		MOVQ(reg.RCX, segs)
		load(reg.RCX, argA, args)
		MOVQ(at.a, reg.RDX)
		for i := range r {
			if row[i] == reg.RDX { // the table's own register goes last
				continue
			}
			MOVQ(Mem{Base: reg.RDX, Disp: 8 * i}, row[i])
			LEAQ(Mem{Base: reg.RCX, Index: row[i], Scale: 4}, row[i])
		}
		if r == 12 {
			MOVQ(Mem{Base: reg.RDX, Disp: 8 * 11}, reg.RDX)
			LEAQ(Mem{Base: reg.RCX, Index: reg.RDX, Scale: 4}, reg.RDX)
		}
		load(b, argB, args)
		// ends of the first segment, in bytes
		load(reg.RAX, argSegLen, args)
		SHLQ(U8(2), reg.RAX)
		MOVQ(reg.RAX, end)
		ANDQ(I32(-4*steps), reg.RAX)
		MOVQ(reg.RAX, end4)
		XORL(reg.EAX, reg.EAX)

		one := func(u int) {
			k.step(r,
				func(v int) Mem { return Mem{Base: b, Disp: (u*k.vecs + v) * k.size()} },
				func(i int) Mem { return Mem{Base: row[i], Index: idx, Scale: 1, Disp: 4 * u} })
		}
		Label(label("seg"))
		CMPQ(idx, end4)
		JGE(LabelRef(label("rest")))
		Label(label("loop"))
		for u := range steps {
			one(u)
		}
		ADDQ(I32(steps*k.vecs*k.size()), b)
		ADDQ(U8(4*steps), idx)
		CMPQ(idx, end4)
		JLT(LabelRef(label("loop")))
		Label(label("rest"))
		CMPQ(idx, end)
		JGE(LabelRef(label("next")))
		one(0)
		ADDQ(U8(k.vecs*k.size()), b)
		ADDQ(U8(4), idx)
		JMP(LabelRef(label("rest")))

		Label(label("next"))
		DECQ(segs)
		JZ(LabelRef(label("done")))
		// b's register holds the argument pointer for a while
		args = b
		MOVQ(b, panel)
		loadArgs(args)
		load(args, argASkip, args)
		LEAQ(Mem{Base: idx, Index: args, Scale: 4}, idx)
		loadArgs(args)
		load(args, argSegLen, args)
		LEAQ(Mem{Base: idx, Index: args, Scale: 4}, args)
		MOVQ(args, end)
		SUBQ(idx, args)
		ANDQ(I32(-4*steps), args)
		ADDQ(idx, args)
		MOVQ(args, end4)
		MOVQ(panel, b)
		JMP(LabelRef(label("seg")))

		Label(label("done"))
		loadArgs(reg.RAX)
		k.finish(r, label, reg.RAX, at.c, reg.RCX, reg.RDX, reg.RBX)
	})
}
