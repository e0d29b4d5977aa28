package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// outerText: tables say where each step of K starts in A and in B, which costs
// hardly more than adding fixed steps and follows any walk over pixels.
func (k kernel) outerText() {
	TEXT("outer"+k.name, NOSPLIT, "func(a *byte)")
	Doc("outer" + k.name + " is [Kernel.Outer].")
	k.variants(func(r int, label func(string) string) {
		args, a, b := reg.RAX, reg.RSI, reg.RDI
		aTable, bTable, n, aAt, bAt, main := reg.R8, reg.R9, reg.RCX, reg.R10, reg.R11, reg.RDX
		k.start(r, args, reg.RCX, reg.RDX, reg.RBX)
		load(a, argA, args)
		load(b, argB, args)
		load(aTable, argKOff, args)
		load(bTable, argBOff, args)

		one := func(u int) {
			MOVQ(Mem{Base: aTable, Disp: 8 * u}, aAt)
			MOVQ(Mem{Base: bTable, Disp: 8 * u}, bAt)
			k.step(r,
				func(v int) Mem { return Mem{Base: b, Index: bAt, Scale: 4, Disp: v * k.size()} },
				func(i int) Mem { return Mem{Base: a, Index: aAt, Scale: 4, Disp: 4 * i} })
		}
		load(n, argSegLen, args)
		MOVQ(n, main)
		ANDQ(U8(unroll-1), n)
		SHRQ(U8(2), main)
		JZ(LabelRef(label("rest")))
		Label(label("loop"))
		for u := range unroll {
			one(u)
		}
		ADDQ(U8(8*unroll), aTable)
		ADDQ(U8(8*unroll), bTable)
		DECQ(main)
		JNZ(LabelRef(label("loop")))
		Label(label("rest"))
		TESTQ(n, n)
		JZ(LabelRef(label("done")))
		one(0)
		ADDQ(U8(8), aTable)
		ADDQ(U8(8), bTable)
		DECQ(n)
		JMP(LabelRef(label("rest")))

		Label(label("done"))
		k.finish(r, label, args, reg.RCX, reg.RDX, reg.RBX)
	})
}

// depthText multiplies element by element instead: a channel of B meets only
// the same channel of A.
func (k kernel) depthText() {
	k.rows = min(k.rows, 6)
	TEXT("depth"+k.name, NOSPLIT, "func(a *byte)")
	Doc("depth" + k.name + " is [Kernel.Depth].")
	k.variants(func(r int, label func(string) string) {
		args, b, table, bStep, n, at := reg.RAX, reg.RBX, reg.RDX, reg.R15, reg.RCX, reg.RAX
		row := gpr[:r]
		k.start(r, args, reg.RCX, reg.RDX, reg.RBX)
		load(reg.RCX, argA, args)
		load(reg.RDX, argAOff, args)
		for i := range r {
			MOVQ(Mem{Base: reg.RDX, Disp: 8 * i}, row[i])
			LEAQ(Mem{Base: reg.RCX, Index: row[i], Scale: 4}, row[i])
		}
		load(b, argB, args)
		load(table, argKOff, args)
		load(bStep, argBStep, args)
		SHLQ(U8(2), bStep)
		load(n, argSegLen, args)
		Label(label("loop"))
		MOVQ(Mem{Base: table}, at)
		for v := range k.vecs {
			VMOVUPS(Mem{Base: b, Disp: v * k.size()}, k.b(r, v))
		}
		for i := range r {
			for v := range k.vecs {
				VFMADD231PS(Mem{Base: row[i], Index: at, Scale: 4, Disp: v * k.size()}, k.b(r, v), k.acc(i, v))
			}
		}
		ADDQ(bStep, b)
		ADDQ(U8(8), table)
		DECQ(n)
		JNZ(LabelRef(label("loop")))
		loadArgs(reg.RAX)
		k.finish(r, label, reg.RAX, reg.RCX, reg.RDX, reg.RBX)
	})
}
