package cpu

import "github.com/limner-ai/limner/engine/compile"

// turn runs the norm and rotation of heads, one task a share of the tokens.
type turn struct {
	s                       *compile.Rotary
	out, x, scale, cos, sin []float32
}

func newTurn(e *Executable, s *compile.Rotary) *turn {
	return &turn{s, e.buffer(s.Out), e.buffer(s.X), e.buffer(s.Scale), e.buffer(s.Cos), e.buffer(s.Sin)}
}

func (t *turn) needs() (int, int)     { return 0, 0 }
func (t *turn) run(p *Pool)           { p.do(t, t.s.Plan.Tasks()) }
func (t *turn) task(i int, _ *worker) { t.s.Plan.Turn(i, t.out, t.x, t.scale, t.cos, t.sin) }

// turnGrad runs the gradients; the parts of that in the scale are added up
// afterwards.
type turnGrad struct {
	s                      *compile.RotaryGrad
	dx, dscale, parts      []float32
	x, scale, cos, sin, ct []float32
}

func newTurnGrad(e *Executable, s *compile.RotaryGrad) *turnGrad {
	return &turnGrad{
		s: s, dx: e.buffer(s.GradX), dscale: e.buffer(s.GradScale), parts: e.buffer(s.Parts),
		x: e.buffer(s.X), scale: e.buffer(s.Scale), cos: e.buffer(s.Cos), sin: e.buffer(s.Sin), ct: e.buffer(s.Cotangent),
	}
}

func (t *turnGrad) needs() (int, int) { return 0, 0 }

func (t *turnGrad) run(p *Pool) {
	p.do(t, t.s.Plan.Tasks())
	if t.dscale != nil {
		t.s.Plan.Finish(t.dscale, t.parts)
	}
}

func (t *turnGrad) task(i int, _ *worker) {
	t.s.Plan.Grad(i, t.dx, t.parts, t.ct, t.x, t.scale, t.cos, t.sin)
}
