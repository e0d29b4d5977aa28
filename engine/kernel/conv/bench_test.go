package conv

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/limner-ai/limner/engine/kernel/gemm"
	"github.com/limner-ai/limner/engine/kernel/gemm/meter"
)

var layers = []struct {
	name string
	s    Shape
}{
	{"3x3_64-64@64", square(8, 64, 64, 3, 64, 1, 1)},
	{"3x3_128-128@32", square(16, 32, 128, 3, 128, 1, 1)},
	{"3x3_256-256@16", square(32, 16, 256, 3, 256, 1, 1)},
	{"3x3_512-512@8", square(32, 8, 512, 3, 512, 1, 1)},
	{"3x3_32-32@64", square(4, 64, 32, 3, 32, 1, 1)},
	{"3x3_16-16@64", square(4, 64, 16, 3, 16, 1, 1)},
	{"3x3_64-64@14", square(32, 14, 64, 3, 64, 1, 1)},
	{"3x3_128-128@7", square(32, 7, 128, 3, 128, 1, 1)},
	{"3x3_512-512@4", square(32, 4, 512, 3, 512, 1, 1)},
	{"4x4s2_64-128@64", square(8, 64, 64, 4, 128, 2, 1)},
	{"4x4s2_256-512@16", square(32, 16, 256, 4, 512, 2, 1)},
	{"4x4s2_3-64@64", square(16, 64, 3, 4, 64, 2, 1)},
	{"3x3_64-3@64", square(8, 64, 64, 3, 3, 1, 1)},
	{"1x1_64-64@64", square(8, 64, 64, 1, 64, 1, 0)},
	{"1x1_256-64@32", square(8, 32, 256, 1, 64, 1, 0)},
	{"3x3g16_256@16", square(16, 16, 256, 3, 256, 1, 1).grouped(16)},
	{"4x4dw_64@32", square(16, 32, 64, 4, 64, 1, 1).grouped(64)},
	{"3x3dw_128@32", square(16, 32, 128, 3, 128, 1, 1).grouped(128)},
	{"4x4_512-100@4", square(64, 4, 512, 4, 100, 1, 0)},
	{"4x4_512-1@4", square(64, 4, 512, 4, 1, 1, 0)},
}

// BenchmarkConv reports GFLOP/s of one goroutine, padding counted, and its
// share of the peak, from the best time of every task.
func BenchmarkConv(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, l := range layers {
		s := l.s
		x, w, y := random(b, r, s.InputSize()), random(b, r, s.FilterSize()), random(b, r, s.OutputSize())
		fwd, in, fil := NewForward(s), NewInputGrad(s), NewFilterGrad(s)
		packed := make([]float32, max(fwd.PackSize(), in.PackSize()))
		work := make([]float32, fil.WorkSize())
		scratch := make([]float32, max(fwd.ScratchSize(), in.ScratchSize(), fil.ScratchSize()))
		for _, op := range []struct {
			name string
			run  func(m *meter.Meter)
		}{
			{"y", func(m *meter.Meter) {
				m.Each(fwd.PackTasks(), func(t int) { fwd.Pack(t, packed, w) })
				m.Each(fwd.Tasks(), func(t int) { fwd.Run(t, y, x, w, packed, nil, scratch) })
			}},
			{"dx", func(m *meter.Meter) {
				m.Each(in.PackTasks(), func(t int) { in.Pack(t, packed, w) })
				m.Each(in.Tasks(), func(t int) { in.Run(t, x, y, w, packed, nil, scratch) })
			}},
			{"dw", func(m *meter.Meter) {
				m.Each(fil.Tasks(), func(t int) { fil.Run(t, w, x, y, work, scratch) })
				m.Each(fil.ReduceTasks(), func(t int) { fil.Reduce(t, w, work) })
			}},
		} {
			b.Run(fmt.Sprintf("%s/%s", l.name, op.name), func(b *testing.B) {
				meter.Run(b, op.run).Report(b, s.flops(), gemm.Peak())
			})
		}
	}
}
