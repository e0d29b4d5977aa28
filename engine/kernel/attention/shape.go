// Package attention computes scaled dot-product attention and its gradients
// block by block, so that the matrix of scores is never in memory as a whole:
// Dao et al., "FlashAttention" (2022), and Dao, "FlashAttention-2" (2023). It
// is made of the micro-kernels of matrix products.
//
// Work is split by the shape alone and every sum has one order, so results
// have the same bits for any number of workers.
package attention

import (
	"fmt"
	"math"

	"github.com/limner-ai/limner/engine/kernel/gemm/tile"
	"github.com/limner-ai/limner/engine/kernel/isa"
)

// Shape describes queries q [B N H·D], keys and values k, v [B M H·D], and a
// bias [BiasB BiasH BiasN M] that is added to the scores and whose first
// three extents are B or 1, H or 1 and N or 1; BiasB is 0 if there is none.
type Shape struct {
	B, N, M, H, D       int
	BiasB, BiasH, BiasN int
}

func (s Shape) check() {
	if min(s.B, s.N) < 0 || min(s.M, s.H, s.D) < 1 {
		panic(fmt.Sprintf("attention: impossible shape %+v", s))
	}
}

// FLOPs of the matrix products of a forward pass.
func (s Shape) FLOPs() int64 { return 4 * int64(s.B*s.H) * int64(s.N) * int64(s.M) * int64(s.D) }

// bias is the row of the bias that query i of head h in batch b sees.
func (s Shape) bias(bias []float32, b, h, i int) []float32 {
	at := ((b%s.BiasB*s.BiasH+h%s.BiasH)*s.BiasN + i%s.BiasN) * s.M
	return bias[at : at+s.M]
}

const (
	queriesMax = 96  // in a block: its scores stay in the second-level cache
	keysMax    = 128 // in a block
	headsGood  = 16  // so many heads keep all workers busy
)

// plan is what the forward and the backward pass have in common.
type plan struct {
	Shape
	set   *set
	c     int     // channels, H·D
	scale float32 // 1/√D

	scores tile.Kernel // makes blocks of scores: queries × keys
	heads  tile.Kernel // makes blocks of D columns
	qb, kb int         // queries and keys in a block
	ld     int         // row length of a block of scores
	wide   int         // D, rounded up to whole panels
	deep   int         // keys of a block, rounded up to whole panels

	channelRows, scoreRows, wideRows, edgeRows []int // where the rows of a tile start
}

func newPlan(level isa.Level, s Shape) plan {
	s.check()
	p := plan{Shape: s, set: implementations[level], c: s.H * s.D, scale: float32(1 / math.Sqrt(float64(s.D)))}
	p.kb = even(s.M, keysMax, 16)
	p.scores = tile.New(level, min(p.kb, s.M))
	p.heads = tile.New(level, s.D)
	if s.D%p.heads.NR() != 0 {
		p.heads = tile.New(level, min(s.D, 16))
	}
	p.qb = even(s.N, queriesMax, p.scores.MR())
	p.deep = p.scores.Panels(min(p.kb, s.M)) * p.scores.NR()
	p.wide = p.heads.Panels(s.D) * p.heads.NR()
	p.ld = ceil(p.deep, 16) * 16 // whole vectors
	if p.ld%128 == 0 {
		p.ld += 16 // rows a power of two apart would share few sets of the cache
	}
	for r := range max(p.scores.MR(), p.heads.MR()) {
		p.channelRows = append(p.channelRows, r*p.c)
		p.scoreRows = append(p.scoreRows, r*p.ld)
		p.wideRows = append(p.wideRows, r*p.wide)
		p.edgeRows = append(p.edgeRows, r*p.heads.NR())
	}
	return p
}

func ceil(a, b int) int { return (a + b - 1) / b }

// even divides n into equal parts of at most limit, each a multiple of unit,
// and returns their size.
func even(n, limit, unit int) int {
	parts := max(ceil(n, limit), 1)
	return max(ceil(ceil(n, parts), unit), 1) * unit
}

// at is where channel 0 of position i of head h in batch b lies, in an array
// of n positions.
func (p *plan) at(b, i, h, n int) int { return (b*n+i)*p.c + h*p.D }

// head is a head's part of an array of n positions, from position i on.
func (p *plan) head(x []float32, b, i, h, n int) []float32 { return x[p.at(b, i, h, n):] }
