package fidelity

import (
	"fmt"
	"math"
	"runtime"
	"testing"

	"github.com/limner-ai/limner/engine/tensor"
)

func measureOverlap(t *testing.T, real, gen *tensor.Tensor, k int) Overlap {
	t.Helper()
	o, err := MeasureOverlap(real, gen, k)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// On a line everything can be counted by hand.
func TestOverlapOnALine(t *testing.T) {
	real := tensor.From([]float32{0, 1, 2, 10}, 4, 1) // radii 1 1 1 8 with k = 1
	gen := tensor.From([]float32{1.5, 2.5, -5}, 3, 1) // radii 1 1 6.5
	o := measureOverlap(t, real, gen, 1)
	// 1.5 is in the balls of 1 and 2, 2.5 of 2 and 10, −5 of none. 0 is in the
	// ball of −5, 1 and 2 in those of 1.5, 10 in none.
	want := Overlap{Precision: 2. / 3, Recall: 3. / 4, Density: 4. / 3, Coverage: 3. / 4}
	near(t, "precision", o.Precision, want.Precision, 1e-15)
	near(t, "recall", o.Recall, want.Recall, 1e-15)
	near(t, "density", o.Density, want.Density, 1e-15)
	near(t, "coverage", o.Coverage, want.Coverage, 1e-15)
	// With k = 2 the real radii are 2 1 2 9: 1.5 is in all four balls.
	o = measureOverlap(t, real, gen, 2)
	near(t, "density of k = 2", o.Density, (4.+2.+0.)/(3*2), 1e-15)
}

// Two equal Gaussians: the expectation of density is 1, that of coverage is
// one less the chance that the k nearest of the pooled rows are all real.
func TestOverlapOfEqualGaussians(t *testing.T) {
	const n, d, k = 1000, 64, 5
	var mean Overlap
	const draws = 4
	for s := range uint64(draws) {
		o := measureOverlap(t, normals(2*s, n, d, 0, 1), normals(2*s+1, n, d, 0, 1), k)
		mean.Precision += o.Precision / draws
		mean.Recall += o.Recall / draws
		mean.Density += o.Density / draws
		mean.Coverage += o.Coverage / draws
	}
	miss := 1.0
	for i := range k {
		miss *= float64(n-1-i) / float64(2*n-1-i)
	}
	near(t, "coverage", mean.Coverage, 1-miss, .01)
	near(t, "density", mean.Density, 1, .1)
	near(t, "precision less recall", mean.Precision-mean.Recall, 0, .05)
}

func TestOverlapFollowsATranslation(t *testing.T) {
	const n, d = 500, 16
	real := normals(1, n, d, 0, 1)
	last := Overlap{1, 1, 2, 1}
	for _, by := range []float32{0, .5, 1, 2, 4} {
		o := measureOverlap(t, real, normals(2, n, d, by, 1), 5)
		if o.Precision > last.Precision || o.Recall > last.Recall || o.Density > last.Density || o.Coverage > last.Coverage {
			t.Errorf("moved by %v: %+v does not fall from %+v", by, o, last)
		}
		last = o
	}
	if last != (Overlap{}) {
		t.Errorf("moved out of sight: %+v", last)
	}
}

// clusters is n rows spread evenly over modes far apart.
func clusters(seed uint64, n, d, modes int) *tensor.Tensor {
	x := normals(seed, n, d, 0, 1)
	for i := range n {
		x.Row(i)[0] += float32(100 * (i % modes))
	}
	return x
}

func TestDroppedModesCostDiversityAlone(t *testing.T) {
	const n, d = 1000, 8
	real := clusters(1, n, d, 10)
	full, half := measureOverlap(t, real, clusters(2, n, d, 10), 5), measureOverlap(t, real, clusters(2, n, d, 5), 5)
	near(t, "precision", half.Precision, full.Precision, .03)
	near(t, "recall", half.Recall, full.Recall/2, .05)
	near(t, "coverage", half.Coverage, full.Coverage/2, .05)
	// The other way round the invented modes cost fidelity alone.
	invented := measureOverlap(t, clusters(1, n, d, 5), clusters(2, n, d, 10), 5)
	near(t, "precision with invented modes", invented.Precision, full.Precision/2, .05)
	near(t, "recall with invented modes", invented.Recall, full.Recall, .05)
}

// Neither the origin nor the number of goroutines may matter.
func TestOverlapIsDeterministic(t *testing.T) {
	real, gen := normals(1, 300, 10, 0, 1), normals(2, 260, 10, .3, 1)
	want := measureOverlap(t, real, gen, 5)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for _, procs := range []int{1, 3} {
		runtime.GOMAXPROCS(procs)
		if got := measureOverlap(t, real, gen, 5); got != want {
			t.Errorf("%d processors: %+v, want %+v", procs, got, want)
		}
	}
	far := [2]*tensor.Tensor{real.Clone(), gen.Clone()}
	for _, x := range far {
		for i := range x.Data { // 2⁻¹⁰ of the spread survives float32
			x.Data[i] = float32(math.Round(float64(x.Data[i])*1024)/1024) + 8192
		}
	}
	near(t, "density far from the origin", measureOverlap(t, far[0], far[1], 5).Density, want.Density, .02)
}

func TestOverlapErrors(t *testing.T) {
	x := tensor.New(6, 2)
	nan := tensor.New(6, 2)
	nan.Data[3] = float32(math.NaN())
	for _, c := range []struct {
		gen *tensor.Tensor
		k   int
	}{{tensor.New(5, 2), 5}, {tensor.New(6, 3), 5}, {tensor.New(12), 1}, {nan, 5}, {x, 6}, {x, 0}, {tensor.New(6, 0), 1}} {
		if _, err := MeasureOverlap(x, c.gen, c.k); err == nil {
			t.Errorf("%v, k = %d: no error", c.gen.Shape, c.k)
		}
	}
	if _, err := MeasureOverlap(x, x, 5); err != nil {
		t.Errorf("equal rows: %v", err)
	}
}

// The larger case has known results: the authors of density and coverage
// print .4772 .4705 1.0555 .9735 for it in their code's documentation. (With
// so many features density differs by some .05 from draw to draw.)
func BenchmarkOverlap(b *testing.B) {
	for _, d := range []int{128, 1000} {
		b.Run(fmt.Sprintf("10000x%d", d), func(b *testing.B) {
			real, gen := normals(1, 10000, d, 0, 1), normals(2, 10000, d, 0, 1)
			var o Overlap
			for b.Loop() {
				var err error
				if o, err = MeasureOverlap(real, gen, 5); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(o.Precision, "precision")
			b.ReportMetric(o.Recall, "recall")
			b.ReportMetric(o.Density, "density")
			b.ReportMetric(o.Coverage, "coverage")
		})
	}
}
