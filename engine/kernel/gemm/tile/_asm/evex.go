package main

import (
	"encoding/binary"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Instructions of AVX512_BF16 on 512-bit registers, which neither avo nor Go's
// assembler knows. All are EVEX.512.F3.0F38.W0.
var (
	dpbf16 = instruction{"VDPBF16PS", 0x52}
	// Its only source is the second one, and the destination half as wide.
	// VCVTNE2PS2BF16, which takes two, would save little, and the emulator that
	// the kernels are tried on converts only one of them.
	cvtneps2 = instruction{"VCVTNEPS2BF16", 0x72}
)

type instruction struct {
	name   string
	opcode byte
}

// bytes encodes the instruction on registers dst, a and b, each 0 to 31, in
// Intel's order: the second source is b. Without a first one a is 0.
func (i instruction) bytes(dst, a, b int) [6]byte {
	inverted := func(n, bit, at int) byte { return byte((^n>>bit)&1) << at }
	return [6]byte{
		0x62,
		// R, X, B and R' extend dst and b; 2 is the map 0F38.
		inverted(dst, 3, 7) | inverted(b, 4, 6) | inverted(b, 3, 5) | inverted(dst, 4, 4) | 2,
		byte(^a&15)<<3 | 1<<2 | 2, // W is 0; 2 stands for the prefix F3
		2<<5 | inverted(a, 4, 3),  // 512 bits; V' extends a
		i.opcode,
		3<<6 | byte(dst&7)<<3 | byte(b&7),
	}
}

// emit writes the instruction on registers in Intel's order.
func (i instruction) emit(dst, a, b reg.VecPhysical) {
	n := func(r reg.VecPhysical) int { return int(r.PhysicalIndex()) }
	code := i.bytes(n(dst), n(a), n(b))
	Instruction(&ir.Instruction{Opcode: "LONG", Operands: []Op{U32(binary.LittleEndian.Uint32(code[:]))}})
	Instruction(&ir.Instruction{Opcode: "WORD", Operands: []Op{U16(binary.LittleEndian.Uint16(code[4:]))}})
}
