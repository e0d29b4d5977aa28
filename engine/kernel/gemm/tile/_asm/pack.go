package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// copyAhead is how many rows ahead of the copy the source is fetched: its rows
// lie pages apart, where no processor guesses.
const copyAhead = 8

// copyText packs Segs panels side by side: it copies SegLen rows of Segs times
// vecs vectors from A, AStep floats apart, to C, where the rows of a panel lie
// BStep and the panels CStep floats apart.
func copyText(name string, vecs, bits int) {
	TEXT(name, NOSPLIT, "func(a *byte)")
	Doc(name + " packs Segs panels.")
	args, src, dst, sStep, dStep, n := reg.RAX, reg.RSI, reg.RDI, reg.R8, reg.R9, reg.RCX
	panels, pStep, s, d, left, ahead := reg.R10, reg.R11, reg.RDX, reg.RBX, reg.R12, reg.R13
	loadArgs(args)
	load(src, argA, args)
	load(dst, argC, args)
	load(sStep, argAStep, args)
	SHLQ(U8(2), sStep)
	load(dStep, argBStep, args)
	SHLQ(U8(2), dStep)
	load(pStep, argCStep, args)
	SHLQ(U8(2), pStep)
	load(panels, argSegs, args)
	load(n, argSegLen, args)
	Label("row")
	MOVQ(src, s)
	MOVQ(dst, d)
	LEAQ(Mem{Base: src, Index: sStep, Scale: copyAhead}, ahead)
	MOVQ(panels, left)
	Label("panel")
	for line := 0; line < max(vecs*bits/8, 64); line += 64 {
		PREFETCHT0(Mem{Base: ahead, Disp: line})
	}
	for v := range vecs {
		VMOVUPS(Mem{Base: s, Disp: v * bits / 8}, vec(bits, v))
	}
	for v := range vecs {
		VMOVUPS(vec(bits, v), Mem{Base: d, Disp: v * bits / 8})
	}
	ADDQ(I32(vecs*bits/8), s)
	ADDQ(I32(vecs*bits/8), ahead)
	ADDQ(pStep, d)
	DECQ(left)
	JNZ(LabelRef("panel"))
	ADDQ(sStep, src)
	ADDQ(dStep, dst)
	DECQ(n)
	JNZ(LabelRef("row"))
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

// gatherText packs Segs tiles of A side by side: for every step of K it moves
// rows floats of each tile from where KOff says to BStep·k, tiles CStep apart.
// A tile's last vector is loaded under a mask, so as not to read beyond it, but
// stored whole: the next step overwrites the excess.
func gatherText(name string, rows int) {
	TEXT(name, NOSPLIT, "func(a *byte)")
	Doc(name + fmt.Sprintf(" packs Segs tiles of up to %d rows.", rows))
	args, src, dst, table, n := reg.RAX, reg.RSI, reg.RDI, reg.R8, reg.RCX
	tiles, dStep, tStep, s, d, left := reg.R9, reg.R10, reg.R11, reg.RDX, reg.RBX, reg.R12
	tStep3 := reg.R13
	loadArgs(args)
	load(src, argA, args)
	load(dst, argC, args)
	load(table, argKOff, args)
	load(n, argSegLen, args)
	load(tiles, argSegs, args)
	load(dStep, argBStep, args)
	SHLQ(U8(2), dStep)
	load(tStep, argCStep, args)
	SHLQ(U8(2), tStep)
	LEAQ(Mem{Base: tStep, Index: tStep, Scale: 2}, tStep3)
	// masks: lane l is loaded if l < Rows, for each vector of a tile
	lanes := GLOBL("lanes_"+name, RODATA|NOPTR)
	for l := range 16 {
		DATA(4*l, U32(l))
	}
	vecs := (rows + 7) / 8
	load(reg.RDX, argRows, args)
	VMOVD(reg.EDX, reg.X14)
	VPBROADCASTD(reg.X14, reg.Y14)
	for v := range vecs {
		VPCMPGTD(lanes.Offset(32*v), reg.Y14, ymm[8+v])
	}
	Label("step")
	MOVQ(Mem{Base: table}, s)
	LEAQ(Mem{Base: src, Index: s, Scale: 4}, s)
	MOVQ(dst, d)
	MOVQ(tiles, left)
	tile := func(i int, d Mem) {
		for v := range vecs {
			VMASKMOVPS(Mem{Base: s, Disp: 4*rows*i + 32*v}, ymm[8+v], ymm[2*i+v])
		}
		for v := range vecs {
			d := d
			d.Disp = 32 * v
			if rows-8*v <= 4 {
				VMOVUPS(ymm[2*i+v].AsX(), d)
			} else {
				VMOVUPS(ymm[2*i+v], d)
			}
		}
	}
	SUBQ(U8(4), left)
	JB(LabelRef("rest"))
	Label("four")
	tile(0, Mem{Base: d})
	tile(1, Mem{Base: d, Index: tStep, Scale: 1})
	tile(2, Mem{Base: d, Index: tStep, Scale: 2})
	tile(3, Mem{Base: d, Index: tStep3, Scale: 1})
	ADDQ(I32(16*rows), s)
	LEAQ(Mem{Base: d, Index: tStep, Scale: 4}, d)
	SUBQ(U8(4), left)
	JAE(LabelRef("four"))
	Label("rest")
	ADDQ(U8(4), left)
	JZ(LabelRef("next"))
	Label("tile")
	tile(0, Mem{Base: d})
	ADDQ(U8(4*rows), s)
	ADDQ(tStep, d)
	DECQ(left)
	JNZ(LabelRef("tile"))
	Label("next")
	ADDQ(U8(8), table)
	ADDQ(dStep, dst)
	DECQ(n)
	JNZ(LabelRef("step"))
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
