package winograd

import (
	"testing"
	"unsafe"

	"github.com/limner-ai/limner/engine/kernel/gemm/meter"
	"github.com/limner-ai/limner/engine/kernel/isa"
)

// BenchmarkTransform reports how many channels of a tile a nanosecond transforms
// (as GFLOP/s), over tiles that lie as in a block of a convolution with 64 channels.
func BenchmarkTransform(b *testing.B) {
	const channels, tiles = 64, 24
	for size := range all {
		k := New(isa.Active(), size[0], size[1], 16)
		plane := tiles*channels + 16
		points, planes := make([]float32, 36*channels*tiles), make([]float32, 36*plane)
		var table [36]unsafe.Pointer
		a := Args{Points: &table[0], Next: &table[0], Plane: plane, PointStep: k.lanes, BaseStep: k.lanes, Count: channels / k.lanes}
		for _, c := range []struct {
			name string
			f    func(*Args)
			size int
		}{{"input", k.Input, k.N()}, {"filter", k.Filter, k.r}, {"grad", k.Grad, k.m}, {"output", k.Output, k.m}, {"filterGrad", k.FilterGrad, k.r}} {
			b.Run(c.name+string(rune('0'+k.m))+string(rune('0'+k.r)), func(b *testing.B) {
				all := func(int) {
					for t := range tiles {
						for i := range c.size * c.size {
							table[i] = unsafe.Pointer(&points[(t*c.size*c.size+i)*channels])
						}
						a.Base = unsafe.Pointer(&planes[t*channels])
						c.f(&a)
					}
				}
				meter.Run(b, func(m *meter.Meter) { m.Each(1, all) }).Report(b, tiles*channels, 0)
			})
		}
	}
}
