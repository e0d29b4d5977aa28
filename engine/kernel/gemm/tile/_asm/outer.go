package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// outerText: the steps of K lie evenly in A and in B, four of them at a time
// addressed from the same two registers, so that next to nothing but loads and
// multiply-adds is left in the loop: a core that shares its front end with
// another thread starts few instructions a cycle.
func (k kernel) outerText() {
	TEXT("outer"+k.name, NOSPLIT, "func(a *byte)")
	Doc("outer" + k.name + " is [Kernel.Outer].")
	k.tiles(argA, func(r int, at cursor, label func(string) string) {
		args, n, main := reg.RAX, reg.RCX, reg.RDX
		a, a1, a3 := reg.RSI, reg.R8, reg.R9
		b, b1, b3 := reg.RDI, reg.R10, reg.R11
		k.start(r, args, at.c, reg.RCX, reg.RDX, reg.RBX)
		k.fetch(label, args, at.fetch, reg.RCX, reg.RDX)
		MOVQ(at.a, a)
		load(b, argB, args)
		for _, step := range []struct {
			field      int
			one, three reg.Register
		}{{argAStep, a1, a3}, {argBStep, b1, b3}} {
			load(step.one, step.field, args)
			SHLQ(U8(2), step.one)
			LEAQ(Mem{Base: step.one, Index: step.one, Scale: 2}, step.three)
		}
		step := func(u int) {
			k.step(r,
				func(v int) Mem { return strided(b, b1, b3, u, v*k.size()) },
				func(i int) Mem { return strided(a, a1, a3, u, 4*i) })
		}
		fours := 1
		if r == k.rows {
			fours = 2
		}
		load(n, argSegLen, args)
		MOVQ(n, main)
		ANDQ(U8(4*fours-1), n)
		SHRQ(U8(1+fours), main)
		JZ(LabelRef(label("rest")))
		Label(label("loop"))
		for range fours {
			for u := range 4 {
				step(u)
			}
			LEAQ(Mem{Base: a, Index: a1, Scale: 4}, a)
			LEAQ(Mem{Base: b, Index: b1, Scale: 4}, b)
		}
		DECQ(main)
		JNZ(LabelRef(label("loop")))
		Label(label("rest"))
		TESTQ(n, n)
		JZ(LabelRef(label("done")))
		Label(label("one"))
		step(0)
		ADDQ(a1, a)
		ADDQ(b1, b)
		DECQ(n)
		JNZ(LabelRef(label("one")))
		Label(label("done"))
		k.finish(r, label, args, at.c, reg.RCX, reg.RDX, reg.RBX)
	})
}

// walkText: tables say where each step of K starts in A and in B.
func (k kernel) walkText() {
	TEXT("walk"+k.name, NOSPLIT, "func(a *byte)")
	Doc("walk" + k.name + " is [Kernel.Walk].")
	k.tiles(argA, func(r int, at cursor, label func(string) string) {
		args, n, main := reg.RAX, reg.RCX, reg.RDX
		a, aTable, aAt := reg.RSI, reg.R8, reg.R9
		b, bTable, bAt := reg.RDI, reg.R10, reg.R11
		k.start(r, args, at.c, reg.RCX, reg.RDX, reg.RBX)
		k.fetch(label, args, at.fetch, reg.RCX, reg.RDX)
		MOVQ(at.a, a)
		load(b, argB, args)
		load(aTable, argKOff, args)
		load(bTable, argBOff, args)
		step := func(u int) {
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
			step(u)
		}
		ADDQ(U8(8*unroll), aTable)
		ADDQ(U8(8*unroll), bTable)
		DECQ(main)
		JNZ(LabelRef(label("loop")))
		Label(label("rest"))
		TESTQ(n, n)
		JZ(LabelRef(label("done")))
		Label(label("one"))
		step(0)
		ADDQ(U8(8), aTable)
		ADDQ(U8(8), bTable)
		DECQ(n)
		JNZ(LabelRef(label("one")))
		Label(label("done"))
		k.finish(r, label, args, at.c, reg.RCX, reg.RDX, reg.RBX)
	})
}

// strided is where step u of four starts, for the registers that hold one and
// three times the distance between steps.
func strided(base, one, three reg.Register, u, disp int) Mem {
	switch u {
	case 1, 2:
		return Mem{Base: base, Index: one, Scale: uint8(u), Disp: disp}
	case 3:
		return Mem{Base: base, Index: three, Scale: 1, Disp: disp}
	}
	return Mem{Base: base, Disp: disp}
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
		k.start(r, args, Mem{Base: args, Disp: argCOff}, reg.RCX, reg.RDX, reg.RBX)
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
		k.finish(r, label, reg.RAX, Mem{Base: reg.RAX, Disp: argCOff}, reg.RCX, reg.RDX, reg.RBX)
	})
}
