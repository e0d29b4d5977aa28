package main

import (
	"fmt"

	"github.com/limner-ai/limner/engine/kernel/_asm/neon"
)

// dotRows is the tile height for each number of columns: at most twelve sums,
// of two registers each.
var dotRows = []int{0, 8, 6, 4, 3}

// dotsText: few columns, so the lanes run along K and are added up at the end.
// The shorter side of the tile is held in registers, the longer one streams.
func (f file) dotsText(cols int) {
	k := kernel{f.text(fmt.Sprintf("dotsNEONx%d", cols), "[Dots.Dot]"), dotRows[cols], cols}
	k.variants(func(r int, label func(string) string) {
		const segs, segLen, skip, n, step = "R4", "R5", "R6", "R7", "R3"
		sums := r * cols
		acc := func(i, c, half int) int { return half*sums + i*cols + c }
		for v := range 2 * sums {
			k.Zero(v)
		}
		k.I("MOVD %s, R1", argAcc)
		k.I("CBZ R1, %s", label("go"))
		k.sums(r, func(i, c int, at string) { k.I("FMOVS (%s), F%d", at, acc(i, c, 0)) })
		k.Label(label("go"))
		pointers(k.Func, r)
		k.I("MOVD %s, R19", argB)
		k.I("MOVD %s, %s", argBStep, step)
		for c := 1; c < cols; c++ {
			k.I("ADD %s<<2, R%d, R%d", step, 18+c, 19+c)
		}
		k.I("MOVD %s, %s", argSegs, segs)
		k.I("MOVD %s, %s", argSegLen, segLen)
		k.I("MOVD %s, %s", argASkip, skip)
		k.I("LSL $2, %s", skip)

		var held, streamed []int // registers of pointers
		for i := range r {
			streamed = append(streamed, rowReg(i))
		}
		for c := range cols {
			held = append(held, 19+c)
		}
		if r < cols {
			held, streamed = streamed, held
		}
		load := func(p, floats, to int) {
			if floats == 8 {
				k.I("FLDPQ.P 32(R%d), (F%d, F%d)", p, to, to+1)
			} else {
				k.I("%s.P %d(R%d), F%d", move(floats), 4*floats, p, to)
			}
		}
		first := 2 * sums
		stream := ring{first: first + 2*len(held), n: 32 - first - 2*len(held)}
		steps := func(floats int) {
			for h, p := range held {
				load(p, floats, first+2*h)
			}
			for s, p := range streamed {
				x, _ := stream.pair()
				load(p, floats, x)
				for h := range held {
					i, c := s, h
					if r < cols {
						i, c = h, s
					}
					for half := range max(floats/4, 1) {
						d := acc(i, c, half)
						k.Op(neon.FMLA, d, d, x+half, first+2*h+half)
					}
				}
			}
		}
		k.Label(label("seg"))
		k.I("SUBS $8, %s, %s", segLen, n)
		k.I("BLT %s", label("four"))
		k.Label(label("loop"))
		steps(8)
		k.I("SUBS $8, %s", n)
		k.I("BGE %s", label("loop"))
		k.Label(label("four")) // the low bits of n are those of what remains
		k.I("TBZ $2, %s, %s", n, label("two"))
		steps(4)
		k.Label(label("two"))
		k.I("TBZ $1, %s, %s", n, label("one"))
		steps(2)
		k.Label(label("one"))
		k.I("TBZ $0, %s, %s", n, label("next"))
		steps(1)
		k.Label(label("next"))
		for i := range r {
			k.I("ADD %s, R%d", skip, rowReg(i))
		}
		k.I("SUBS $1, %s", segs)
		k.I("BNE %s", label("seg"))
		k.sums(r, func(i, c int, at string) {
			x := acc(i, c, 0)
			k.Op(neon.FADD, x, x, acc(i, c, 1))
			k.Op(neon.FADDP, x, x, x)
			k.Op(neon.FADDP, x, x, x)
			k.I("FMOVS F%d, (%s)", x, at)
		})
	})
}

// sums visits the elements of the tile in C.
func (k kernel) sums(r int, visit func(i, c int, at string)) {
	k.I("MOVD %s, R1", argC)
	k.I("MOVD %s, R2", argCOff)
	k.I("MOVD %s, R7", argCStep)
	for i := range r {
		k.I("MOVD %d(R2), R3", 8*i)
		k.I("ADD R3<<2, R1, R3")
		for c := range k.vecs {
			visit(i, c, "R3")
			if c < k.vecs-1 {
				k.I("ADD R7<<2, R3, R3")
			}
		}
	}
}
