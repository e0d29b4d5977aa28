package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A fold is a reduction of the slices params to one number.
type fold struct {
	name, params, doc string
	partial           int     // vectors that accumulate side by side
	start             float64 // their first value
	// step takes the sources of one turn into acc.
	step func(p place, acc op, v []op)
	// join combines two partial vectors of g's width.
	join func(g *gen, a, b op) op
}

// reductions writes the folds. Eight partial vectors hide the latency of an
// addition and keep the rounding error low.
func (g *gen) reductions() {
	lowest := math.Inf(-1)
	for _, f := range []fold{
		{"sum", "a", "the sum of a", 8, 0,
			func(_ place, acc op, v []op) { VADDPS(v[0], acc, acc) }, (*gen).add},
		{"sumSquares", "a", "the sum of a * a", 8, 0,
			func(_ place, acc op, v []op) { g.accumulate(acc, v[0], v[0]) }, (*gen).add},
		{"dot", "a, b", "the sum of a * b", 8, 0,
			func(_ place, acc op, v []op) { g.accumulate(acc, v[0], v[1]) }, (*gen).add},
		{"maxOf", "a", "the largest of a, NaN if it holds one", 4, lowest,
			func(p place, acc op, v []op) {
				x := v[0]
				if p.mask != nil {
					x = g.blend(p.mask, x, g.c(lowest))
				}
				VMOVAPS(g.max(acc, x), acc)
			}, (*gen).max},
		{"maxAbs", "a", "the largest |a|, NaNs apart", 4, 0,
			func(_ place, acc op, v []op) { VMAXPS(acc, g.abs(v[0]), acc) }, (*gen).maxBA},
	} {
		g.fold(f)
	}
}

func (g *gen) fold(f fold) {
	g.begin(f.name, "func("+f.params+" []float32) float32", f.doc)
	slices := []reg.Register{base("a")}
	n := length("a")
	if f.params == "a, b" {
		slices = append(slices, base("b"))
	}
	acc := make([]op, f.partial)
	for i := range acc {
		acc[i] = g.copy(g.c(f.start))
	}
	g.each(n, f.partial, func(p place, u int) {
		var v []op
		for _, s := range slices {
			v = append(v, p.load(s))
		}
		f.step(p, acc[u], v)
	})
	for w := f.partial / 2; w > 0; w /= 2 {
		for i := range w {
			acc[i] = f.join(g, acc[i], acc[i+w])
		}
	}
	// Halve the vector until all lanes of a YMM register hold the result.
	x, half := acc[0], &gen{lanes: 8, made: g.made}
	if g.wide() {
		high := YMM()
		VEXTRACTF64X4(operand.U8(1), x, high)
		x = f.join(half, x.(reg.VecVirtual).AsY(), high)
	}
	other := YMM()
	VPERM2F128(operand.U8(1), x, x, other)
	x = f.join(half, x, other)
	for _, lanes := range []uint8{0x4e, 0xb1} {
		other := YMM()
		VPERMILPS(operand.U8(lanes), x, other)
		x = f.join(half, x, other)
	}
	Store(x.(reg.VecVirtual).AsX(), ReturnIndex(0))
	g.end()
}

// adam writes one step of AdamW, in the order of the loop that documents it.
func (g *gen) adam() {
	g.begin("adam", "func(p, m, v, grad []float32, lr, beta1, beta2, eps, corr1, corr2, decay float32)", "one step of AdamW")
	p, m, v, grad, n := base("p"), base("m"), base("v"), base("grad"), length("p")
	lr, eps, decay := g.spread("lr"), g.spread("eps"), g.spread("decay")
	corr1, corr2 := g.spread("corr1"), g.spread("corr2")
	beta1, beta2 := g.spread("beta1"), g.spread("beta2")
	one := g.reg(g.c(1))
	rest1, rest2 := g.sub(one, beta1), g.sub(one, beta2)
	g.each(n, 1, func(at place, _ int) {
		x := at.load(grad)
		m1 := g.mulAdd(at.load(m), beta1, g.mul(x, rest1))
		at.store(m1, m)
		v1 := g.mulAdd(at.load(v), beta2, g.mul(g.mul(x, x), rest2))
		at.store(v1, v)
		step := g.div(g.mul(m1, corr1), g.add(g.sqrt(g.mul(v1, corr2)), eps))
		w := at.load(p)
		step = g.accumulate(step, w, decay)
		at.store(g.reduce(w, step, lr), p)
	})
	g.end()
}
