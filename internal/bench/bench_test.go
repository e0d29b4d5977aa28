package bench

import (
	"math"
	"runtime/metrics"
	"strings"
	"testing"
	"time"

	"github.com/limner-ai/limner/engine/cpu"
)

// Names are paths and distinct, and PyTorch is asked for all.
func TestCases(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range Cases() {
		if seen[c.Name] {
			t.Errorf("two cases %q", c.Name)
		}
		seen[c.Name] = true
		if !strings.Contains(c.Name, "/") || strings.ContainsAny(c.Name, " \t") {
			t.Errorf("%q is not a path", c.Name)
		}
		if c.Work == nil {
			t.Errorf("%s: nothing to compare with", c.Name)
		}
	}
	for _, n := range networks {
		if _, err := n.model(); err != nil {
			t.Errorf("%s: %v", n.name, err)
		}
		if !seen["train/"+n.name] {
			t.Errorf("%s is not trained", n.name)
		}
	}
}

func TestMeasure(t *testing.T) {
	pool := cpu.NewPool(2)
	defer pool.Close()
	c := product(64, 48, 32, true, false)
	it, err := c.Load(pool)
	if err != nil {
		t.Fatal(err)
	}
	if want := int64(2 * 64 * 48 * 32); it.FLOPs != want {
		t.Errorf("counted %d operations, want %d", it.FLOPs, want)
	}
	r, err := Measure(c.Name, it, Roof{GFLOPS: 100}, time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	if r.Seconds <= 0 || r.Fastest > r.Seconds || r.GFLOPS <= 0 || r.Allocations != 0 || math.Abs(r.Share-r.GFLOPS/100) > 1e-9 {
		t.Errorf("measured %+v", r)
	}
	if hot := it.Profile(1); len(hot) == 0 || hot[0].FLOPs != it.FLOPs {
		t.Errorf("profile %+v", hot)
	}
	if s, err := Scale(c, pool, time.Millisecond); err != nil || s.Threads != 2 || s.Ratio <= 0 || s.One <= 0 {
		t.Errorf("scaling %+v, %v", s, err)
	}
	if s, err := Stops(c.Name, it, 20*time.Millisecond); err != nil || s.Count == 0 || s.P50 > s.P99 || s.P99 > s.Longest || s.Longest <= 0 {
		t.Errorf("stops %+v, %v", s, err)
	}
}

// A case without contractions is held against memory: Adam reads a gradient,
// a parameter and two moments, and writes the latter three.
func TestMemoryRoof(t *testing.T) {
	pool := cpu.NewPool(1)
	defer pool.Close()
	const n = 1000
	it, err := adam(n).Load(pool)
	if err != nil {
		t.Fatal(err)
	}
	if want := int64(4 * (7*n + 4)); it.Bytes != want { // and two corrections
		t.Errorf("counted %d bytes, want %d", it.Bytes, want)
	}
	r := Result{Seconds: 1e-6}
	r.rate(it, Roof{GBS: 56})
	if math.Abs(r.GBS-28) > .1 || math.Abs(r.Share-.5) > .01 {
		t.Errorf("%+v", r)
	}
	if r.rate(it, Roof{}); r.Share != 0 {
		t.Errorf("a share of nothing is %v", r.Share)
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

func TestFastestWay(t *testing.T) {
	ways := hopeful([]way{{variant: 0, times: []float64{3, 5}}, {variant: 1, times: []float64{2, 2}}, {variant: 2, times: []float64{2, 3}}})
	if len(ways) != 2 || ways[0].variant != 1 || ways[1].variant != 2 {
		t.Errorf("kept %+v", ways)
	}
	if best := fastest(ways); best.variant != 1 {
		t.Errorf("the fastest is %+v", best)
	}
}

func TestQuantiles(t *testing.T) {
	h := func(counts ...uint64) *metrics.Float64Histogram {
		return &metrics.Float64Histogram{Counts: counts, Buckets: []float64{0, 1, 2, 3, 4}}
	}
	var s Stop
	s.read(h(5, 0, 0, 7), h(65, 39, 1, 7))
	if s.Count != 100 || s.P50 != 1 || s.P99 != 2 || s.Longest != 3 {
		t.Errorf("%+v", s)
	}
}

func TestTables(t *testing.T) {
	table := Comparisons([]Comparison{{Name: "train/x", Limner: .1, PyTorch: .25, Ratio: 2.5, GFLOPS: 90, Share: .9, Memory: 3 << 20, Torch: "2", Variant: "nhwc"}})
	var text, markdown strings.Builder
	if err := table.Text(&text); err != nil {
		t.Fatal(err)
	}
	if err := table.Markdown(&markdown); err != nil {
		t.Fatal(err)
	}
	const want = "| train/x | 100.000 | 250.000 | 2.50 | 90.0 GFLOP/s | 90% | 3 |  | 2 nhwc |\n"
	if !strings.HasSuffix(markdown.String(), want) {
		t.Errorf("markdown:\n%s", markdown.String())
	}
	if n := strings.Count(text.String(), "\n"); n != 2 {
		t.Errorf("text of %d lines:\n%s", n, text.String())
	}
}
