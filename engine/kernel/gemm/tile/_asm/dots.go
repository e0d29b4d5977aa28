package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// dotRows is the tile height for each number of columns: twelve sums, or as
// many rows as there are registers to point at them.
var dotRows = []int{0, 8, 6, 4, 3}

// dotsText: few columns, so the lanes run along K and are added up at the end.
// The shorter side of the tile is held in registers, the longer one streams.
func (k kernel) dotsText(cols int) {
	k.vecs, k.rows = cols, dotRows[cols]
	name := fmt.Sprintf("dots%sx%d", k.name, cols)
	TEXT(name, NOSPLIT, "func(a *byte)")
	Doc(name + " is [Dots.Dot].")
	var mask, lanes Mem
	if k.bits == 256 {
		mask = AllocLocal(32)
		lanes = GLOBL("lanes_"+name, RODATA|NOPTR)
		for l := range 8 {
			DATA(4*l, U32(l))
		}
	}
	k.variants(func(r int, label func(string) string) {
		args, idx, b, step, step3, n := reg.RAX, reg.RAX, reg.RCX, reg.RDX, reg.RBX, reg.RDI
		segs := reg.RSI
		row := gpr[:r] // R8 to R15
		acc := k.acc
		stream := vec(k.bits, r*cols+min(cols, r))
		hold := func(i int) reg.VecPhysical { return vec(k.bits, r*cols+i) }

		k.startDots(r, label, reg.RCX, reg.RDX, reg.RBX)
		load(reg.RCX, argA, args)
		load(reg.RDX, argAOff, args)
		for i := range r {
			MOVQ(Mem{Base: reg.RDX, Disp: 8 * i}, row[i])
			LEAQ(Mem{Base: reg.RCX, Index: row[i], Scale: 4}, row[i])
		}
		// lanes below SegLen mod the vector length
		load(reg.RCX, argSegLen, args)
		ANDQ(U8(k.bits/32-1), reg.RCX)
		if k.bits == 256 {
			VMOVD(reg.ECX, stream.AsX())
			VPBROADCASTD(stream.AsX(), stream)
			VPCMPGTD(lanes, stream, stream)
			VMOVUPS(stream, mask)
		} else {
			MOVL(U32(1), reg.EDX)
			SHLL(reg.CL, reg.EDX)
			DECL(reg.EDX)
			KMOVW(reg.EDX, reg.K1)
		}
		load(b, argB, args)
		load(step, argBStep, args)
		SHLQ(U8(2), step)
		LEAQ(Mem{Base: step, Index: step, Scale: 2}, step3)
		load(segs, argSegs, args)
		XORL(reg.EAX, reg.EAX)

		loadVec := func(m Mem, dst reg.VecPhysical, tail bool) {
			switch {
			case !tail:
				VMOVUPS(m, dst)
			case k.bits == 256:
				VMOVUPS(mask, dst)
				VMASKMOVPS(m, dst, dst)
			default:
				VMOVUPS_Z(m, reg.K1, dst)
			}
		}
		col := func(c int) Mem {
			switch c {
			case 0:
				return Mem{Base: b}
			case 3:
				return Mem{Base: b, Index: step3, Scale: 1}
			}
			return Mem{Base: b, Index: step, Scale: uint8(c)}
		}
		rowAt := func(i int) Mem { return Mem{Base: row[i], Index: idx, Scale: 1} }
		one := func(tail bool) {
			if cols <= r {
				for c := range cols {
					loadVec(col(c), hold(c), tail)
				}
				for i := range r {
					loadVec(rowAt(i), stream, tail)
					for c := range cols {
						VFMADD231PS(stream, hold(c), acc(i, c))
					}
				}
				return
			}
			for i := range r {
				loadVec(rowAt(i), hold(i), tail)
			}
			for c := range cols {
				loadVec(col(c), stream, tail)
				for i := range r {
					VFMADD231PS(hold(i), stream, acc(i, c))
				}
			}
		}
		Label(label("seg"))
		loadArgs(n)
		load(n, argSegLen, n)
		SHRQ(U8(3+k.bits/512), n)
		JZ(LabelRef(label("tail")))
		Label(label("loop"))
		one(false)
		ADDQ(I32(k.size()), b)
		ADDQ(I32(k.size()), idx)
		DECQ(n)
		JNZ(LabelRef(label("loop")))
		Label(label("tail"))
		loadArgs(n)
		load(n, argSegLen, n)
		ANDQ(U8(k.bits/32-1), n)
		JZ(LabelRef(label("next")))
		one(true)
		LEAQ(Mem{Base: b, Index: n, Scale: 4}, b)
		LEAQ(Mem{Base: idx, Index: n, Scale: 4}, idx)
		Label(label("next"))
		DECQ(segs)
		JZ(LabelRef(label("done")))
		loadArgs(n)
		load(n, argASkip, n)
		LEAQ(Mem{Base: idx, Index: n, Scale: 4}, idx)
		JMP(LabelRef(label("seg")))

		Label(label("done"))
		k.finishDots(r)
	})
}

// startDots puts C, or nothing, into the first lane of each sum.
func (k kernel) startDots(r int, label func(string) string, c, off, at reg.Register) {
	args := reg.RAX
	for i := range r {
		for v := range k.vecs {
			acc := k.acc(i, v).AsX()
			VXORPS(acc, acc, acc) // clears the whole register
		}
	}
	load(at, argAcc, args)
	TESTQ(at, at)
	JZ(LabelRef(label("go")))
	load(c, argC, args)
	load(off, argCOff, args)
	for i := range r {
		MOVQ(Mem{Base: off, Disp: 8 * i}, at)
		for v := range k.vecs {
			if v > 0 {
				load(reg.RDI, argCStep, args)
				ADDQ(reg.RDI, at)
			}
			VMOVSS(Mem{Base: c, Index: at, Scale: 4}, k.acc(i, v).AsX())
		}
	}
	Label(label("go"))
}

// finishDots adds up the lanes and stores the sums.
func (k kernel) finishDots(r int) {
	args, c, off, at, step := reg.RAX, reg.RCX, reg.RDX, reg.RBX, reg.RDI
	tmp := vec(k.bits, r*k.vecs)
	loadArgs(args)
	load(c, argC, args)
	load(off, argCOff, args)
	load(step, argCStep, args)
	for i := range r {
		MOVQ(Mem{Base: off, Disp: 8 * i}, at)
		for v := range k.vecs {
			acc := k.acc(i, v)
			if k.bits == 512 {
				VEXTRACTF64X4(U8(1), acc, tmp.AsY())
				VADDPS(tmp.AsY(), acc.AsY(), acc.AsY())
			}
			VEXTRACTF128(U8(1), acc.AsY(), tmp.AsX())
			VADDPS(tmp.AsX(), acc.AsX(), acc.AsX())
			VMOVHLPS(acc.AsX(), acc.AsX(), tmp.AsX())
			VADDPS(tmp.AsX(), acc.AsX(), acc.AsX())
			VMOVSHDUP(acc.AsX(), tmp.AsX())
			VADDSS(tmp.AsX(), acc.AsX(), acc.AsX())
			VMOVSS(acc.AsX(), Mem{Base: c, Index: at, Scale: 4})
			if v < k.vecs-1 {
				ADDQ(step, at)
			}
		}
	}
}
