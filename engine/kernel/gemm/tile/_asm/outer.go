package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// outerText: A and B both hold K along their slow axis, with any step.
func (k kernel) outerText() {
	TEXT("outer"+k.name, NOSPLIT, "func(a *byte)")
	Doc("outer" + k.name + " is [Kernel.Outer].")
	k.variants(func(r int, label func(string) string) {
		args, a, b := reg.RAX, reg.RSI, reg.RDI
		aStep, bStep, n, segs, main := reg.R8, reg.R9, reg.RCX, reg.R10, reg.RDX
		k.start(r, label, args, reg.RCX, reg.RDX, reg.RBX)
		load(a, argA, args)
		load(b, argB, args)
		load(aStep, argAStep, args)
		SHLQ(U8(2), aStep)
		load(bStep, argBStep, args)
		SHLQ(U8(2), bStep)
		load(segs, argSegs, args)

		one := func() {
			k.step(r,
				func(v int) Mem { return Mem{Base: b, Disp: v * k.size()} },
				func(i int) Mem { return Mem{Base: a, Disp: 4 * i} })
			ADDQ(aStep, a)
			ADDQ(bStep, b)
		}
		Label(label("seg"))
		load(n, argSegLen, args)
		MOVQ(n, main)
		ANDQ(U8(unroll-1), n)
		SHRQ(U8(2), main)
		JZ(LabelRef(label("rest")))
		Label(label("loop"))
		for range unroll {
			one()
		}
		DECQ(main)
		JNZ(LabelRef(label("loop")))
		Label(label("rest"))
		TESTQ(n, n)
		JZ(LabelRef(label("next")))
		one()
		DECQ(n)
		JMP(LabelRef(label("rest")))

		Label(label("next"))
		DECQ(segs)
		JZ(LabelRef(label("done")))
		load(n, argASkip, args)
		LEAQ(Mem{Base: a, Index: n, Scale: 4}, a)
		load(n, argBSkip, args)
		LEAQ(Mem{Base: b, Index: n, Scale: 4}, b)
		JMP(LabelRef(label("seg")))

		Label(label("done"))
		k.finish(r, args, reg.RCX, reg.RDX, reg.RBX)
	})
}
