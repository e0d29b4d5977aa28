package attention

import (
	"fmt"
	"testing"

	"github.com/limner-ai/limner/engine/kernel/gemm/meter"
	"github.com/limner-ai/limner/engine/kernel/gemm/tile"
	"github.com/limner-ai/limner/engine/kernel/isa"
)

func BenchmarkAttention(b *testing.B) {
	for _, s := range []Shape{
		{B: 16, N: 64, M: 64, H: 4, D: 64},
		{B: 16, N: 64, M: 32, H: 4, D: 64},
		{B: 4, N: 256, M: 256, H: 6, D: 64},
		{B: 1, N: 1024, M: 1024, H: 8, D: 32},
	} {
		c := s.H * s.D
		q, k := make([]float32, s.B*s.N*c), make([]float32, s.B*s.M*c)
		for i := range q {
			q[i] = float32(i%13-6) / 6
		}
		for i := range k {
			k[i] = float32(i%11-5) / 5
		}
		f, w := NewForward(s), NewBackward(s)
		x := Operands{Q: q, K: k, V: k, O: make([]float32, len(q)), LSE: make([]float32, s.B*s.H*s.N), Grad: q}
		d := Gradients{make([]float32, len(q)), make([]float32, len(k)), make([]float32, len(k))}
		scratch := make([]float32, max(f.ScratchSize(), w.ScratchSize()))
		name := fmt.Sprintf("%dx%dx%dx%dx%d", s.B, s.H, s.N, s.M, s.D)
		b.Run("forward/"+name, func(b *testing.B) {
			m := meter.Run(b, func(m *meter.Meter) {
				m.Each(f.Tasks(), func(i int) { f.Run(i, x.O, x.LSE, q, k, k, nil, scratch) })
			})
			m.Report(b, float64(s.FLOPs()), tile.Peak(isa.Active()))
		})
		b.Run("backward/"+name, func(b *testing.B) {
			m := meter.Run(b, func(m *meter.Meter) {
				m.Each(w.Tasks(), func(i int) { w.Run(i, d, x, scratch) })
			})
			m.Report(b, float64(w.FLOPs()), tile.Peak(isa.Active()))
		})
	}
}
