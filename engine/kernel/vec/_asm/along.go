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
		{"divAlong", "a / s", g.div},
	} {
		g.byRow(k.name, k.doc+" with a number a row", "dst a", func(p place, bases []reg.Register, s op) {
			p.store(k.f(p.load(bases[1]), s), bases[0])
		})
	}
	g.byRow("mulAddAlong", "a * s + c with a number a row", "dst a c", func(p place, bases []reg.Register, s op) {
		p.store(g.mulAdd(p.load(bases[1]), s, p.load(bases[2])), bases[0])
	})
	g.byRow("expAlong", "e to the a - s with a number a row", "dst a", func(p place, bases []reg.Register, s op) {
		p.store(g.exp(g.sub(p.load(bases[1]), s)), bases[0])
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
	ADDQ(operand.I32(4), s)
	Load(Param("cols"), n)
	g.each(n, 4, func(p place, _ int) { body(p, bases, x) })
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
