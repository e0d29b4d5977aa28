package main

import (
	"fmt"

	"github.com/limner-ai/limner/engine/kernel/_asm/neon"
)

// copyText packs Segs panels side by side: it copies SegLen rows of Segs times
// vecs vectors from A, AStep floats apart, to C, where the rows of a panel lie
// BStep and the panels CStep floats apart. It fetches the source eight rows
// ahead: its rows lie pages apart, where no processor guesses.
func (f file) copyText(vecs int) {
	k := f.text(fmt.Sprintf("copyNEONx%d", 4*vecs), "[Kernel.copyRows]")
	const src, dst, sStep, dStep, pStep, panels, n = "R1", "R2", "R3", "R4", "R5", "R6", "R7"
	const s, d, left, ahead = "R8", "R9", "R10", "R11"
	k.I("MOVD %s, R0", k.Param("a"))
	k.I("MOVD %s, %s", argA, src)
	k.I("MOVD %s, %s", argC, dst)
	for _, step := range [][2]string{{argAStep, sStep}, {argBStep, dStep}, {argCStep, pStep}} {
		k.I("MOVD %s, %s", step[0], step[1])
		k.I("LSL $2, %s", step[1])
	}
	k.I("MOVD %s, %s", argSegs, panels)
	k.I("MOVD %s, %s", argSegLen, n)
	k.Label("row")
	k.I("MOVD %s, %s", src, s)
	k.I("MOVD %s, %s", dst, d)
	k.I("ADD %s<<3, %s, %s", sStep, src, ahead)
	k.I("MOVD %s, %s", panels, left)
	k.Label("panel")
	for line := 0; line < 16*vecs; line += 64 {
		k.I("PRFM %d(%s), PLDL1KEEP", line, ahead)
	}
	for v := 0; v < vecs; v += 2 {
		k.I("FLDPQ %d(%s), (F%d, F%d)", 16*v, s, v, v+1)
	}
	for v := 0; v < vecs; v += 2 {
		k.I("FSTPQ (F%d, F%d), %d(%s)", v, v+1, 16*v, d)
	}
	k.I("ADD $%d, %s", 16*vecs, s)
	k.I("ADD $%d, %s", 16*vecs, ahead)
	k.I("ADD %s, %s", pStep, d)
	k.I("SUBS $1, %s", left)
	k.I("BNE panel")
	k.I("ADD %s, %s", sStep, src)
	k.I("ADD %s, %s", dStep, dst)
	k.I("SUBS $1, %s", n)
	k.I("BNE row")
	k.I("RET")
}

// transposeText turns eight rows of SegLen floats (a multiple of four) into
// SegLen columns of eight, BStep floats apart.
func (f file) transposeText() {
	k := f.text("transposeNEON", "[transpose]")
	const dst, step, n, idx = "R3", "R4", "R5", 6
	k.I("MOVD %s, R0", k.Param("a"))
	pointers(k, 8)
	k.I("MOVD %s, %s", argC, dst)
	k.I("MOVD %s, %s", argBStep, step)
	k.I("LSL $2, %s", step)
	k.I("MOVD %s, %s", argSegLen, n)
	k.I("MOVD ZR, R%d", idx)
	k.Label("loop")
	for i := range 8 {
		k.Op(neon.LoadAt(rowReg(i), idx), i)
	}
	k.Transpose4(0, 16, 8)
	k.Transpose4(4, 20, 12)
	for i := range 4 {
		k.I("FSTPQ (F%d, F%d), (%s)", 8+i, 12+i, dst)
		k.I("ADD %s, %s", step, dst)
	}
	k.I("ADD $16, R%d", idx)
	k.I("SUBS $4, %s", n)
	k.I("BNE loop")
	k.I("RET")
}

// gatherText packs Segs whole tiles of A side by side: for every step of K it
// moves rows floats of each tile from where KOff says to BStep·k, tiles CStep
// apart.
func (f file) gatherText(rows int) {
	k := f.text(fmt.Sprintf("gatherNEONx%d", rows), "[Kernel.gather] of whole tiles")
	const src, dst, table, n, tiles, dStep, tStep = "R1", "R2", "R3", "R4", "R5", "R6", "R7"
	const s, d, left = "R8", "R9", "R10"
	k.I("MOVD %s, R0", k.Param("a"))
	k.I("MOVD %s, %s", argA, src)
	k.I("MOVD %s, %s", argC, dst)
	k.I("MOVD %s, %s", argKOff, table)
	k.I("MOVD %s, %s", argSegLen, n)
	k.I("MOVD %s, %s", argSegs, tiles)
	k.I("MOVD %s, %s", argBStep, dStep)
	k.I("LSL $2, %s", dStep)
	k.I("MOVD %s, %s", argCStep, tStep)
	k.I("LSL $2, %s", tStep)
	k.Label("step")
	k.I("MOVD.P 8(%s), %s", table, s)
	k.I("ADD %s<<2, %s, %s", s, src, s)
	k.I("MOVD %s, %s", dst, d)
	k.I("MOVD %s, %s", tiles, left)
	k.Label("tile")
	for i, p := range parts(rows) {
		k.I("%s %d(%s), F%d", move(p.floats), 4*p.at, s, i)
	}
	for i, p := range parts(rows) {
		k.I("%s F%d, %d(%s)", move(p.floats), i, 4*p.at, d)
	}
	k.I("ADD $%d, %s", 4*rows, s)
	k.I("ADD %s, %s", tStep, d)
	k.I("SUBS $1, %s", left)
	k.I("BNE tile")
	k.I("ADD %s, %s", dStep, dst)
	k.I("SUBS $1, %s", n)
	k.I("BNE step")
	k.I("RET")
}

// peakText runs SegLen rounds of independent multiply-adds on registers: the
// ceiling that the other kernels are held against.
func (f file) peakText() {
	const sums = 24
	k := f.text("peakNEON", "SegLen rounds of independent multiply-adds on 24 accumulators")
	k.I("MOVD %s, R0", k.Param("a"))
	k.I("MOVD %s, R1", argSegLen)
	for i := range sums + 2 {
		k.Zero(i)
	}
	k.Label("loop")
	for i := range sums {
		k.Op(neon.FMLA, i, i, sums, sums+1)
	}
	k.I("SUBS $1, R1")
	k.I("BNE loop")
	k.I("RET")
}
