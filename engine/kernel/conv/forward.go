package conv

import "github.com/limner-ai/limner/engine/kernel/isa"

// Forward computes y = x ∗ w. It does not change after NewForward and may be
// used by several goroutines at once. A convolution takes two rounds of tasks:
// Pack for all of PackTasks in any order, then Run for all of Tasks. Buffers
// should begin at multiples of 64 bytes.
type Forward struct{ method }

// NewForward plans a convolution on the active instruction set.
func NewForward(s Shape) *Forward {
	s = s.checked()
	return newForward(isa.Active(), s, chooseTile(s, forwardPass))
}

// newForward plans a convolution by tiles of size m, or directly if m is 0.
func newForward(level isa.Level, s Shape, m int) *Forward {
	if m != 0 {
		return &Forward{newTiled(forwardLattice(level, s, m), filterOf(level, s), false)}
	}
	c := correlation{n: s.N, groups: s.Groups, in: s.C / s.Groups, out: s.K / s.Groups, outH: s.OutH(), outW: s.OutW()}
	c.setFilter(level, s)
	c.round(s.BFloat16)
	rows := []axis{forwardAxis(s.KH, s.StrideH, s.DilH, s.PadTop)}
	cols := []axis{forwardAxis(s.KW, s.StrideW, s.DilW, s.PadLeft)}
	return &Forward{newCorrelation(c, s.H, s.W, rows, cols, s.flops())}
}

// setFilter notes how w lies in memory. Channel by channel, all groups are one.
func (c *correlation) setFilter(level isa.Level, s Shape) {
	c.filter = filterOf(level, s)
	if s.depthwise() {
		c.depthwise = true
		c.groups, c.in, c.out = 1, s.C, s.K
	}
}

// Run writes a task's range of y, of sizes y [OutputSize], x [InputSize], w
// [FilterSize], packed [PackSize] filled by Pack, work [WorkSize], and scratch
// [ScratchSize] of the caller alone.
func (p *Forward) Run(task int, y, x, w, packed, work, scratch []float32) {
	p.run(task, y, x, packed, scratch)
}
