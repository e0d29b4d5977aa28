package gemm

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/limner-ai/limner/engine/kernel/gemm/meter"
)

// BenchmarkGemm reports GFLOP/s of one goroutine and its share of the peak, from
// the best time of every task.
func BenchmarkGemm(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, s := range []struct {
		m, n, k        int
		transA, transB bool
	}{
		{512, 512, 512, false, false}, {512, 512, 512, false, true}, {512, 512, 512, true, false}, {512, 512, 512, true, true},
		{1024, 1024, 1024, false, false}, {1024, 1024, 1024, false, true}, {1024, 1024, 1024, true, false},
		// what convolutions unfold to
		{64, 65536, 576, false, false}, {64, 65536, 576, false, true}, {65536, 64, 576, false, false},
		{65536, 64, 576, false, true}, {576, 64, 65536, true, false}, {128, 16384, 1152, false, false}, {256, 16384, 2304, false, false},
		// a dense net at batch 128
		{128, 784, 400, false, false}, {128, 400, 400, false, false}, {400, 784, 128, true, false}, {128, 400, 784, false, true},
		// a transformer
		{4096, 768, 256, false, false}, {4096, 256, 768, false, true}, {256, 768, 4096, true, false},
		{4096, 1024, 256, false, false}, {4096, 256, 1024, false, false}, {256, 1024, 4096, true, false},
		// few rows or columns
		{64, 1024, 1024, false, false}, {64, 1024, 1024, false, true}, {1024, 1024, 64, true, false},
		{64, 4096, 4096, false, false}, {64, 200, 4096, false, false},
		{1, 1024, 1024, false, false}, {1, 1024, 1024, false, true}, {4, 1024, 1024, false, false},
		{65536, 16, 64, false, false}, {65536, 3, 64, false, false}, {16384, 64, 192, false, false},
	} {
		b.Run(fmt.Sprintf("%dx%dx%d/%v%v", s.m, s.n, s.k, s.transA, s.transB), func(b *testing.B) {
			p := New(s.m, s.n, s.k, s.transA, s.transB)
			x, y := random(b, r, s.m*s.k), random(b, r, s.k*s.n)
			c := make([]float32, s.m*s.n)
			packed, scratch := make([]float32, p.PackSize()), make([]float32, p.ScratchSize())
			m := meter.Run(b, func(m *meter.Meter) {
				m.Each(p.PackTasks(), func(t int) { p.Pack(t, packed, x, y) })
				m.Each(p.Tasks(), func(t int) { p.Run(t, c, x, y, packed, scratch) })
			})
			m.Report(b, 2*float64(s.m)*float64(s.n)*float64(s.k), Peak())
		})
	}
}
