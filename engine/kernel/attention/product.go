package attention

import "github.com/limner-ai/limner/engine/kernel/gemm/tile"

// matrix is rows of floats that lie step apart.
type matrix struct {
	data []float32
	rows []int // where the rows of a tile start
	step int
	cols int // that may be written: D, or whole panels
}

func (p *plan) channels(x []float32) matrix { return matrix{x, p.channelRows, p.c, p.D} }
func (p *plan) block(x []float32) matrix    { return matrix{x, p.scoreRows, p.ld, p.ld} }
func (p *plan) sums(x []float32) matrix     { return matrix{x, p.wideRows, p.wide, p.wide} }

// transposed packs rows × D of a head as panels of scores' kernel, so that
// what is multiplied by it meets it along D.
func (p *plan) transposed(dst, x []float32, rows int) {
	nr := p.scores.NR()
	for j := 0; j < rows; j += nr {
		p.scores.Transpose(dst[j*p.D:], x[j*p.c:], p.D, min(nr, rows-j), p.c, nr)
	}
}

// panels packs rows × D of a head for products along its rows.
func (p *plan) panels(dst, x []float32, rows int) {
	p.heads.Copy(dst, x, rows, p.D, p.c, rows*p.heads.NR())
}

// score writes C = A·Bᵀ, m × n, of channels a and b as transposed packed it.
// Columns of the last panel beyond n hold no meaning.
func (p *plan) score(c, a matrix, b []float32, m, n int) {
	mr, nr := p.scores.MR(), p.scores.NR()
	args := tile.Args{AOff: &a.rows[0], COff: &c.rows[0], Segs: 1, SegLen: p.D}
	_ = a.data[(m-1)*a.step+p.D-1]
	_ = c.data[(m-1)*c.step+ceil(n, nr)*nr-1]
	for j := 0; j < n; j += nr {
		args.B = tile.Pointer(b[j*p.D:(j+nr)*p.D], 0)
		for i := 0; i < m; i += mr {
			args.Rows = min(mr, m-i)
			args.A, args.C = tile.Pointer(a.data, i*a.step), tile.Pointer(c.data, i*c.step+j)
			p.scores.Rows(&args)
		}
	}
}

// times is the product of a block of scores and the panels b, k × D: C = A·B
// for A of m × k or, turned, C = Aᵀ·B for A of k × m; added to C if acc. Where
// D fills no whole panels the last columns go by edge, a tile.
func (p *plan) times(c, a matrix, turned bool, b []float32, m, k int, acc bool, edge []float32) {
	mr, nr := p.heads.MR(), p.heads.NR()
	args := tile.Args{AOff: &a.rows[0], AStep: a.step, BStep: nr, Segs: 1, SegLen: k}
	step := a.step
	if turned {
		step = 1
		_ = a.data[(k-1)*a.step+m-1]
	} else {
		_ = a.data[(m-1)*a.step+k-1]
	}
	for j := 0; j < p.D; j += nr {
		args.B = tile.Pointer(b[j*k:(j+nr)*k], 0)
		cols := min(nr, c.cols-j)
		_ = c.data[(m-1)*c.step+j+cols-1]
		for i := 0; i < m; i += mr {
			args.Rows = min(mr, m-i)
			args.A = tile.Pointer(a.data, i*step)
			args.C, args.COff, args.Acc = tile.Pointer(c.data, i*c.step+j), &c.rows[0], 0
			if acc {
				args.Acc = 1
			}
			if cols < nr {
				args.C, args.COff, args.Acc = tile.Pointer(edge, 0), &p.edgeRows[0], 0
			}
			if turned {
				p.heads.Outer(&args)
			} else {
				p.heads.Rows(&args)
			}
			if cols < nr {
				p.spill(c.data[i*c.step+j:], c.step, edge, args.Rows, cols, acc)
			}
		}
	}
}

// spill moves the columns of an edge tile that exist to C.
func (p *plan) spill(c []float32, step int, edge []float32, rows, cols int, acc bool) {
	for r := range rows {
		dst, src := c[r*step:r*step+cols], edge[r*p.heads.NR():]
		for x := range dst {
			if acc {
				dst[x] += src[x]
			} else {
				dst[x] = src[x]
			}
		}
	}
}
