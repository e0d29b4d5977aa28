package bench

import (
	"testing"
	"time"

	"github.com/limner-ai/limner/engine/cpu"
)

// Every case compiles and has work; a small one is measured.
func TestCases(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range Cases() {
		if seen[c.Name] {
			t.Errorf("two cases %q", c.Name)
		}
		seen[c.Name] = true
	}
	pool := cpu.NewPool(2)
	defer pool.Close()
	c := matMul(64, 48, 32)
	it, err := c.Load(pool)
	if err != nil {
		t.Fatal(err)
	}
	if want := int64(2 * 64 * 48 * 32); it.FLOPs != want {
		t.Errorf("counted %d operations, want %d", it.FLOPs, want)
	}
	r, err := Measure(c.Name, it, 100, time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	if r.Seconds <= 0 || r.Fastest > r.Seconds || r.GFLOPS <= 0 || r.Allocations != 0 {
		t.Errorf("measured %+v", r)
	}
	if hot := it.Profile(1); len(hot) == 0 || hot[0].FLOPs != it.FLOPs {
		t.Errorf("profile %+v", hot)
	}
}

func TestMedian(t *testing.T) {
	if m := Median([]float64{3, 1, 2}); m != 2 {
		t.Errorf("median of three is %v", m)
	}
	if m := Median([]float64{4, 1, 2, 3}); m != 2.5 {
		t.Errorf("median of four is %v", m)
	}
}

// BenchmarkCase times every case: go test -bench Case ./internal/bench.
func BenchmarkCase(b *testing.B) {
	pool := cpu.NewPool(0)
	defer pool.Close()
	for _, c := range Cases() {
		b.Run(c.Name, func(b *testing.B) {
			it, err := c.Load(pool)
			if err != nil {
				b.Fatal(err)
			}
			if err := it.Run(); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			b.ResetTimer()
			for range b.N {
				if err := it.Run(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(it.FLOPs)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}
