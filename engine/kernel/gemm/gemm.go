// Package gemm multiplies float32 matrices in blocks that workers take as
// tasks. The split depends on the shape alone, so that the result has the same
// bits for any number of workers.
package gemm

import (
	"fmt"

	"github.com/limner-ai/limner/engine/kernel/gemm/tile"
	"github.com/limner-ai/limner/engine/kernel/isa"
)

// Plan computes C = op(A)·op(B) for row-major matrices, where op is the
// identity or the transpose, op(A) is m×k, op(B) k×n and C m×n. It does not
// change after New and may be used by several goroutines at once.
//
// A product takes two rounds of tasks: Pack for all of PackTasks in any order,
// then Run for all of Tasks in any order. Buffers should begin at multiples of
// 64 bytes; they need not, but products are faster then.
type Plan struct {
	m, n, k        int // k counts words of packed operands: two steps of K in a pair
	transA, transB bool
	kn             tile.Kernel
	thin           thin
	dots           tile.Dots
	rows, cols     int  // of a block of C
	depth          int  // steps of K between two visits to a tile
	group          int  // columns packed at a time
	sharedA        bool // Pack packs A for all tasks
	sharedB        bool // Pack packs B for all tasks; else each packs its own share
	direct         bool // read B as it is: no tile is visited twice with a panel
	packs          bool // pack A; else read its rows as they are
	form           tile.Form
	span           int // steps of K

	cOff, edgeOff []int // rows of a tile in C, and in scratch if it overhangs C
	aRow          []int // rows of a tile in A as it is
	aOff          []int // steps of K in A as it is
}

// New plans a product on the active instruction set.
func New(m, n, k int, transA, transB bool) *Plan {
	return newAt(isa.Active(), m, n, k, transA, transB)
}

func newAt(level isa.Level, m, n, k int, transA, transB bool) *Plan {
	return newIn(tile.Float32, level, m, n, k, transA, transB)
}

func newIn(form tile.Form, level isa.Level, m, n, k int, transA, transB bool) *Plan {
	if m < 0 || n < 0 || k < 0 {
		panic(fmt.Sprintf("gemm: negative size %d×%d×%d", m, n, k))
	}
	p := &Plan{m: m, n: n, k: k, transA: transA, transB: transB, kn: tile.NewFlat(level, m, n), form: form, span: k}
	if form == tile.Float32 {
		p.chooseThin(level)
		p.direct = !transB && m <= p.kn.MR() && p.thin == neither
		p.packs = transA || p.direct || n >= packMin
	} else {
		p.round(level)
	}
	p.split()
	p.sharedB = m > p.rows && p.thin == neither && k > 0
	p.sharedA = p.packs && n > p.cols && p.thin == neither && k > 0 && !p.direct
	for r := range max(p.rows, p.kn.MR()) {
		p.aRow = append(p.aRow, r*k)
		p.cOff = append(p.cOff, r*n)
	}
	for r := range p.kn.MR() {
		p.edgeOff = append(p.edgeOff, r*p.kn.NR())
	}
	if p.thin != neither {
		return p
	}
	for k := range max(p.depth, foldSteps) {
		p.aOff = append(p.aOff, k*m)
	}
	return p
}

// ScratchSize is the number of floats that Run needs for itself.
func (p *Plan) ScratchSize() int {
	if p.thin != neither {
		return p.thinScratch()
	}
	mr, nr := p.kn.MR(), p.kn.NR()
	n := mr * nr
	if !p.sharedB {
		n += p.depth * p.group
	}
	if p.packs && !p.sharedA {
		n += p.tileSize() * ceil(min(p.rows, p.m), mr)
	}
	return n
}

// Tasks is the number of calls to Run, in any order, after Pack.
func (p *Plan) Tasks() int { return ceil(p.m, p.rows) * ceil(p.n, p.cols) }

// Block is the part of C that a task writes: rows row0 to row1 and columns
// col0 to col1. The blocks are disjoint and make up C.
func (p *Plan) Block(task int) (row0, row1, col0, col1 int) {
	down := ceil(p.m, p.rows)
	row0, col0 = task%down*p.rows, task/down*p.cols
	return row0, min(row0+p.rows, p.m), col0, min(col0+p.cols, p.n)
}
