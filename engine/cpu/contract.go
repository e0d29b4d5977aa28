package cpu

import (
	"github.com/limner-ai/limner/engine/compile"
	"github.com/limner-ai/limner/engine/kernel/conv"
)

// follow runs a loop over what a contraction's task has just written, while
// it is in the cache.
type follow struct {
	*loop
	at int // where the loop's scratch begins
}

func newFollow(e *Executable, l *compile.Loop, at, tasks int) *follow {
	if l == nil {
		return nil
	}
	f := &follow{loop: newLoop(e, l, true), at: at}
	if f.fold != nil {
		f.fold.split(tasks)
	}
	return f
}

func (f *follow) needs() (int, int) {
	if f == nil {
		return 0, 0
	}
	return f.loop.needs()
}

// start prepares for the ranges of one task.
func (f *follow) start(task int, w *worker) {
	f.begin(w.scratch[f.at:])
	if f.fold != nil {
		f.fold.clear(0, task)
	}
}

// over runs the loop over elements [lo, hi), which task has finished.
func (f *follow) over(lo, hi, task int, w *worker) {
	scratch := w.scratch[f.at:]
	if f.fold != nil {
		f.fold.linear(lo, hi, 0, task, w, scratch)
		return
	}
	for ; lo < hi; lo += block {
		f.block(lo, min(block, hi-lo), w, scratch)
	}
}

func (f *follow) finish(p *Pool) {
	if f != nil && f.fold != nil {
		f.fold.finish(p)
	}
}

// matMul multiplies pairs of matrices: pack, then one task a block of C.
type matMul struct {
	s       *compile.MatMul
	a, b, c []float32
	packed  []float32
	pack    matMulPack
	after   *follow
	scratch int
}

func newMatMul(e *Executable, s *compile.MatMul) *matMul {
	m := &matMul{s: s, a: e.memory[s.A], b: e.memory[s.B], c: e.memory[s.C], scratch: s.Plan.ScratchSize()}
	if s.Packed >= 0 {
		m.packed = e.memory[s.Packed]
	}
	m.pack.m = m
	m.after = newFollow(e, s.Epilogue, m.scratch, s.Batch*s.Plan.Tasks())
	return m
}

func (m *matMul) needs() (int, int) {
	a, b := m.after.needs()
	return m.scratch + a, b
}

func (m *matMul) run(p *Pool) {
	p.do(&m.pack, m.s.Batch*m.s.Plan.PackTasks())
	p.do(m, m.s.Batch*m.s.Plan.Tasks())
	m.after.finish(p)
}

type matMulPack struct{ m *matMul }

func (t *matMulPack) task(i int, _ *worker) {
	m := t.m
	s := m.s
	n := s.Plan.PackTasks()
	pair := i / n
	s.Plan.Pack(i%n, m.panels(pair), m.a[pair*s.M*s.K:], m.b[pair*s.K*s.N:])
}

// panels is the workspace of one pair.
func (m *matMul) panels(pair int) []float32 {
	n := m.s.Plan.PackSize()
	return m.packed[pair*n : (pair+1)*n]
}

func (m *matMul) task(i int, w *worker) {
	s := m.s
	n := s.Plan.Tasks()
	pair, t := i/n, i%n
	at := pair * s.M * s.N
	c := m.c[at : at+s.M*s.N]
	s.Plan.Run(t, c, m.a[pair*s.M*s.K:(pair+1)*s.M*s.K], m.b[pair*s.K*s.N:(pair+1)*s.K*s.N], m.panels(pair), w.scratch[:m.scratch])
	if m.after == nil {
		return
	}
	m.after.start(i, w)
	r0, r1, c0, c1 := s.Plan.Block(t)
	if c0 == 0 && c1 == s.N {
		m.after.over(at+r0*s.N, at+r1*s.N, i, w)
		return
	}
	for r := r0; r < r1; r++ {
		if r+1 < r1 {
			m.after.prefetch(at+(r+1)*s.N+c0, at+(r+1)*s.N+c1)
		}
		m.after.over(at+r*s.N+c0, at+r*s.N+c1, i, w)
	}
}

// convPlan is what the three convolutions have in common.
type convPlan interface {
	ScratchSize() int
	Tasks() int
}

// packer is a plan that rearranges its filter first.
type packer interface {
	PackTasks() int
	Pack(task int, packed, w []float32)
}

// convolution runs one task a range of the result.
type convolution struct {
	s            *compile.Conv
	plan         convPlan
	packer       packer // nil for filter gradients
	out, a, b    []float32
	packed, work []float32
	pack         convPack
	reduce       convReduce
	after        *follow
	scratch      int
}

func newConv(e *Executable, s *compile.Conv) *convolution {
	c := &convolution{s: s, plan: s.Plan.(convPlan), out: e.memory[s.Out], a: e.memory[s.A], b: e.memory[s.B]}
	c.packer, _ = s.Plan.(packer)
	if s.Packed >= 0 {
		c.packed = e.memory[s.Packed]
	}
	if s.Work >= 0 {
		c.work = e.memory[s.Work]
	}
	c.pack.c, c.reduce.c = c, c
	c.scratch = c.plan.ScratchSize()
	c.after = newFollow(e, s.Epilogue, c.scratch, c.plan.Tasks())
	return c
}

func (c *convolution) needs() (int, int) {
	a, b := c.after.needs()
	return c.scratch + a, b
}

func (c *convolution) run(p *Pool) {
	if c.packer != nil {
		p.do(&c.pack, c.packer.PackTasks())
	}
	p.do(c, c.plan.Tasks())
	if f, ok := c.plan.(*conv.FilterGrad); ok {
		p.do(&c.reduce, f.ReduceTasks())
	}
	c.after.finish(p)
}

type convPack struct{ c *convolution }

func (t *convPack) task(i int, _ *worker) { t.c.packer.Pack(i, t.c.packed, t.c.b) }

type convReduce struct{ c *convolution }

func (t *convReduce) task(i int, _ *worker) {
	t.c.plan.(*conv.FilterGrad).Reduce(i, t.c.out, t.c.work)
}

func (c *convolution) task(i int, w *worker) {
	scratch := w.scratch[:c.scratch]
	var lo, hi int
	switch p := c.plan.(type) {
	case *conv.Forward:
		p.Run(i, c.out, c.a, c.b, c.packed, c.work, scratch)
		lo, hi = p.Range(i)
	case *conv.InputGrad:
		p.Run(i, c.out, c.a, c.b, c.packed, c.work, scratch)
		lo, hi = p.Range(i)
	case *conv.FilterGrad:
		p.Run(i, c.out, c.a, c.b, c.work, scratch)
		return
	}
	if c.after != nil {
		c.after.start(i, w)
		c.after.over(lo, hi, i, w)
	}
}
