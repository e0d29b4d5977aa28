// Command asm writes the assembly of the micro-kernels: one text per operand
// layout, instruction set and tile width, each holding a variant for every
// number of rows up to its tile height.
package main

import (
	"flag"
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Byte offsets of the fields of tile.Args.
const (
	argA      = 0
	argB      = 8
	argC      = 16
	argAOff   = 24
	argCOff   = 32
	argRows   = 40
	argSegs   = 48
	argSegLen = 56
	argASkip  = 64
	argKOff   = 72
	argAStep  = 80
	argBStep  = 88
	argAcc    = 96
	argBOff   = 104
	argCStep  = 112
	argFetch  = 120
	argLines  = 128
	argATile  = 136
)

// kernel describes one text.
type kernel struct {
	name string
	rows int // tile height
	vecs int // tile width in vectors
	bits int // vector size, 256 or 512

	pairs bool // operands are pairs of bfloat16
}

func main() {
	pairs := flag.Bool("bfloat16", false, "write the texts that work on bfloat16")
	flag.Parse()
	ConstraintExpr("amd64")
	if *pairs {
		bfloat16Texts()
		Generate()
		return
	}
	for _, k := range []kernel{
		{name: "AVX2x16", rows: 6, vecs: 2, bits: 256},
		{name: "AVX2x8", rows: 12, vecs: 1, bits: 256},
		{name: "AVX2x32", rows: 3, vecs: 4, bits: 256},
		{name: "AVX512x32", rows: 12, vecs: 2, bits: 512},
		{name: "AVX512x16", rows: 12, vecs: 1, bits: 512},
	} {
		k.rowsText()
		k.outerText()
		k.walkText()
		k.depthText()
	}
	for cols := 1; cols <= 4; cols++ {
		kernel{name: "AVX2", bits: 256}.dotsText(cols)
		kernel{name: "AVX512", bits: 512}.dotsText(cols)
	}
	copyText("copyAVX2x8", 1, 256)
	copyText("copyAVX2x16", 2, 256)
	copyText("copyAVX2x32", 4, 256)
	copyText("copyAVX512x32", 2, 512)
	transposeText()
	gatherText("gatherAVX2x3", 3)
	gatherText("gatherAVX2x6", 6)
	gatherText("gatherAVX2x12", 12)
	peakText("peakAVX2", 12, 256)
	peakText("peakAVX512", 24, 512)
	Generate()
}

// vec is vector register i of the given size.
func vec(bits, i int) reg.VecPhysical {
	if bits == 512 {
		return zmm[i]
	}
	return ymm[i]
}

var (
	ymm = []reg.VecPhysical{reg.Y0, reg.Y1, reg.Y2, reg.Y3, reg.Y4, reg.Y5, reg.Y6, reg.Y7,
		reg.Y8, reg.Y9, reg.Y10, reg.Y11, reg.Y12, reg.Y13, reg.Y14, reg.Y15}
	zmm = []reg.VecPhysical{reg.Z0, reg.Z1, reg.Z2, reg.Z3, reg.Z4, reg.Z5, reg.Z6, reg.Z7,
		reg.Z8, reg.Z9, reg.Z10, reg.Z11, reg.Z12, reg.Z13, reg.Z14, reg.Z15,
		reg.Z16, reg.Z17, reg.Z18, reg.Z19, reg.Z20, reg.Z21, reg.Z22, reg.Z23,
		reg.Z24, reg.Z25, reg.Z26, reg.Z27, reg.Z28, reg.Z29, reg.Z30, reg.Z31}
	// The registers for A's rows come first; at twelve rows all are taken.
	gpr = []reg.GPPhysical{reg.R8, reg.R9, reg.R10, reg.R11, reg.R12, reg.R13, reg.R14, reg.R15,
		reg.RSI, reg.RDI, reg.RBX, reg.RDX, reg.RCX, reg.RAX}
)

// registers of one variant with r rows: accumulators first, then the B
// vectors, then the rest in turn for broadcast elements of A.
func (k kernel) acc(row, v int) reg.VecPhysical { return vec(k.bits, row*k.vecs+v) }
func (k kernel) b(r, v int) reg.VecPhysical     { return vec(k.bits, r*k.vecs+v) }
func (k kernel) a(r, i int) reg.VecPhysical {
	first := r*k.vecs + k.vecs
	n := min(k.bits/16-first, 6)
	return vec(k.bits, first+i%n)
}
func (k kernel) size() int { return k.bits / 8 }

func load(dst reg.Register, field int, args reg.Register) {
	MOVQ(Mem{Base: args, Disp: field}, dst)
}

func loadArgs(dst reg.GPPhysical) { Load(Param("a"), dst) }

// variants emits the choice of a variant by Args.Rows, full tiles first.
func (k kernel) variants(body func(r int, label func(string) string)) {
	loadArgs(reg.RAX)
	load(reg.RCX, argRows, reg.RAX)
	for r := k.rows; r > 1; r-- {
		CMPQ(reg.RCX, U8(r))
		JEQ(LabelRef(fmt.Sprintf("r%d", r)))
	}
	for r := 1; r <= k.rows; r++ {
		label := func(s string) string { return fmt.Sprintf("r%d%s", r, s) }
		Label(label(""))
		body(r, label)
		VZEROUPPER()
		RET()
	}
}

// cursor is what changes from one tile to the next: the rows left, where the
// tables of rows are at or, in A, the tile, and what to fetch.
type cursor struct{ left, a, c, fetch Mem }

// tiles emits a loop over tiles, full ones first, each computed by the variant
// for its rows. aField points at what a tile of A is found by.
func (k kernel) tiles(aField int, body func(r int, at cursor, label func(string) string)) {
	at := cursor{AllocLocal(8), AllocLocal(8), AllocLocal(8), AllocLocal(8)}
	loadArgs(reg.RAX)
	for _, v := range []struct {
		field int
		to    Mem
	}{{argRows, at.left}, {aField, at.a}, {argCOff, at.c}, {argFetch, at.fetch}} {
		load(reg.RCX, v.field, reg.RAX)
		MOVQ(reg.RCX, v.to)
	}
	Label("tile")
	loadArgs(reg.RAX)
	MOVQ(at.left, reg.RCX)
	CMPQ(reg.RCX, U8(k.rows))
	JGE(LabelRef(fmt.Sprintf("r%d", k.rows)))
	for r := k.rows - 1; r > 1; r-- {
		CMPQ(reg.RCX, U8(r))
		JEQ(LabelRef(fmt.Sprintf("r%d", r)))
	}
	for r := 1; r <= k.rows; r++ {
		label := func(s string) string { return fmt.Sprintf("r%d%s", r, s) }
		Label(label(""))
		body(r, at, label)
		if r == k.rows {
			SUBQ(U8(r), at.left)
			JZ(LabelRef("end"))
			ADDQ(U8(8*r), at.c)
			if aField == argAOff {
				ADDQ(U8(8*r), at.a)
			} else {
				loadArgs(reg.RAX)
				load(reg.RCX, argATile, reg.RAX)
				SHLQ(U8(2), reg.RCX)
				ADDQ(reg.RCX, at.a)
			}
			JMP(LabelRef("tile"))
			Label("end")
		}
		VZEROUPPER()
		RET()
	}
}

// start clears the accumulators and has C brought closer, which finish adds
// to or overwrites: its rows may lie pages apart. args holds the argument
// pointer and cOff points at the table of rows; t1..t3 are free.
func (k kernel) start(r int, args reg.Register, cOff Mem, t1, t2, t3 reg.Register) {
	load(t1, argC, args)
	MOVQ(cOff, t2)
	for i := range r {
		MOVQ(Mem{Base: t2, Disp: 8 * i}, t3)
		for line := 0; line < k.vecs*k.size(); line += 64 {
			PREFETCHT0(Mem{Base: t1, Index: t3, Scale: 4, Disp: line})
		}
		for v := range k.vecs {
			acc := k.acc(i, v)
			if k.bits == 512 {
				VPXORQ(acc, acc, acc)
			} else {
				VXORPS(acc, acc, acc)
			}
		}
	}
}

// fetch brings the next Lines cache lines closer, for the calls to come.
func (k kernel) fetch(label func(string) string, args reg.Register, from Mem, n, at reg.Register) {
	load(n, argLines, args)
	MOVQ(from, at)
	JMP(LabelRef(label("fetched")))
	Label(label("fetch"))
	PREFETCHT1(Mem{Base: at})
	ADDQ(U8(64), at)
	Label(label("fetched"))
	DECQ(n)
	JGE(LabelRef(label("fetch")))
	MOVQ(at, from)
}

// finish stores the accumulators to C, or adds them.
func (k kernel) finish(r int, label func(string) string, args reg.Register, cOff Mem, t1, t2, t3 reg.Register) {
	load(t3, argAcc, args)
	load(t1, argC, args)
	MOVQ(cOff, t2)
	TESTQ(t3, t3)
	JZ(LabelRef(label("store")))
	for i := range r {
		MOVQ(Mem{Base: t2, Disp: 8 * i}, t3)
		for v := range k.vecs {
			VADDPS(Mem{Base: t1, Index: t3, Scale: 4, Disp: v * k.size()}, k.acc(i, v), k.acc(i, v))
		}
	}
	Label(label("store"))
	for i := range r {
		MOVQ(Mem{Base: t2, Disp: 8 * i}, t3)
		for v := range k.vecs {
			VMOVUPS(k.acc(i, v), Mem{Base: t1, Index: t3, Scale: 4, Disp: v * k.size()})
		}
	}
}

// step multiplies one element a row of A by one row of B. The shorter side of
// the tile is held in registers.
func (k kernel) step(r int, b func(v int) Mem, a func(i int) Mem) {
	if k.vecs > k.rows {
		for i := range r {
			VBROADCASTSS(a(i), vec(k.bits, r*k.vecs+i))
		}
		for v := range k.vecs {
			x := vec(k.bits, r*k.vecs+r)
			VMOVUPS(b(v), x)
			for i := range r {
				k.multiplyAdd(vec(k.bits, r*k.vecs+i), x, k.acc(i, v))
			}
		}
		return
	}
	for v := range k.vecs {
		VMOVUPS(b(v), k.b(r, v))
	}
	for i := range r {
		x := k.a(r, i)
		VBROADCASTSS(a(i), x)
		for v := range k.vecs {
			k.multiplyAdd(x, k.b(r, v), k.acc(i, v))
		}
	}
}

// multiplyAdd adds the products of two vectors to a third.
func (k kernel) multiplyAdd(a, b, sum reg.VecPhysical) {
	if k.pairs {
		dpbf16.emit(sum, b, a)
		return
	}
	VFMADD231PS(a, b, sum)
}
