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
	m, n, k        int
	transA, transB bool
	kn             tile.Kernel
	thin           thin
	dots           tile.Dots
	rows, cols     int  // of a block of C
	depth          int  // steps of K between two visits to a tile
	group          int  // columns packed at a time
	shared         bool // Pack packs B for all tasks; else each packs its own share
	direct         bool // read B as it is: no tile is visited twice with a panel
	packs          bool // pack A; else read its rows as they are

	cOff, edgeOff []int // rows of a tile in C, and in scratch if it overhangs C
	aRow          []int // rows of a tile in A as it is
	aOff, kOff    []int // steps of K in A as it is, and in a packed tile of it
	bRow, bOff    []int // steps of K in B as it is, and in a packed panel of it
}

// New plans a product on the active instruction set.
func New(m, n, k int, transA, transB bool) *Plan {
	return newAt(isa.Active(), m, n, k, transA, transB)
}

func newAt(level isa.Level, m, n, k int, transA, transB bool) *Plan {
	if m < 0 || n < 0 || k < 0 {
		panic(fmt.Sprintf("gemm: negative size %d×%d×%d", m, n, k))
	}
	p := &Plan{m: m, n: n, k: k, transA: transA, transB: transB, kn: tile.NewFlat(level, m, n)}
	p.chooseThin(level)
	p.direct = !transB && m <= p.kn.MR() && p.thin == neither
	p.split()
	p.shared = m > p.rows && p.thin == neither
	p.packs = transA || p.direct
	for r := range p.kn.MR() {
		p.aRow = append(p.aRow, r*k)
		p.cOff = append(p.cOff, r*n)
		p.edgeOff = append(p.edgeOff, r*p.kn.NR())
	}
	if p.thin != neither {
		return p
	}
	for k := range p.depth {
		p.aOff = append(p.aOff, k*m)
		p.kOff = append(p.kOff, k*p.kn.MR())
		p.bOff = append(p.bOff, k*p.kn.NR())
		p.bRow = append(p.bRow, k*n)
	}
	return p
}

const (
	taskFlops = 1 << 20  // a smaller task would not pay for waking a worker
	taskGood  = 16 << 20 // a larger one is not more efficient
	tasksGood = 16
	maxTasks  = 64
	rowsMax   = 192 // a block of C and its share of A stay in the second-level cache
	colsMax   = 256
	depthMax  = 320 // a panel of B stays in the first-level cache
	groupMax  = 64

	// Unpacked, B is read a piece of a row at a time; the pieces of so many rows
	// are followed at once.
	depthDirect = 64
)

// split chooses the blocks from the shape.
func (p *Plan) split() {
	mr, nr := p.kn.MR(), p.kn.NR()
	most := depthMax
	if p.direct {
		most = depthDirect
	}
	p.depth = max(p.k, 1)
	if p.k > most {
		p.depth = ceil(ceil(p.k, ceil(p.k, most)), 8) * 8
	}
	flops := 2 * float64(p.m) * float64(p.n) * float64(p.k)
	want := int(min(max(flops/taskGood, min(flops/taskFlops, tasksGood)), maxTasks))
	if p.thin != neither {
		p.splitThin(want)
		return
	}
	p.rows = even(p.m, rowsMax, mr)
	p.cols = even(p.n, colsMax, nr)
	for ceil(p.m, p.rows)*ceil(p.n, p.cols) < want {
		if p.rows >= p.cols && p.rows >= 8*mr || p.cols <= 2*nr && p.rows >= 4*mr {
			p.rows = even(p.m, p.rows/2, mr)
		} else if p.cols > 2*nr {
			p.cols = even(p.n, p.cols/2, nr)
		} else {
			break
		}
	}
	p.group = min(ceil(groupMax, nr)*nr, p.cols)
}

func ceil(a, b int) int { return (a + b - 1) / b }

// even divides n into equal parts of at most limit, each a multiple of unit,
// and returns their size.
func even(n, limit, unit int) int {
	parts := max(ceil(n, max(limit, unit)), 1)
	return max(ceil(ceil(n, parts), unit), 1) * unit
}

// PackSize is the number of floats that Pack fills and all tasks share.
func (p *Plan) PackSize() int {
	if !p.shared {
		return 0
	}
	return p.kn.Panels(p.n) * p.k * p.kn.NR()
}

// PackTasks is the number of calls to Pack, in any order, before Run.
func (p *Plan) PackTasks() int {
	if !p.shared || p.k == 0 {
		return 0
	}
	return ceil(p.n, p.cols)
}

// Pack lays out a share of B the way the kernels read it.
func (p *Plan) Pack(task int, packed, b []float32) {
	lo, hi := task*p.cols, min(p.n, (task+1)*p.cols)
	for j := lo; j < hi; j += p.group {
		p.panels(packed[j*p.k:], b, j, min(p.group, hi-j), 0, p.k)
	}
}

// panels packs cols columns of op(B) from j on, rows k0 to k1, panel after
// panel.
func (p *Plan) panels(dst, b []float32, j, cols, k0, k1 int) {
	nr := p.kn.NR()
	if !p.transB {
		p.kn.Copy(dst, b[k0*p.n+j:], k1-k0, cols, p.n, (k1-k0)*nr)
		return
	}
	for ; cols > 0; cols -= nr {
		p.kn.Transpose(dst, b[j*p.k+k0:], k1-k0, min(nr, cols), p.k, nr)
		if cols > nr {
			dst, j = dst[(k1-k0)*nr:], j+nr
		}
	}
}

// ScratchSize is the number of floats that Run needs for itself.
func (p *Plan) ScratchSize() int {
	if p.thin != neither {
		return p.thinScratch()
	}
	mr, nr := p.kn.MR(), p.kn.NR()
	return mr*nr + p.depth*p.group + p.tileSize()*ceil(min(p.rows, p.m), mr)
}

// tileSize leaves room for what packing spills beyond a tile.
func (p *Plan) tileSize() int { return p.depth*p.kn.MR() + 8 }

// Tasks is the number of calls to Run, in any order, after Pack.
func (p *Plan) Tasks() int { return ceil(p.m, p.rows) * ceil(p.n, p.cols) }

// Block is the part of C that a task writes: rows row0 to row1 and columns
// col0 to col1. The blocks are disjoint and make up C.
func (p *Plan) Block(task int) (row0, row1, col0, col1 int) {
	down := ceil(p.m, p.rows)
	row0, col0 = task%down*p.rows, task/down*p.cols
	return row0, min(row0+p.rows, p.m), col0, min(col0+p.cols, p.n)
}
