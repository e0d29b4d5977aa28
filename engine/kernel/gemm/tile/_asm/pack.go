package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// copyText copies SegLen rows of vecs vectors from A, AStep floats apart, to
// C, BStep floats apart.
func copyText(name string, vecs, bits int) {
	TEXT(name, NOSPLIT, "func(a *byte)")
	Doc(name + " copies SegLen short rows.")
	args, src, dst, sStep, dStep, n := reg.RAX, reg.RSI, reg.RDI, reg.R8, reg.R9, reg.RCX
	loadArgs(args)
	load(src, argA, args)
	load(dst, argC, args)
	load(sStep, argAStep, args)
	SHLQ(U8(2), sStep)
	load(dStep, argBStep, args)
	SHLQ(U8(2), dStep)
	load(n, argSegLen, args)
	Label("loop")
	for v := range vecs {
		VMOVUPS(Mem{Base: src, Disp: v * bits / 8}, vec(bits, v))
	}
	for v := range vecs {
		VMOVUPS(vec(bits, v), Mem{Base: dst, Disp: v * bits / 8})
	}
	ADDQ(sStep, src)
	ADDQ(dStep, dst)
	DECQ(n)
	JNZ(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

// transposeText turns eight rows of SegLen floats (a multiple of eight) into
// SegLen columns of eight, BStep floats apart.
func transposeText() {
	TEXT("transposeAVX2", NOSPLIT, "func(a *byte)")
	Doc("transposeAVX2 turns eight rows of SegLen floats into columns.")
	args, dst, step, step3, n, idx := reg.RAX, reg.RDI, reg.RBX, reg.RDX, reg.RCX, reg.RAX
	row := []reg.GPPhysical{reg.R8, reg.R9, reg.R10, reg.R11, reg.R12, reg.R13, reg.R14, reg.R15}
	loadArgs(args)
	load(reg.RCX, argA, args)
	load(reg.RDX, argAOff, args)
	for i := range row {
		MOVQ(Mem{Base: reg.RDX, Disp: 8 * i}, row[i])
		LEAQ(Mem{Base: reg.RCX, Index: row[i], Scale: 4}, row[i])
	}
	load(dst, argC, args)
	load(step, argBStep, args)
	SHLQ(U8(2), step)
	LEAQ(Mem{Base: step, Index: step, Scale: 2}, step3)
	load(n, argSegLen, args)
	SHRQ(U8(3), n)
	XORL(reg.EAX, reg.EAX)
	Label("loop")
	y := ymm
	// 4×4 blocks: the low half of y[i] holds row i, the high half row i+4.
	for half := range 2 {
		for i := range 4 {
			VMOVUPS(Mem{Base: row[i], Index: idx, Scale: 1, Disp: 16 * half}, y[i].AsX())
			VINSERTF128(U8(1), Mem{Base: row[i+4], Index: idx, Scale: 1, Disp: 16 * half}, y[i], y[i])
		}
		VUNPCKLPS(y[1], y[0], y[4]) // a0 b0 a1 b1
		VUNPCKHPS(y[1], y[0], y[5]) // a2 b2 a3 b3
		VUNPCKLPS(y[3], y[2], y[6])
		VUNPCKHPS(y[3], y[2], y[7])
		VUNPCKLPD(y[6], y[4], y[8]) // a0 b0 c0 d0
		VUNPCKHPD(y[6], y[4], y[9])
		VUNPCKLPD(y[7], y[5], y[10])
		VUNPCKHPD(y[7], y[5], y[11])
		VMOVUPS(y[8], Mem{Base: dst})
		VMOVUPS(y[9], Mem{Base: dst, Index: step, Scale: 1})
		VMOVUPS(y[10], Mem{Base: dst, Index: step, Scale: 2})
		VMOVUPS(y[11], Mem{Base: dst, Index: step3, Scale: 1})
		LEAQ(Mem{Base: dst, Index: step, Scale: 4}, dst)
	}
	ADDQ(U8(32), idx)
	DECQ(n)
	JNZ(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

// peakText runs SegLen rounds of independent multiply-adds on registers: the
// ceiling that the other kernels are held against.
func peakText(name string, regs, bits int) {
	TEXT(name, NOSPLIT, "func(a *byte)")
	Doc(name + " runs SegLen rounds of 2 independent multiply-adds on each accumulator.")
	loadArgs(reg.RAX)
	load(reg.RCX, argSegLen, reg.RAX)
	for i := range regs + 2 {
		z := vec(bits, i)
		if bits == 512 {
			VPXORQ(z, z, z)
		} else {
			VXORPS(z, z, z)
		}
	}
	Label("loop")
	for range 2 {
		for i := range regs {
			VFMADD231PS(vec(bits, regs), vec(bits, regs+1), vec(bits, i))
		}
	}
	DECQ(reg.RCX)
	JNZ(LabelRef("loop"))
	VZEROUPPER()
	RET()
}
