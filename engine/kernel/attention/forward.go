package attention

import (
	"math"

	"github.com/limner-ai/limner/engine/kernel/isa"
	"github.com/limner-ai/limner/engine/kernel/vec"
)

// Forward computes attention: FlashAttention-2, algorithm 1. It does not
// change after NewForward and may be used by several goroutines at once.
type Forward struct {
	plan
	per int // blocks of queries of a task
}

// NewForward plans attention on the active instruction set.
func NewForward(s Shape) *Forward { return newForward(isa.Active(), s) }

func newForward(level isa.Level, s Shape) *Forward {
	f := &Forward{plan: newPlan(level, s)}
	// Each task packs the keys and values of its head.
	f.per = ceil(s.N, f.qb)
	if s.B*s.H < headsGood {
		f.per = 1
	}
	return f
}

// Tasks is the number of calls to Run, in any order.
func (f *Forward) Tasks() int {
	if f.N == 0 {
		return 0
	}
	return f.B * f.H * ceil(f.N, f.qb*f.per)
}

// ScratchSize is the number of floats that Run needs for itself.
func (f *Forward) ScratchSize() int {
	return f.keys()*f.D + f.M*f.wide + f.qb*(f.ld+f.wide+4)
}

// keys is M with every block rounded up to whole panels.
func (p *plan) keys() int { return ceil(p.M, p.kb) * p.deep }

// Run computes the o [B N H·D] of a task's queries and, unless it is nil, lse
// [B H N]: the logarithm of the sum of the exponentials of each query's
// scores. A query whose every key has a bias of minus infinity gives zeros,
// and minus infinity.
func (f *Forward) Run(task int, o, lse, q, k, v, bias, scratch []float32) {
	groups := ceil(f.N, f.qb*f.per)
	b, h := task/groups/f.H, task/groups%f.H
	kt, scratch := cut(scratch, f.keys()*f.D)
	vs, scratch := cut(scratch, f.M*f.wide)
	for j := 0; j < f.M; j += f.kb {
		n := min(f.kb, f.M-j)
		f.transposed(kt[j/f.kb*f.deep*f.D:], f.head(k, b, j, h, f.M), n)
		f.panels(vs[j*f.wide:], f.head(v, b, j, h, f.M), n)
	}
	first := task % groups * f.per * f.qb
	for i := first; i < min(first+f.per*f.qb, f.N); i += f.qb {
		f.queries(o, lse, q, bias, kt, vs, scratch, b, h, i, min(f.qb, f.N-i))
	}
}

func cut(s []float32, n int) (head, tail []float32) { return s[:n:n], s[n:] }

// queries computes n results from query i on.
func (f *Forward) queries(o, lse, q, bias, kt, vs, scratch []float32, b, h, i, n int) {
	s, scratch := cut(scratch, f.qb*f.ld)
	acc, scratch := cut(scratch, f.qb*f.wide)
	top, sum, shift, part := scratch[:n], scratch[f.qb:f.qb+n], scratch[2*f.qb:2*f.qb+n], scratch[3*f.qb:3*f.qb+n]
	for j := 0; j < f.M; j += f.kb {
		m := min(f.kb, f.M-j)
		f.score(f.block(s), f.channels(f.head(q, b, i, h, f.N)), kt[j/f.kb*f.deep*f.D:], n, m)
		scale := f.biased(s, bias, b, h, i, j, n, m)
		f.set.largest(part, s, f.ld, n, m)
		for r := range n {
			most := part[r] * scale
			if j > 0 {
				most = max(most, top[r])
				if most > top[r] {
					shrink := float32(math.Exp(float64(top[r]) - float64(most)))
					sum[r] *= shrink
					a := acc[r*f.wide : (r+1)*f.wide]
					vec.MulS(a, a, shrink)
				}
			} else {
				sum[r] = 0
			}
			top[r], shift[r] = most, -most
			if math.IsInf(float64(most), -1) {
				shift[r] = 0 // a query that sees nothing yet must not subtract infinities
			}
		}
		f.set.exponentials(part, s, shift, f.ld, n, m, scale)
		for r := range n {
			sum[r] += part[r]
		}
		f.times(f.sums(acc), f.block(s), false, vs[j*f.wide:], n, m, j > 0, nil)
	}
	for r := range n {
		inverse := float32(0)
		if sum[r] != 0 {
			inverse = 1 / sum[r]
		}
		at := f.at(b, i+r, h, f.N)
		vec.MulS(o[at:at+f.D], acc[r*f.wide:r*f.wide+f.D], inverse)
		if lse != nil {
			lse[(b*f.H+h)*f.N+i+r] = top[r] + float32(math.Log(float64(sum[r])))
		}
	}
}

// biased scales a block of products, of n queries from i on with m keys from j
// on, and adds the bias, if there is one. It returns what the scores are still
// to be multiplied by.
func (p *plan) biased(x, bias []float32, b, h, i, j, n, m int) (scale float32) {
	if p.BiasB == 0 {
		return p.scale
	}
	for r := range n {
		row := x[r*p.ld : r*p.ld+m]
		vec.MulAddS(row, row, p.scale, p.bias(bias, b, h, i+r)[j:j+m])
	}
	return 1
}
