package main

import (
	"fmt"

	"github.com/limner-ai/limner/engine/kernel/_asm/neon"
)

// rowsText: A is a pointer for each row, B a packed panel. All rows advance
// together, so one index serves them all, over the gaps between segments too.
// Four steps of K of a row are loaded at once and multiplied lane by lane.
func (f file) rowsText(rows, vecs int) {
	name := fmt.Sprintf("rowsNEONx%d", 4*vecs)
	k := kernel{f.text(name, "[Kernel.Rows]"), rows, vecs}
	k.variants(func(r int, label func(string) string) {
		const b, segs, segLen, skip, n, idx = "R3", "R4", "R5", "R6", "R2", 7
		k.start(r, label)
		k.fetch(label)
		pointers(k.Func, r)
		k.I("MOVD %s, %s", argB, b)
		k.I("MOVD %s, %s", argSegs, segs)
		k.I("MOVD %s, %s", argSegLen, segLen)
		k.I("MOVD %s, %s", argASkip, skip)
		k.I("LSL $2, %s", skip)
		k.I("MOVD ZR, R%d", idx)

		first := r * vecs
		bs := ring{first: first + r, n: 32 - first - r}
		steps := func(s int) {
			for i := range r {
				if s == 4 {
					k.Op(neon.LoadAt(rowReg(i), idx), first+i)
				} else {
					k.I("%s (R%d)(R%d), F%d", move(s), rowReg(i), idx, first+i)
				}
			}
			for u := range s {
				for v := 0; v < vecs; v += 2 {
					b0, b1 := bs.pair()
					k.I("FLDPQ %d(%s), (F%d, F%d)", 16*(u*vecs+v), b, b0, b1)
					for i := range r {
						k.Op(neon.FMLALane(u), k.acc(i, v), k.acc(i, v), b0, first+i)
						k.Op(neon.FMLALane(u), k.acc(i, v+1), k.acc(i, v+1), b1, first+i)
					}
				}
			}
			k.I("ADD $%d, %s", 16*s*vecs, b)
			k.I("ADD $%d, R%d", 4*s, idx)
		}
		k.Label(label("seg"))
		k.I("SUBS $4, %s, %s", segLen, n)
		k.I("BLT %s", label("two"))
		k.Label(label("loop"))
		steps(4)
		k.I("SUBS $4, %s", n)
		k.I("BGE %s", label("loop"))
		k.Label(label("two")) // the low bits of n are those of what remains
		k.I("TBZ $1, %s, %s", n, label("one"))
		steps(2)
		k.Label(label("one"))
		k.I("TBZ $0, %s, %s", n, label("next"))
		steps(1)
		k.Label(label("next"))
		k.I("ADD %s, R%d", skip, idx)
		k.I("SUBS $1, %s", segs)
		k.I("BNE %s", label("seg"))
		k.finish(r)
	})
}

// fetch brings Lines cache lines from Fetch on closer, for the calls to come.
func (k kernel) fetch(label func(string) string) {
	k.I("MOVD %s, R1", argLines)
	k.I("MOVD %s, R2", argFetch)
	k.I("CBZ R1, %s", label("fetched"))
	k.Label(label("fetch"))
	k.I("PRFM (R2), PLDL2KEEP")
	k.I("ADD $64, R2")
	k.I("SUBS $1, R1")
	k.I("BNE %s", label("fetch"))
	k.Label(label("fetched"))
}

// outerText: the steps of K lie evenly in A and in B.
func (f file) outerText(rows, vecs int) {
	const a, b, aStep, bStep = "R1", "R2", "R3", "R4"
	k := kernel{f.text(fmt.Sprintf("outerNEONx%d", 4*vecs), "[Kernel.Outer]"), rows, vecs}
	k.outer(func() {
		k.I("MOVD %s, %s", argAStep, aStep)
		k.I("LSL $2, %s", aStep)
		k.I("MOVD %s, %s", argBStep, bStep)
		k.I("LSL $2, %s", bStep)
	}, func() {
		k.I("MOVD %s, R14", a)
		k.I("MOVD %s, R15", b)
		k.I("ADD %s, %s", aStep, a)
		k.I("ADD %s, %s", bStep, b)
	})
}

// walkText: tables say where each step of K starts in A and in B.
func (f file) walkText(rows, vecs int) {
	const a, b, aTable, bTable = "R1", "R2", "R3", "R4"
	k := kernel{f.text(fmt.Sprintf("walkNEONx%d", 4*vecs), "[Kernel.Walk]"), rows, vecs}
	k.outer(func() {
		k.I("MOVD %s, %s", argKOff, aTable)
		k.I("MOVD %s, %s", argBOff, bTable)
	}, func() {
		k.I("MOVD.P 8(%s), R14", aTable)
		k.I("MOVD.P 8(%s), R15", bTable)
		k.I("ADD R14<<2, %s, R14", a)
		k.I("ADD R15<<2, %s, R15", b)
	})
}

// outer multiplies steps of K of A by rows of B: prepare and next make R14 and
// R15 point at them.
func (k kernel) outer(prepare, next func()) {
	k.variants(func(r int, label func(string) string) {
		const a, b, n = "R1", "R2", "R5"
		k.start(r, label)
		k.I("MOVD %s, %s", argA, a)
		k.I("MOVD %s, %s", argB, b)
		prepare()
		k.I("MOVD %s, %s", argSegLen, n)

		ps := parts(r)
		first := r * k.vecs
		as := ring{first: first, n: 2 * len(ps)}
		bs := ring{first: first + as.n, n: 32 - first - as.n}
		step := func() {
			next()
			var lanes []neon.Op
			var regs []int
			for _, p := range ps {
				v := as.next()
				k.I("%s %d(R14), F%d", move(p.floats), 4*p.at, v)
				for l := range p.floats {
					lanes, regs = append(lanes, neon.FMLALane(l)), append(regs, v)
				}
			}
			for v := 0; v < k.vecs; v += 2 {
				b0, b1 := bs.pair()
				k.I("FLDPQ %d(R15), (F%d, F%d)", 16*v, b0, b1)
				for i := range r {
					k.Op(lanes[i], k.acc(i, v), k.acc(i, v), b0, regs[i])
					k.Op(lanes[i], k.acc(i, v+1), k.acc(i, v+1), b1, regs[i])
				}
			}
		}
		k.I("SUBS $2, %s", n)
		k.I("BLT %s", label("one"))
		k.Label(label("loop"))
		step()
		step()
		k.I("SUBS $2, %s", n)
		k.I("BGE %s", label("loop"))
		k.Label(label("one"))
		k.I("TBZ $0, %s, %s", n, label("done"))
		step()
		k.Label(label("done"))
		k.finish(r)
	})
}

// depthText multiplies element by element instead: a channel of B meets only
// the same channel of A.
func (f file) depthText(rows, vecs int) {
	name := fmt.Sprintf("depthNEONx%d", 4*vecs)
	k := kernel{f.text(name, "[Kernel.Depth]"), rows, vecs}
	k.variants(func(r int, label func(string) string) {
		const b, table, step, n, off = "R3", "R4", "R5", "R6", "R7"
		at := []string{"R14", "R15", "R19", "R20", "R21", "R22"}
		k.start(r, label)
		pointers(k.Func, r)
		k.I("MOVD %s, %s", argB, b)
		k.I("MOVD %s, %s", argKOff, table)
		k.I("MOVD %s, %s", argBStep, step)
		k.I("LSL $2, %s", step)
		k.I("MOVD %s, %s", argSegLen, n)
		first := r * vecs
		rest := ring{first: first + 2, n: 32 - first - 2}
		k.Label(label("loop"))
		k.I("MOVD.P 8(%s), %s", table, off)
		for i := range r {
			k.I("ADD %s<<2, R%d, %s", off, rowReg(i), at[i])
		}
		for v := 0; v < vecs; v += 2 {
			k.I("FLDPQ %d(%s), (F%d, F%d)", 16*v, b, first, first+1)
			for i := range r {
				a0, a1 := rest.pair()
				k.I("FLDPQ %d(%s), (F%d, F%d)", 16*v, at[i], a0, a1)
				k.Op(neon.FMLA, k.acc(i, v), k.acc(i, v), a0, first)
				k.Op(neon.FMLA, k.acc(i, v+1), k.acc(i, v+1), a1, first+1)
			}
		}
		k.I("ADD %s, %s", step, b)
		k.I("SUBS $1, %s", n)
		k.I("BNE %s", label("loop"))
		k.finish(r)
	})
}
