package main

import (
	"fmt"
	"math"

	"github.com/limner-ai/limner/engine/kernel/_asm/neon"
)

// partial vectors add up side by side, which hides the latency of an addition
// and keeps the rounding error low.
const partial = 16

// reductions writes the folds of slices to one number.
func (k *kernels) reductions() {
	sum := func(f *neon.Func, x int) {
		f.Op(neon.FADDP, x, x, x)
		f.Op(neon.FADDP, x, x, x)
	}
	largest := func(f *neon.Func, x int) {
		f.Op(neon.FMAXP, x, x, x)
		f.Op(neon.FMAXP, x, x, x)
	}
	for _, x := range []struct {
		name, params, doc string
		start             float64
		step              func(g gen, acc int, v []value)
		join              neon.Op
		lanes             func(f *neon.Func, x int)
	}{
		{"sum", "a", "the sum of a", 0,
			func(g gen, acc int, v []value) { g.Into(acc, neon.FADD, neon.Held(acc), v[0]) }, neon.FADD, sum},
		{"dot", "a b", "the sum of a * b", 0,
			func(g gen, acc int, v []value) { g.Into(acc, neon.FMLA, v[0], v[1]) }, neon.FADD, sum},
		{"maxOf", "a", "the largest of a, NaN if it holds one", math.Inf(-1),
			func(g gen, acc int, v []value) { g.Into(acc, neon.FMAX, neon.Held(acc), v[0]) }, neon.FMAX, largest},
		{"maxAbs", "a", "the largest |a|, NaNs apart", 0,
			func(g gen, acc int, v []value) { // FMAXNM would let a signalling NaN wipe acc out
				x := g.abs(v[0])
				g.Into(acc, neon.BIT, x, g.less(neon.Held(acc), x))
			}, neon.FMAX, largest},
	} {
		params, used := "a []float32", pointers[:1]
		if x.params == "a b" {
			params, used = params+", b []float32", pointers[:2]
		}
		f := k.Func(x.name+"NEON", x.doc, params, "float32")
		f.I("MOVD %s, %s", f.Base("a"), pointers[0])
		if len(used) > 1 {
			f.I("MOVD %s, %s", f.Base("b"), pointers[1])
		}
		f.I("MOVD %s, %s", f.Len("a"), count)
		const first = 32 - partial
		for i := first; i < 32; i++ {
			if x.start == 0 {
				f.Zero(i)
				continue
			}
			if i == first {
				f.Pool(pool)
			}
			f.Hold(math.Float32bits(float32(x.start)), i)
		}
		each(f, first, partial, used, func(g gen, p place) {
			var v []value
			for _, r := range used {
				// Lanes beyond one element would count if they were 0 there.
				if p.one && x.start != 0 {
					v = append(v, g.Do(neon.SPREAD, p.load(g, r)))
				} else {
					v = append(v, p.load(g, r))
				}
			}
			x.step(g, first+p.disp/16, v)
		})
		for w := partial / 2; w > 0; w /= 2 {
			for i := range w {
				f.Op(x.join, first+i, first+i, first+i+w)
			}
		}
		x.lanes(f, first)
		f.I("FMOVS F%d, %s", first, f.Param("ret"))
		f.I("RET")
	}
}

// rows writes the reductions down the columns of a matrix. The partial results
// of several vectors of columns stay in registers over all rows.
func (k *kernels) rows() {
	k.down("addRows", "the sum down the columns of a, added to acc", 16, func(g gen, acc int, x value) {
		g.Into(acc, neon.FADD, neon.Held(acc), x)
	})
	k.down("maxRows", "the maximum down the columns of a and acc", 8, func(g gen, acc int, x value) {
		g.Into(acc, neon.FMAX, neon.Held(acc), x)
	})
}

// down writes the loops: over columns by turns, within it over the rows.
func (k *kernels) down(name, doc string, unroll int, step func(g gen, acc int, x value)) {
	f := k.Func(name+"NEON", doc, "acc []float32, a []float32, rows int, ld int", "")
	to, a, rows, ld, row, left := "R0", "R2", "R3", "R4", "R5", "R6"
	f.I("MOVD %s, %s", f.Base("acc"), to)
	f.I("MOVD %s, %s", f.Len("acc"), count)
	f.I("MOVD %s, %s", f.Base("a"), a)
	f.I("MOVD %s, %s", f.Param("rows"), rows)
	f.I("MOVD %s, %s", f.Param("ld"), ld)
	f.I("LSL $2, %s", ld)
	const first = 16
	turns(f, unroll, []string{to, a}, func(vectors int, one bool) bool {
		p := func(i int) place { return place{16 * i, one} }
		label := fmt.Sprintf("rows%d", vectors)
		if one {
			label = "rowsrest"
		}
		for i := range vectors {
			if name == "addRows" {
				f.Zero(first + i)
			} else {
				f.I("%s %s, F%d", p(i).move(), p(i).at(to), first+i)
			}
		}
		f.I("MOVD %s, %s", a, row)
		f.I("MOVD %s, %s", rows, left)
		f.Label(label)
		f.Body(vectors, first, nil, func(b *neon.Block, i int) {
			step(gen{b}, first+i, p(i).load(gen{b}, row))
		})
		f.I("ADD %s, %s", ld, row)
		f.I("SUBS $1, %s", left)
		f.I("BNE %s", label)
		for i := range vectors {
			if name == "addRows" {
				f.I("%s %s, F0", p(i).move(), p(i).at(to))
				f.Op(neon.FADD, first+i, first+i, 0)
			}
			f.I("%s F%d, %s", p(i).move(), first+i, p(i).at(to))
		}
		return true
	})
	f.I("RET")
}

// transpose writes the transposition of tiles of 8×4 that fill a matrix of
// rows×cols with the given strides. It goes down the rows first, so that whole
// cache lines of dst are written one after the other.
func (k *kernels) transpose() {
	f := k.Func("transpose8NEON", "the transpose of rows×cols elements, both multiples of 8",
		"dst []float32, src []float32, rows int, cols int, dstStride int, srcStride int", "")
	dst, src, rows, cols, ds, ss := "R0", "R1", "R2", "R3", "R4", "R5"
	from, to, left, at := "R6", "R7", "R8", "R9"
	f.I("MOVD %s, %s", f.Base("dst"), dst)
	f.I("MOVD %s, %s", f.Base("src"), src)
	f.I("MOVD %s, %s", f.Param("rows"), rows)
	f.I("MOVD %s, %s", f.Param("cols"), cols)
	f.I("MOVD %s, %s", f.Param("dstStride"), ds)
	f.I("MOVD %s, %s", f.Param("srcStride"), ss)
	f.I("LSL $2, %s", ds)
	f.I("LSL $2, %s", ss)
	f.Label("columns")
	f.I("MOVD %s, %s", src, from)
	f.I("MOVD %s, %s", dst, to)
	f.I("MOVD %s, %s", rows, left)
	f.Label("tiles")
	for i := range 8 {
		f.I("FMOVQ (%s), F%d", from, i)
		f.I("ADD %s, %s", ss, from)
	}
	f.Transpose4(0, 16, 8)
	f.Transpose4(4, 16, 12)
	f.I("MOVD %s, %s", to, at)
	for i := range 4 {
		f.I("FSTPQ (F%d, F%d), (%s)", 8+i, 12+i, at)
		f.I("ADD %s, %s", ds, at)
	}
	f.I("ADD $32, %s", to)
	f.I("SUBS $8, %s", left)
	f.I("BNE tiles")
	f.I("ADD $16, %s", src)
	f.I("ADD %s<<2, %s", ds, dst)
	f.I("SUBS $4, %s", cols)
	f.I("BNE columns")
	f.I("RET")
}
