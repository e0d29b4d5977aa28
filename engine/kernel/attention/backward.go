package attention

import (
	"math"

	"github.com/limner-ai/limner/engine/kernel/isa"
	"github.com/limner-ai/limner/engine/kernel/vec"
)

// Backward computes the gradients of attention: FlashAttention-2, algorithm 2,
// which makes the probabilities again from the scores and their log-sum-exp.
// It does not change after NewBackward and may be used by several goroutines
// at once.
type Backward struct {
	plan
	apart bool // some tasks make dq, others dk and dv
}

// NewBackward plans the gradients on the active instruction set.
func NewBackward(s Shape) *Backward { return newBackward(isa.Active(), s) }

func newBackward(level isa.Level, s Shape) *Backward {
	w := &Backward{plan: newPlan(level, s)}
	// A task of its own for each head saves making the scores twice.
	w.apart = s.B*s.H < headsGood && (s.N > w.qb || s.M > w.kb)
	return w
}

// FLOPs of the matrix products.
func (w *Backward) FLOPs() int64 {
	n := w.Shape.FLOPs() / 2
	if w.apart {
		return 7 * n
	}
	return 5 * n
}

// Tasks is the number of calls to Run, in any order.
func (w *Backward) Tasks() int {
	if w.apart {
		return w.B * w.H * (ceil(w.N, w.qb) + ceil(w.M, w.kb))
	}
	return w.B * w.H
}

// ScratchSize is the number of floats that Run needs for itself.
func (w *Backward) ScratchSize() int {
	edge := w.heads.MR() * w.heads.NR()
	return edge + 2*w.deep*w.D + w.kb*w.wide + 2*w.N*w.wide + 2*w.qb*w.ld + w.N + 2*w.qb
}

// Gradients are where the results go, in the shapes of q, k and v; nil where
// one is not wanted.
type Gradients struct{ Q, K, V []float32 }

// Operands are what a gradient depends on: the operands of the forward pass,
// its results o and lse, and the gradient in o.
type Operands struct{ Q, K, V, O, LSE, Grad, Bias []float32 }

// Run computes a task's share of the gradients.
func (w *Backward) Run(task int, d Gradients, x Operands, scratch []float32) {
	i0, i1, j0, j1 := 0, w.N, 0, w.M
	head := task
	if w.apart {
		queries := ceil(w.N, w.qb)
		each := queries + ceil(w.M, w.kb)
		head = task / each
		if t := task % each; t < queries {
			i0, i1 = t*w.qb, min((t+1)*w.qb, w.N)
			d.K, d.V = nil, nil
		} else {
			j0, j1 = (t-queries)*w.kb, min((t-queries+1)*w.kb, w.M)
			d.Q = nil
		}
	}
	if d.Q == nil && d.K == nil && d.V == nil {
		return
	}
	b := backward{Backward: w, d: d, x: x, b: head / w.H, h: head % w.H}
	b.edge, scratch = cut(scratch, w.heads.MR()*w.heads.NR())
	b.kt, scratch = cut(scratch, w.deep*w.D)
	b.vt, scratch = cut(scratch, w.deep*w.D)
	b.ks, scratch = cut(scratch, w.kb*w.wide)
	b.qs, scratch = cut(scratch, w.N*w.wide)
	b.gs, scratch = cut(scratch, w.N*w.wide)
	b.p, scratch = cut(scratch, w.qb*w.ld)
	b.dp, scratch = cut(scratch, w.qb*w.ld)
	b.delta, scratch = cut(scratch, w.N)
	b.shift, b.sum = scratch[:w.qb], scratch[w.qb:2*w.qb]
	b.begin(i0, i1)
	for j := j0; j < j1; j += w.kb {
		b.keys(j, min(w.kb, j1-j), i0, i1, j == j0)
	}
}

// backward is a task at work.
type backward struct {
	*Backward
	d          Gradients
	x          Operands
	b, h       int
	edge       []float32
	kt, vt, ks []float32 // a block of keys and values, packed
	qs, gs     []float32 // all queries and gradients of the head, packed
	p, dp      []float32 // blocks of scores
	delta      []float32 // Σ o·do of each query
	shift, sum []float32 // of the rows of a block
}

// begin packs the queries i0 to i1.
func (t *backward) begin(i0, i1 int) {
	for i := i0; i < i1; i++ {
		at := t.at(t.b, i, t.h, t.N)
		t.delta[i] = vec.Dot(t.x.O[at:at+t.D], t.x.Grad[at:at+t.D])
	}
	for i := i0; i < i1; i += t.qb {
		n := min(t.qb, i1-i)
		if t.d.K != nil {
			t.panels(t.qs[i*t.wide:], t.head(t.x.Q, t.b, i, t.h, t.N), n)
		}
		if t.d.V != nil {
			t.panels(t.gs[i*t.wide:], t.head(t.x.Grad, t.b, i, t.h, t.N), n)
		}
	}
}

// keys adds what the m keys from j on give together with queries i0 to i1.
func (t *backward) keys(j, m, i0, i1 int, first bool) {
	k, v := t.head(t.x.K, t.b, j, t.h, t.M), t.head(t.x.V, t.b, j, t.h, t.M)
	t.transposed(t.kt, k, m)
	scores := t.d.Q != nil || t.d.K != nil
	if scores {
		t.transposed(t.vt, v, m)
	}
	if t.d.Q != nil {
		t.panels(t.ks, k, m)
	}
	if i0 == i1 {
		t.nothing(j, m)
	}
	p, dp := t.block(t.p), t.block(t.dp)
	for i := i0; i < i1; i += t.qb {
		n := min(t.qb, i1-i)
		t.score(p, t.channels(t.head(t.x.Q, t.b, i, t.h, t.N)), t.kt, n, m)
		t.probabilities(i, j, n, m)
		if t.d.V != nil {
			t.times(t.channels(t.head(t.d.V, t.b, j, t.h, t.M)), p, true, t.gs[i*t.wide:], m, n, i > i0, t.edge)
		}
		if !scores {
			continue
		}
		t.score(dp, t.channels(t.head(t.x.Grad, t.b, i, t.h, t.N)), t.vt, n, m)
		for r := range n {
			t.shift[r] = -t.scale * t.delta[i+r]
		}
		t.set.products(t.dp, t.p, t.shift, t.ld, n, m, t.scale)
		if t.d.K != nil {
			t.times(t.channels(t.head(t.d.K, t.b, j, t.h, t.M)), dp, true, t.qs[i*t.wide:], m, n, i > i0, t.edge)
		}
		if t.d.Q != nil {
			t.times(t.channels(t.head(t.d.Q, t.b, i, t.h, t.N)), dp, false, t.ks, n, m, !first, t.edge)
		}
	}
}

// nothing clears the gradients of m keys that no query sees.
func (t *backward) nothing(j, m int) {
	for r := range m {
		at := t.at(t.b, j+r, t.h, t.M)
		for _, d := range [][]float32{t.d.K, t.d.V} {
			if d != nil {
				clear(d[at : at+t.D])
			}
		}
	}
}

// probabilities turns the products of n queries from i on with m keys from j
// on into P.
func (t *backward) probabilities(i, j, n, m int) {
	scale := t.biased(t.p, t.x.Bias, t.b, t.h, i, j, n, m)
	for r := range n {
		lse := t.x.LSE[(t.b*t.H+t.h)*t.N+i+r]
		if math.IsInf(float64(lse), -1) {
			lse = 0 // all scores are minus infinity too
		}
		t.shift[r] = -lse
	}
	t.set.exponentials(t.sum, t.p, t.shift, t.ld, n, m, scale)
}
