package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// bfloat16Texts are the micro-kernels on pairs of bfloat16, which differ from
// those on floats in one instruction, VDPBF16PS instead of VFMADD231PS, and what
// makes pairs of floats.
func bfloat16Texts() {
	for _, k := range []kernel{
		{name: "PairsAVX512x32", rows: 12, vecs: 2, bits: 512, pairs: true},
		{name: "PairsAVX512x16", rows: 12, vecs: 1, bits: 512, pairs: true},
	} {
		k.rowsText()
		k.outerText()
	}
	for _, width := range []int{12, 16, 32} {
		foldText(width)
	}
	foldLineText()
	roundText()
}

// foldText makes pairs of SegLen pairs of rows: those of A lie AStep floats
// apart, those of C width. The first row's element comes to lie in the upper
// half of a word, which VDPBF16PS adds first.
func foldText(width int) {
	name := fmt.Sprintf("foldAVX512x%d", width)
	TEXT(name, NOSPLIT, "func(a *byte)")
	Doc(name + " is [Kernel.foldRows].")
	args, src, dst, step, n := reg.RAX, reg.RSI, reg.RDI, reg.RBX, reg.RCX
	loadArgs(args)
	load(src, argA, args)
	load(dst, argC, args)
	load(step, argAStep, args)
	SHLQ(U8(2), step)
	load(n, argSegLen, args)
	weave := GLOBL("weave_"+name, RODATA|NOPTR)
	for i := range 16 {
		DATA(4*i, U32(i|(16+i)<<16))
	}
	order := reg.Z31
	VMOVDQU32(weave, order)
	if width%16 != 0 {
		MOVL(U32(1<<(width%16)-1), reg.EDX)
		KMOVW(reg.EDX, reg.K1)
	}
	Label("pair")
	for i := 0; i < width; i += 16 {
		first, second := zmm[i/8], zmm[i/8+1]
		at, next := Mem{Base: src, Disp: 4 * i}, Mem{Base: src, Index: step, Scale: 1, Disp: 4 * i}
		if width-i < 16 {
			VMOVUPS_Z(at, reg.K1, first)
			VMOVUPS_Z(next, reg.K1, second)
		} else {
			VMOVUPS(at, first)
			VMOVUPS(next, second)
		}
		cvtneps2.emit(first, reg.Z0, first)
		cvtneps2.emit(second, reg.Z0, second)
		VINSERTI64X4(U8(1), first.AsY(), second, second)
		VPERMW(second, order, first)
	}
	// Only now, for dst may be src.
	for i := 0; i < width; i += 16 {
		if to := (Mem{Base: dst, Disp: 4 * i}); width-i < 16 {
			VMOVDQU32(zmm[i/8], reg.K1, to)
		} else {
			VMOVDQU32(zmm[i/8], to)
		}
	}
	LEAQ(Mem{Base: src, Index: step, Scale: 2}, src)
	ADDQ(I32(4*width), dst)
	DECQ(n)
	JNZ(LabelRef("pair"))
	VZEROUPPER()
	RET()
}

// foldLineText makes pairs of SegLen neighbours in A.
func foldLineText() {
	TEXT("foldLineAVX512", NOSPLIT, "func(a *byte)")
	Doc("foldLineAVX512 is [Kernel.foldLine] of SegLen floats.")
	args, src, dst, n := reg.RAX, reg.RSI, reg.RDI, reg.RCX
	loadArgs(args)
	load(src, argA, args)
	load(dst, argC, args)
	load(n, argSegLen, args)
	neighbours := func() {
		cvtneps2.emit(reg.Z0, reg.Z0, reg.Z0)
		cvtneps2.emit(reg.Z1, reg.Z0, reg.Z1)
		VINSERTI64X4(U8(1), reg.Y1, reg.Z0, reg.Z0)
		VPROLD(U8(16), reg.Z0, reg.Z0)
	}
	SUBQ(U8(32), n)
	JB(LabelRef("rest"))
	Label("loop")
	VMOVUPS(Mem{Base: src}, reg.Z0)
	VMOVUPS(Mem{Base: src, Disp: 64}, reg.Z1)
	neighbours()
	VMOVDQU32(reg.Z0, Mem{Base: dst})
	ADDQ(U8(127), src) // an immediate of 128 would take three bytes more
	INCQ(src)
	ADDQ(U8(64), dst)
	SUBQ(U8(32), n)
	JAE(LabelRef("loop"))
	Label("rest")
	ADDQ(U8(32), n)
	JZ(LabelRef("done"))
	ones := reg.RDX
	MOVL(U32(1), ones.As32())
	SHLQ(reg.CL, ones)
	DECQ(ones)
	KMOVW(ones.As32(), reg.K1)
	SHRQ(U8(16), ones)
	KMOVW(ones.As32(), reg.K2)
	INCQ(n)
	SHRQ(U8(1), n)
	MOVL(U32(1), ones.As32())
	SHLQ(reg.CL, ones)
	DECQ(ones)
	KMOVW(ones.As32(), reg.K3)
	VMOVUPS_Z(Mem{Base: src}, reg.K1, reg.Z0)
	VMOVUPS_Z(Mem{Base: src, Disp: 64}, reg.K2, reg.Z1)
	neighbours()
	VMOVDQU32(reg.Z0, reg.K3, Mem{Base: dst})
	Label("done")
	VZEROUPPER()
	RET()
}

// roundText rounds SegLen floats, a multiple of eight, in place.
func roundText() {
	TEXT("roundAVX2", NOSPLIT, "func(a *byte)")
	Doc("roundAVX2 rounds SegLen floats in C.")
	args, at, n := reg.RAX, reg.RSI, reg.RCX
	loadArgs(args)
	load(at, argC, args)
	load(n, argSegLen, args)
	constant := func(name string, bits uint32, y reg.VecPhysical) {
		c := GLOBL("round_"+name, RODATA|NOPTR)
		DATA(0, U32(bits))
		VPBROADCASTD(c, y)
	}
	one, bias, upper, sign, quiet, infinite, normal := reg.Y9, reg.Y10, reg.Y11, reg.Y12, reg.Y13, reg.Y14, reg.Y15
	constant("one", 1, one)
	constant("bias", 0x7fff, bias)
	constant("upper", 0xffff0000, upper)
	constant("sign", 0x80000000, sign)
	constant("quiet", 0x00400000, quiet)
	constant("infinite", 0x7f800000, infinite)
	constant("normal", 0x00800000, normal)
	x, size, sum, small, nan, t := reg.Y0, reg.Y1, reg.Y2, reg.Y3, reg.Y4, reg.Y5
	Label("loop")
	VMOVDQU(Mem{Base: at}, x)
	VPANDN(x, sign, size) // the magnitude
	VPCMPGTD(infinite, size, nan)
	VPCMPGTD(size, normal, small)
	// Half a unit of the last place that stays; ties go to even.
	VPSRLD(U8(16), x, sum)
	VPAND(one, sum, sum)
	VPADDD(bias, sum, sum)
	VPADDD(x, sum, sum)
	VPOR(quiet, x, t)
	VPBLENDVB(nan, t, sum, sum)
	VPAND(sign, x, t)
	VPBLENDVB(small, t, sum, sum)
	VPAND(upper, sum, sum)
	VMOVDQU(sum, Mem{Base: at})
	ADDQ(U8(32), at)
	SUBQ(U8(8), n)
	JNZ(LabelRef("loop"))
	VZEROUPPER()
	RET()
}
