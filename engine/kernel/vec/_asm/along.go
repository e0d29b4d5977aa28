package main

import (
	"strings"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// along writes the kernels that go along the rows of a matrix, with one number
// s[r] a row.
func (g *gen) along() {
	for _, k := range []struct {
		name, doc string
		f         func(a, s op) op
	}{
		{"addAlong", "a + s", g.add},
		{"subAlong", "a - s", g.sub},
		{"mulAlong", "a * s", g.mul},
	} {
		g.byRow(k.name, k.doc+" with a number a row", "dst a", func(p place, bases []reg.Register, s op) {
			p.store(k.f(p.load(bases[1]), s), bases[0])
		})
	}
	g.byRowOf("divAlong", "a / s with a number a row, by way of 1 / s where that is a normal number", "dst a", func(bases []reg.Register, n, s reg.Register, x op) {
		inverse, size := g.div(g.c(1), x), GP32()
		MOVL(operand.Mem{Base: s}, size)
		ANDL(operand.U32(1<<31-1), size)
		SUBL(operand.U32(0x00800000), size)            // 2⁻¹²⁶
		CMPL(size, operand.U32(0x7e000000-0x00800000)) // 2¹²⁵
		JA(operand.LabelRef("divide"))
		g.each(n, 4, func(p place, _ int) { p.store(g.mul(p.load(bases[1]), inverse), bases[0]) })
		JMP(operand.LabelRef("next"))
		Label("divide")
		g.prefix = "divide"
		g.each(n, 4, func(p place, _ int) { p.store(g.div(p.load(bases[1]), x), bases[0]) })
		g.prefix = ""
		Label("next")
	})
	g.byRow("mulAddAlong", "a * s + c with a number a row", "dst a c", func(p place, bases []reg.Register, s op) {
		p.store(g.mulAdd(p.load(bases[1]), s, p.load(bases[2])), bases[0])
	})
	g.byRow("mulAddTwiceAlong", "2*a*s + c with a number a row", "dst a c", func(p place, bases []reg.Register, s op) {
		p.store(g.twice(p.load(bases[1]), s, p.load(bases[2])), bases[0])
	})
	g.byRowOf("expAlong", "e to the a - s with a number a row", "dst a", func(bases []reg.Register, n, _ reg.Register, s op) {
		g.hold(89, -104)
		g.each(n, 2, func(p place, _ int) { p.store(g.exp(g.sub(p.load(bases[1]), s)), bases[0]) })
	})
	for _, f := range folds() {
		if f.name == "sum" || f.name == "dot" || f.name == "maxOf" {
			g.foldAlong(f)
		}
	}
}

// byRow writes the loops: over the rows, that many as s has elements, within
// them over columns.
func (g *gen) byRow(name, doc, matrices string, body func(p place, bases []reg.Register, s op)) {
	g.byRowOf(name, doc, matrices, func(bases []reg.Register, n, _ reg.Register, x op) {
		g.each(n, 4, func(p place, _ int) { body(p, bases, x) })
	})
}

// byRowOf is byRow with the loop over n columns left to row, which is given the
// row's number as a vector and the place of it.
func (g *gen) byRowOf(name, doc, matrices string, row func(bases []reg.Register, n, s reg.Register, x op)) {
	var bases []reg.Register
	list := strings.Join(strings.Fields(matrices), ", ")
	g.begin(name, "func("+list+", s []float32, cols int)", doc)
	for _, m := range strings.Fields(matrices) {
		bases = append(bases, base(m))
	}
	s, rows := base("s"), length("s")
	n := GP64()
	Label("row")
	SUBQ(operand.I32(1), rows)
	JL(operand.LabelRef("end"))
	x := g.vector()
	VBROADCASTSS(operand.Mem{Base: s}, x)
	Load(Param("cols"), n)
	row(bases, n, s, x)
	ADDQ(operand.I32(4), s)
	Load(Param("cols"), n)
	for _, b := range bases {
		LEAQ(operand.Mem{Base: b, Index: n, Scale: 4}, b)
	}
	JMP(operand.LabelRef("row"))
	Label("end")
	g.end()
}

// foldAlong writes a fold of every row.
func (g *gen) foldAlong(f fold) {
	const partial = 4 // rows are short
	g.begin(strings.TrimSuffix(f.name, "Of")+"Along", "func(dst, "+f.params+" []float32, cols int)", f.doc+", for every row")
	dst, rows := base("dst"), length("dst")
	var sources []reg.Register
	for _, s := range strings.Split(f.params, ", ") {
		sources = append(sources, base(s))
	}
	n := GP64()
	Label("row")
	SUBQ(operand.I32(1), rows)
	JL(operand.LabelRef("end"))
	acc := make([]op, partial)
	for i := range acc {
		acc[i] = g.copy(g.c(f.start))
	}
	Load(Param("cols"), n)
	g.each(n, partial, func(p place, u int) {
		var v []op
		for _, s := range sources {
			v = append(v, p.load(s))
		}
		f.step(p, acc[u], v)
	})
	Load(Param("cols"), n)
	for _, s := range sources {
		LEAQ(operand.Mem{Base: s, Index: n, Scale: 4}, s)
	}
	VMOVSS(g.lanesToOne(f, acc).(reg.VecVirtual).AsX(), operand.Mem{Base: dst})
	ADDQ(operand.I32(4), dst)
	JMP(operand.LabelRef("row"))
	Label("end")
	g.end()
}
