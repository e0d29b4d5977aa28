package conv

import "github.com/limner-ai/limner/engine/kernel/isa"

// InputGrad computes dx from dy: the adjoint of x ↦ x ∗ w, which is also the
// transposed convolution. A stride of s divides dx into s×s phases that meet
// different taps; each is a convolution of stride 1. It does not change after
// NewInputGrad and may be used by several goroutines at once. It takes the same
// rounds of tasks as Forward.
type InputGrad struct{ method }

// NewInputGrad plans the input gradient of the convolution s.
func NewInputGrad(s Shape) *InputGrad {
	s = s.checked()
	return newInputGrad(isa.Active(), s, chooseTile(s, inputGradPass))
}

// newInputGrad plans the gradient by tiles of size m, or directly if m is 0.
func newInputGrad(level isa.Level, s Shape, m int) *InputGrad {
	if m != 0 {
		return &InputGrad{newTiled(inputGradLattice(level, s, m), filterOf(level, s), true)}
	}
	c := correlation{n: s.N, groups: s.Groups, in: s.K / s.Groups, out: s.C / s.Groups, outH: s.H, outW: s.W, flipped: true}
	c.setFilter(level, s)
	c.round(s.BFloat16)
	rows := gradientAxes(s.H, s.OutH(), s.KH, s.StrideH, s.DilH, s.PadTop)
	cols := gradientAxes(s.W, s.OutW(), s.KW, s.StrideW, s.DilW, s.PadLeft)
	return &InputGrad{newCorrelation(c, s.OutH(), s.OutW(), rows, cols, s.flops())}
}

// Run writes a task's range of dx, of sizes dx [InputSize], dy [OutputSize], w
// [FilterSize], packed [PackSize] filled by Pack, work [WorkSize], and scratch
// [ScratchSize] of the caller alone.
func (p *InputGrad) Run(task int, dx, dy, w, packed, work, scratch []float32) {
	p.run(task, dx, dy, packed, scratch)
}
