package main

import (
	"strings"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// rows writes the reductions down the columns of a matrix, or of the product
// of two. The partial results of several vectors of columns stay in registers
// over all rows.
func (g *gen) rows() {
	zero := func(place, reg.Register) op { return g.copy(g.c(0)) }
	add := func(p place, acc op, to reg.Register) { p.store(g.add(acc, p.load(to)), to) }
	g.down("addRows", "the sum down the columns of a, added to acc", "a", 8, zero,
		func(acc op, x []op) { VADDPS(x[0], acc, acc) }, add)
	g.down("dotRows", "the sum down the columns of a * b, added to acc", "a, b", 8, zero,
		func(acc op, x []op) { g.accumulate(acc, x[0], x[1]) }, add)
	g.down("maxRows", "the maximum down the columns of a and acc", "a", 4,
		func(p place, to reg.Register) op { return p.load(to) },
		func(acc op, x []op) { VMOVAPS(g.max(acc, x[0]), acc) },
		func(p place, acc op, to reg.Register) { p.store(acc, to) })
}

// down writes the loops: over columns by each, within it over the rows.
func (g *gen) down(name, doc, matrices string, unroll int, start func(p place, to reg.Register) op, step func(acc op, x []op), finish func(p place, acc op, to reg.Register)) {
	g.begin(name, "func(acc, "+matrices+" []float32, rows, ld int)", doc)
	to, n := base("acc"), length("acc")
	var sources []reg.Register
	for _, m := range strings.Split(matrices, ", ") {
		sources = append(sources, base(m))
	}
	rows := Load(Param("rows"), GP64())
	ld := Load(Param("ld"), GP64())
	SHLQ(operand.U8(2), ld)
	g.eachBlock(n, unroll, func(label string, ps []place) {
		var acc []op
		for _, p := range ps {
			acc = append(acc, start(p, to))
		}
		at, left := make([]reg.Register, len(sources)), GP64()
		for i, s := range sources {
			at[i] = GP64()
			MOVQ(s, at[i])
		}
		MOVQ(rows, left)
		Label(label + "rows")
		for i, p := range ps {
			var x []op
			for _, row := range at {
				x = append(x, p.load(row))
			}
			step(acc[i], x)
		}
		for _, row := range at {
			ADDQ(ld, row)
		}
		DECQ(left)
		JNZ(operand.LabelRef(label + "rows"))
		for i, p := range ps {
			finish(p, acc[i], to)
		}
	})
	g.end()
}

// transpose writes the transposition of tiles of 8×8 that fill a matrix of
// rows×cols (multiples of 8) with the given strides. It goes down the rows
// first, so that whole cache lines of dst are written one after the other.
func (g *gen) transpose() {
	g.begin("transpose8", "func(dst, src []float32, rows, cols, dstStride, srcStride int)",
		"the transpose of rows×cols elements, both multiples of 8")
	dst, src := base("dst"), base("src")
	rows, cols := Load(Param("rows"), GP64()), Load(Param("cols"), GP64())
	ds, ss := Load(Param("dstStride"), GP64()), Load(Param("srcStride"), GP64())
	SHLQ(operand.U8(2), ds)
	SHLQ(operand.U8(2), ss)
	from, to, left := GP64(), GP64(), GP64()
	ds3, ss3 := GP64(), GP64()
	LEAQ(operand.Mem{Base: ds, Index: ds, Scale: 2}, ds3)
	LEAQ(operand.Mem{Base: ss, Index: ss, Scale: 2}, ss3)

	// row is the address of row i of 8, from base and base + 4 rows.
	row := func(base, base4, stride, stride3 reg.Register, i int) operand.Mem {
		b := base
		if i >= 4 {
			b = base4
		}
		switch i % 4 {
		case 1:
			return operand.Mem{Base: b, Index: stride, Scale: 1}
		case 2:
			return operand.Mem{Base: b, Index: stride, Scale: 2}
		case 3:
			return operand.Mem{Base: b, Index: stride3, Scale: 1}
		}
		return operand.Mem{Base: b}
	}

	Label("columns")
	MOVQ(src, from)
	MOVQ(dst, to)
	MOVQ(rows, left)
	Label("tiles")
	from4, to4 := GP64(), GP64()
	LEAQ(operand.Mem{Base: from, Index: ss, Scale: 4}, from4)
	LEAQ(operand.Mem{Base: to, Index: ds, Scale: 4}, to4)
	// Lanes i and i+4 of the result come from one 128-bit half each: load the
	// halves of rows i and i+4 side by side, then transpose 4×4 within them.
	half := func(column int) (out [4]op) {
		var r [4]op
		for i := range 4 {
			low := XMM()
			VMOVUPS(row(from, from4, ss, ss3, i).Offset(4*column), low)
			r[i] = YMM()
			VINSERTF128(operand.U8(1), row(from, from4, ss, ss3, i+4).Offset(4*column), low.AsY(), r[i])
		}
		pair := func(f func(my, y, y1 operand.Op), a, b op) op {
			d := YMM()
			f(b, a, d)
			return d
		}
		lo := func(b, a, d operand.Op) { VUNPCKLPS(b, a, d) }
		hi := func(b, a, d operand.Op) { VUNPCKHPS(b, a, d) }
		lo2 := func(b, a, d operand.Op) { VUNPCKLPD(b, a, d) }
		hi2 := func(b, a, d operand.Op) { VUNPCKHPD(b, a, d) }
		a, b := pair(lo, r[0], r[1]), pair(lo, r[2], r[3])
		c, d := pair(hi, r[0], r[1]), pair(hi, r[2], r[3])
		return [4]op{pair(lo2, a, b), pair(hi2, a, b), pair(lo2, c, d), pair(hi2, c, d)}
	}
	for column := 0; column < 8; column += 4 {
		for i, v := range half(column) {
			VMOVUPS(v, row(to, to4, ds, ds3, column+i))
		}
	}
	ADDQ(operand.I32(32), to)
	LEAQ(operand.Mem{Base: from, Index: ss, Scale: 8}, from)
	SUBQ(operand.I32(8), left)
	JG(operand.LabelRef("tiles"))
	ADDQ(operand.I32(32), src)
	LEAQ(operand.Mem{Base: dst, Index: ds, Scale: 8}, dst)
	SUBQ(operand.I32(8), cols)
	JG(operand.LabelRef("columns"))
	g.end()
}

// prefetch writes hints that memory will be read soon, one a cache line.
func (g *gen) prefetch() {
	g.begin("prefetch", "func(a []float32)", "a hint that a will be read soon")
	a, n := base("a"), length("a")
	LEAQ(operand.Mem{Base: a, Index: n, Scale: 4}, n)
	Label("line")
	CMPQ(a, n)
	JGE(operand.LabelRef("done"))
	PREFETCHT0(operand.Mem{Base: a})
	ADDQ(operand.I32(64), a)
	JMP(operand.LabelRef("line"))
	Label("done")
	RET()
}
