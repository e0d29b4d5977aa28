package conv

import "testing"

// No pass of a convolution allocates, whichever way it goes.
func TestPassesAllocateNothing(t *testing.T) {
	for name, s := range map[string]Shape{
		"tiles":         square(8, 32, 64, 3, 64, 1, 1),
		"tiles, stride": square(8, 32, 64, 4, 128, 2, 1),
		"direct":        square(2, 9, 24, 5, 40, 1, 2),
		"grouped":       square(2, 14, 64, 3, 64, 1, 1).grouped(4),
	} {
		x, w, dy := make([]float32, s.InputSize()), make([]float32, s.FilterSize()), make([]float32, s.OutputSize())
		f, d, g := NewForward(s), NewInputGrad(s), NewFilterGrad(s)
		packed := make([]float32, max(f.PackSize(), d.PackSize()))
		work, scratch := make([]float32, g.WorkSize()), make([]float32, max(f.ScratchSize(), d.ScratchSize(), g.ScratchSize()))
		for pass, run := range map[string]func(){
			"forward": func() {
				for i := range f.PackTasks() {
					f.Pack(i, packed, w)
				}
				for i := range f.Tasks() {
					f.Run(i, dy, x, w, packed, nil, scratch)
				}
			},
			"input gradient": func() {
				for i := range d.PackTasks() {
					d.Pack(i, packed, w)
				}
				for i := range d.Tasks() {
					d.Run(i, x, dy, w, packed, nil, scratch)
				}
			},
			"filter gradient": func() {
				for i := range g.Tasks() {
					g.Run(i, w, x, dy, work, scratch)
				}
			},
		} {
			if n := testing.AllocsPerRun(2, run); n >= 1 {
				t.Errorf("%s, %s: %v allocations", name, pass, n)
			}
		}
	}
}
