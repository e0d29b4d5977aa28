package conv

import "github.com/limner-ai/limner/engine/kernel/isa"

// FilterGrad computes dw from x and dy. It does not change after NewFilterGrad
// and may be used by several goroutines at once. It takes two rounds of tasks:
// Run for all of Tasks in any order, then Reduce for all of ReduceTasks.
type FilterGrad struct{ gradMethod }

// gradMethod is a way to compute a filter gradient. Run takes a task's share of
// dw [FilterSize] or of partial sums in work [WorkSize], which all tasks share,
// from x [InputSize] and dy [OutputSize], in scratch [ScratchSize] of the
// caller alone. Reduce adds up a share of the partial sums, which it overwrites.
type gradMethod interface {
	WorkSize() int
	ScratchSize() int
	Tasks() int
	Run(task int, dw, x, dy, work, scratch []float32)
	ReduceTasks() int
	Reduce(task int, dw, work []float32)
}

// NewFilterGrad plans the filter gradient of the convolution s.
func NewFilterGrad(s Shape) *FilterGrad {
	s = s.checked()
	return newFilterGrad(isa.Active(), s, chooseTile(s, filterGradPass))
}

// newFilterGrad plans the gradient by tiles of size m, or directly if m is 0.
func newFilterGrad(level isa.Level, s Shape, m int) *FilterGrad {
	if m != 0 {
		return &FilterGrad{newTiledGrad(level, s, m)}
	}
	return &FilterGrad{newDirectGrad(level, s)}
}
