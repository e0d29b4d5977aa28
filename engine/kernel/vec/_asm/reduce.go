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

// reductions writes the folds.
func (g *gen) reductions() {
	for _, f := range folds() {
		g.fold(f)
	}
}

// folds lists them. Eight partial vectors hide the latency of an addition and
// keep the rounding error low.
func folds() []fold {
	lowest := math.Inf(-1)
	return []fold{
		{"sum", "a", "the sum of a", 8, 0,
			func(_ place, acc op, v []op) { VADDPS(v[0], acc, acc) }, (*gen).add},
		{"dot", "a, b", "the sum of a * b", 8, 0,
			func(p place, acc op, v []op) { p.accumulate(acc, v[0], v[1]) }, (*gen).add},
		{"maxOf", "a", "the largest of a, NaN if it holds one", 4, lowest,
			func(p place, acc op, v []op) {
				x := v[0]
				if p.mask != nil {
					x = p.blend(p.mask, x, p.c(lowest))
				}
				VMOVAPS(p.max(acc, x), acc)
			}, (*gen).max},
		{"maxAbs", "a", "the largest |a|, NaNs apart", 4, 0,
			func(p place, acc op, v []op) { VMAXPS(acc, p.abs(v[0]), acc) }, (*gen).maxBA},
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
	Store(g.lanesToOne(f, acc).(reg.VecVirtual).AsX(), ReturnIndex(0))
	g.end()
}

// lanesToOne folds partial vectors to one whose lanes all hold the result.
func (g *gen) lanesToOne(f fold, acc []op) op {
	for w := len(acc) / 2; w > 0; w /= 2 {
		for i := range w {
			acc[i] = f.join(g, acc[i], acc[i+w])
		}
	}
	// Halve the vector down to one YMM register.
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
	return x
}
