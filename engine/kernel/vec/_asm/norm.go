package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// norm writes the standardisation of rows and its gradient. A row is read again
// while it is in the first-level cache.
func (g *gen) norm() {
	sum := fold{join: (*gen).add}

	g.begin("standardise", "func(dst, inverse, a []float32, rows, cols int, unit, eps float32)",
		"(a - mean)/√(variance + eps) for every row of a, unit being 1/cols; inverse is by what the differences are multiplied")
	dst, inverse, a := base("dst"), base("inverse"), base("a")
	unit, eps := g.spread("unit"), g.spread("eps")
	g.rowsFrom(func(n reg.Register) {
		acc := g.partial(0)
		g.sweep("sum", n, func(p place, u int) {
			VADDPS(p.load(a), acc[u], acc[u])
			p.ahead(u, a)
		})
		mean := g.mul(g.lanesOf(sum, acc), unit)
		acc = g.partial(0)
		g.sweep("squares", n, func(p place, u int) {
			d := g.sub(p.load(a), mean)
			if p.mask != nil {
				d = g.keep(p.mask, d)
			}
			g.accumulate(acc[u], d, d)
			p.ahead(u, dst)
		})
		r := g.div(g.c(1), g.sqrt(g.mulAdd(g.lanesOf(sum, acc), unit, eps)))
		VMOVSS(r.(reg.VecVirtual).AsX(), operand.Mem{Base: inverse})
		ADDQ(operand.I32(4), inverse)
		g.sweep("scale", n, func(p place, _ int) { p.store(g.mul(g.sub(p.load(a), mean), r), dst) })
	}, dst, a)

	g.begin("standardiseGrad", "func(dst, y, inverse, grad []float32, rows, cols int, unit float32)",
		"inverse * (grad - mean of grad - y * mean of y * grad) for every row, unit being 1/cols")
	dst, y, inverse, grad := base("dst"), base("y"), base("inverse"), base("grad")
	unit = g.spread("unit")
	g.rowsFrom(func(n reg.Register) {
		acc, products := g.partial(0), g.partial(0)
		g.sweep("sums", n, func(p place, u int) {
			d := p.load(grad)
			VADDPS(d, acc[u], acc[u])
			g.accumulate(products[u], d, p.load(y))
			p.ahead(u, grad)
		})
		mean, slope := g.mul(g.lanesOf(sum, acc), unit), g.mul(g.lanesOf(sum, products), unit)
		r := g.vector()
		VBROADCASTSS(operand.Mem{Base: inverse}, r)
		ADDQ(operand.I32(4), inverse)
		g.sweep("differences", n, func(p place, u int) {
			d := g.reduce(g.sub(p.load(grad), mean), p.load(y), slope)
			p.store(g.mul(d, r), dst)
			p.ahead(u, dst)
		})
	}, dst, y, grad)
}
