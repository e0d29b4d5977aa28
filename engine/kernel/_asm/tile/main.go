// Command tile writes the NEON micro-kernels of package tile into the folder
// that is its argument: one text per operand layout and tile size, each holding
// a variant for every number of rows up to its tile height.
package main

import (
	"fmt"
	"log"
	"os"

	"github.com/limner-ai/limner/engine/kernel/_asm/neon"
)

// Byte offsets of the fields of tile.Args, which R0 points at.
const (
	argA      = "0(R0)"
	argB      = "8(R0)"
	argC      = "16(R0)"
	argAOff   = "24(R0)"
	argCOff   = "32(R0)"
	argRows   = "40(R0)"
	argSegs   = "48(R0)"
	argSegLen = "56(R0)"
	argASkip  = "64(R0)"
	argKOff   = "72(R0)"
	argAStep  = "80(R0)"
	argBStep  = "88(R0)"
	argAcc    = "96(R0)"
	argBOff   = "104(R0)"
	argCStep  = "112(R0)"
	argFetch  = "120(R0)"
	argLines  = "128(R0)"
)

// kernel is one text: a tile of rows × 4·vecs. The registers of a variant of r
// rows are the accumulators, from 0 on, and the rest.
type kernel struct {
	*neon.Func
	rows, vecs int
}

func (k kernel) acc(row, v int) int { return row*k.vecs + v }

// rowReg is the number of the general register that points at a row of A.
func rowReg(i int) int { return 8 + i }

// file is the file under way.
type file struct{ *neon.File }

func (f file) text(name, doc string) *neon.Func { return f.Func(name, doc, "a *Args", "") }

func main() {
	f := file{neon.NewFile("tile", "engine/kernel/_asm/tile")}
	for _, size := range [][2]int{{6, 4}, {8, 2}, {3, 8}} {
		f.rowsText(size[0], size[1])
		f.outerText(size[0], size[1])
		f.walkText(size[0], size[1])
		f.depthText(min(size[0], 6), size[1])
		f.copyText(size[1])
		f.gatherText(size[0])
	}
	for cols := 1; cols <= 4; cols++ {
		f.dotsText(cols)
	}
	f.transposeText()
	f.peakText()
	if err := f.Write(os.Args[1]+"/neon_arm64.s", os.Args[1]+"/stubs_neon_arm64.go"); err != nil {
		log.Fatal(err)
	}
}

// variants writes the choice of a variant by Args.Rows.
func (k kernel) variants(body func(r int, label func(string) string)) {
	k.I("MOVD %s, R0", k.Param("a"))
	k.I("MOVD %s, R1", argRows)
	for r := k.rows; r > 1; r-- {
		k.I("CMP $%d, R1", r)
		k.I("BEQ r%d", r)
	}
	for r := 1; r <= k.rows; r++ {
		k.Label(fmt.Sprintf("r%d", r))
		body(r, func(s string) string { return fmt.Sprintf("r%d%s", r, s) })
		k.I("RET")
	}
}

// start loads the accumulators from C, or clears them.
func (k kernel) start(r int, label func(string) string) {
	k.I("MOVD %s, R1", argAcc)
	k.I("CBZ R1, %s", label("zero"))
	k.result(r, "FLDPQ %[1]s, (F%[2]d, F%[3]d)")
	k.I("B %s", label("go"))
	k.Label(label("zero"))
	for i := range r * k.vecs {
		k.Zero(i)
	}
	k.Label(label("go"))
}

// finish stores the accumulators to C.
func (k kernel) finish(r int) { k.result(r, "FSTPQ (F%[2]d, F%[3]d), %[1]s") }

// result loads or stores pairs of accumulators.
func (k kernel) result(r int, format string) {
	k.I("MOVD %s, R1", argC)
	k.I("MOVD %s, R2", argCOff)
	for i := range r {
		k.I("MOVD %d(R2), R3", 8*i)
		k.I("ADD R3<<2, R1, R3")
		for v := 0; v < k.vecs; v += 2 {
			k.I(format, fmt.Sprintf("%d(R3)", 16*v), k.acc(i, v), k.acc(i, v+1))
		}
	}
}

// pointers makes the row registers point at rows of A.
func pointers(f *neon.Func, r int) {
	f.I("MOVD %s, R1", argA)
	f.I("MOVD %s, R2", argAOff)
	for i := range r {
		f.I("MOVD %d(R2), R%d", 8*i, rowReg(i))
		f.I("ADD R%d<<2, R1, R%d", rowReg(i), rowReg(i))
	}
}

// A part is some of a few floats side by side: as many as one register takes.
type part struct {
	floats, at int
}

// parts splits n floats.
func parts(n int) (ps []part) {
	for at := 0; at < n; {
		size := 1
		for _, s := range []int{4, 2} {
			if n-at >= s {
				size = s
				break
			}
		}
		ps = append(ps, part{size, at})
		at += size
	}
	return ps
}

// move is the instruction that loads or stores so many floats.
func move(floats int) string { return map[int]string{1: "FMOVS", 2: "FMOVD", 4: "FMOVQ"}[floats] }

// ring hands out registers in turn, so that a load need not wait for the last
// use of the register before.
type ring struct {
	first, n, at int
}

func (r *ring) next() int {
	v := r.first + r.at%r.n
	r.at++
	return v
}

// pair is two registers in a row.
func (r *ring) pair() (int, int) {
	if r.at%r.n == r.n-1 {
		r.at++
	}
	return r.next(), r.next()
}
