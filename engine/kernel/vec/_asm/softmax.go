package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// ahead is how many bytes before its use a row is fetched into the cache, since
// the processor's own prefetching stops at every page. With twice as many, the
// streams of a gradient drive each other out of the first-level cache.
const ahead = 2048

// softmax writes the softmax of rows and its gradient. A row is read again
// while it is in the first-level cache.
func (g *gen) softmax() {
	g.begin("softmax", "func(dst, a []float32, rows, cols int)", "the softmax of every row of a")
	dst, a := base("dst"), base("a")
	hi, lo := split(math.Ln2)
	g.hold(round+expNegBias, math.Log2E, hi, lo, 1, -104)
	g.rowsFrom(func(n reg.Register) {
		top := fold{join: (*gen).maxBA}
		acc := g.partial(math.Inf(-1))
		g.sweep("largest", n, func(p place, u int) {
			if p.mask != nil {
				VMAXPS(g.blend(p.mask, p.load(a), g.c(math.Inf(-1))), acc[u], acc[u])
				return
			}
			VMAXPS(p.mem(a), acc[u], acc[u])
			p.ahead(u, a)
		})
		largest := g.lanesOf(top, acc)
		sums := g.partial(0)
		g.sweep("powers", n, func(p place, u int) {
			// No difference is above 0; a NaN passes the maximum.
			e := g.expNeg(g.maxBA(g.c(-104), g.sub(p.load(a), largest)))
			p.store(e, dst)
			if p.mask != nil {
				e = g.keep(p.mask, e)
			} else {
				p.ahead(u, dst)
			}
			VADDPS(e, sums[u], sums[u])
		})
		// The sum is 1 or more, or NaN.
		scale := g.div(g.c(1), g.lanesOf(fold{join: (*gen).add}, sums))
		g.sweep("scale", n, func(p place, _ int) { p.store(g.mul(p.load(dst), scale), dst) })
	}, dst, a)

	g.begin("softmaxGrad", "func(dst, y, grad []float32, rows, cols int)", "y * (grad - Σ y * grad), for every row")
	dst, y, grad := base("dst"), base("y"), base("grad")
	g.rowsFrom(func(n reg.Register) {
		acc := g.partial(0)
		g.sweep("products", n, func(p place, u int) {
			g.accumulate(acc[u], p.load(y), p.load(grad))
			p.ahead(u, grad)
		})
		mean := g.lanesOf(fold{join: (*gen).add}, acc)
		g.sweep("differences", n, func(p place, u int) {
			p.store(g.mul(g.sub(p.load(grad), mean), p.load(y)), dst)
			p.ahead(u, dst)
		})
	}, dst, y, grad)
}

// rowsFrom writes the loop over rows of the function begun, and its end. body
// has the number of columns; the matrices move on by a row after it.
func (g *gen) rowsFrom(body func(cols reg.Register), matrices ...reg.Register) {
	rows := Load(Param("rows"), GP64())
	cols := Load(Param("cols"), GP64())
	Label("row")
	SUBQ(operand.I32(1), rows)
	JL(operand.LabelRef("end"))
	body(cols)
	for _, m := range matrices {
		LEAQ(operand.Mem{Base: m, Index: cols, Scale: 4}, m)
	}
	JMP(operand.LabelRef("row"))
	Label("end")
	g.end()
}

// sweep is each over a row, with labels that begin with name.
func (g *gen) sweep(name string, cols reg.Register, body func(p place, u int)) {
	n := GP64()
	MOVQ(cols, n)
	g.prefix = name
	g.each(n, 4, body)
	g.prefix = ""
}

// partial is the vectors in which a sweep accumulates.
func (g *gen) partial(start float64) []op {
	acc := make([]op, 4)
	for i := range acc {
		acc[i] = g.copy(g.c(start))
	}
	return acc
}

// lanesOf is what partial vectors fold to, in all lanes.
func (g *gen) lanesOf(f fold, acc []op) op {
	x := g.lanesToOne(f, acc)
	if !g.wide() {
		return x
	}
	d := g.vector()
	VBROADCASTSS(x.(reg.VecVirtual).AsX(), d)
	return d
}

// ahead fetches what lies so far behind vector u of a turn, once a cache line.
func (p place) ahead(u int, base reg.Register) {
	if p.mask == nil && (p.wide() || u%2 == 0) {
		m := p.mem(base)
		m.Disp += ahead
		PREFETCHT0(m)
	}
}
