package cpu

import (
	"github.com/limner-ai/limner/engine/compile"
	"github.com/limner-ai/limner/engine/kernel/attention"
)

// attend runs attention, one task a head or a block of its queries.
type attend struct {
	plan                    *attention.Forward
	out, lse, q, k, v, bias []float32
}

// buffer is the memory of a buffer, nil for -1.
func (e *Executable) buffer(b int) []float32 {
	if b < 0 {
		return nil
	}
	return e.memory[b]
}

func newAttend(e *Executable, s *compile.Attention) *attend {
	return &attend{s.Plan, e.buffer(s.Out), e.buffer(s.LSE), e.buffer(s.Q), e.buffer(s.K), e.buffer(s.V), e.buffer(s.Bias)}
}

func (a *attend) needs() (int, int) { return a.plan.ScratchSize(), 0 }
func (a *attend) run(p *Pool)       { p.do(a, a.plan.Tasks()) }
func (a *attend) task(i int, w *worker) {
	a.plan.Run(i, a.out, a.lse, a.q, a.k, a.v, a.bias, w.scratch)
}

// attendGrad runs the gradients of attention.
type attendGrad struct {
	plan *attention.Backward
	d    attention.Gradients
	x    attention.Operands
}

func newAttendGrad(e *Executable, s *compile.AttentionGrad) *attendGrad {
	return &attendGrad{
		plan: s.Plan,
		d:    attention.Gradients{Q: e.buffer(s.GradQ), K: e.buffer(s.GradK), V: e.buffer(s.GradV)},
		x: attention.Operands{
			Q: e.buffer(s.Q), K: e.buffer(s.K), V: e.buffer(s.V), Bias: e.buffer(s.Bias),
			O: e.buffer(s.O), LSE: e.buffer(s.LSE), Grad: e.buffer(s.Grad),
		},
	}
}

func (a *attendGrad) needs() (int, int)     { return a.plan.ScratchSize(), 0 }
func (a *attendGrad) run(p *Pool)           { p.do(a, a.plan.Tasks()) }
func (a *attendGrad) task(i int, w *worker) { a.plan.Run(i, a.d, a.x, w.scratch) }
