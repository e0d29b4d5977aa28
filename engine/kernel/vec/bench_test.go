package vec

import (
	"fmt"
	"testing"

	"github.com/limner-ai/limner/engine/kernel/isa"
)

// perElement reports the time of one element of n.
func perElement(b *testing.B, n int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/element")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkKernels runs every elementwise kernel on a block of the
// first-level cache and on memory, at every level.
func BenchmarkKernels(b *testing.B) {
	defer func(s *set) { active = s }(active)
	for _, n := range []int{1024, 1 << 22} {
		dst, x, y, z := make([]float32, n), make([]float32, n), make([]float32, n), make([]float32, n)
		for i := range x {
			x[i], y[i], z[i] = float32(i%1000)*0.004+0.1, float32(i%77)-38, float32(i%3)
		}
		for _, k := range kernels {
			for _, l := range isa.Available() {
				b.Run(fmt.Sprintf("%s/%d/%s", k.name, n, l), func(b *testing.B) {
					active = implementations[l]
					for b.Loop() {
						k.run(dst, x, y, z, 1.5, -0.5)
					}
					perElement(b, n)
				})
			}
		}
	}
}

// BenchmarkWhole runs the kernels that are not elementwise.
func BenchmarkWhole(b *testing.B) {
	defer func(s *set) { active = s }(active)
	const n = 1 << 22
	p, m, v, grad := make([]float32, n), make([]float32, n), make([]float32, n), make([]float32, n)
	Fill(grad, 0.01)
	acc := make([]float32, 256)
	for _, k := range []struct {
		name string
		run  func()
	}{
		{"Adam", func() {
			s := AdamState{P: p, M: m, V: v}
			(&Adam{Tau1: .1, Tau2: .001, Pace: 1e-3, Unit: 1, Eps: 1e-8}).Step(s, s, grad)
		}},
		{"AddRows", func() { AddRows(acc, grad, n/256, 256) }},
		{"MaxRows", func() { MaxRows(acc, grad, n/256, 256) }},
		{"Transpose2048", func() { Transpose(p, grad, 2048, 2048) }},
		{"Transpose64x64", func() {
			for i := 0; i < n; i += 4096 {
				Transpose(p[:4096], grad[:4096], 64, 64)
			}
		}},
	} {
		for _, l := range isa.Available() {
			b.Run(fmt.Sprintf("%s/%s", k.name, l), func(b *testing.B) {
				active = implementations[l]
				for b.Loop() {
					k.run()
				}
				perElement(b, n)
			})
		}
	}
}
