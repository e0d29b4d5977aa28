package fidelity

import (
	"encoding/json"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/limner-ai/limner/engine/tensor"
)

func compare(t *testing.T, real, ref, gen *tensor.Tensor) Report {
	t.Helper()
	r, err := Compare(real, ref, gen)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestComparePerfectAndPoorGenerator(t *testing.T) {
	const n, d = 600, 12
	real, ref := normals(1, n, d, 0, 1), normals(2, n, d, 0, 1)
	good := compare(t, real, ref, normals(3, n, d, 0, 1))
	for _, r := range []Ratio{good.Ratio.Frechet, good.Ratio.SlicedWasserstein, good.Ratio.Precision, good.Ratio.Recall, good.Ratio.Density, good.Ratio.Coverage} {
		near(t, "ratio of a perfect generator", float64(r), 1, .25)
	}
	if math.Abs(float64(good.Ratio.KID)) > 4 {
		t.Errorf("KID of a perfect generator is %v floors", good.Ratio.KID)
	}
	poor := compare(t, real, ref, normals(3, n, d, 1, 1))
	if poor.Floor != good.Floor {
		t.Error("the floor depends on the generated sample")
	}
	p := poor.Ratio
	if p.Frechet < 5 || p.KID < 5 || p.SlicedWasserstein < 3 || p.Precision > .9 || p.Recall > .9 || p.Density > .9 || p.Coverage > .9 {
		t.Errorf("moved by a deviation: %+v", p)
	}
	f, err := Frechet(fit(t, real), fit(t, ref))
	if err != nil {
		t.Fatal(err)
	}
	near(t, "floor of the Fréchet distance", good.Floor.Frechet, f, 0)
	near(t, "density at the floor", good.Floor.Density, measureOverlap(t, real, ref, Neighbours).Density, 0)
}

func TestCompareCutsToTheSmallest(t *testing.T) {
	real, ref, gen := normals(1, 90, 4, 0, 1), normals(2, 70, 4, 0, 1), normals(3, 50, 4, 0, 1)
	r := compare(t, real, ref, gen)
	if r.N != 50 || r.Dim != 4 {
		t.Errorf("n = %d, d = %d, want 50 and 4", r.N, r.Dim)
	}
	cut := rows(real, permutation(90, seed)[:50])
	f, err := Frechet(fit(t, cut), fit(t, gen))
	if err != nil {
		t.Fatal(err)
	}
	near(t, "Fréchet distance", r.Gen.Frechet, f, 1e-12)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(3))
	if again := compare(t, real, ref, gen); again != r {
		t.Errorf("three processors: %+v, want %+v", again, r)
	}
}

func TestPermutation(t *testing.T) {
	var first [5]int
	for s := range uint64(1000) {
		p := permutation(5, s)
		first[p[0]]++
		slices.Sort(p)
		if !slices.Equal(p, []int{0, 1, 2, 3, 4}) {
			t.Fatalf("seed %d: %v", s, p)
		}
	}
	for v, c := range first {
		if c < 140 || c > 260 { // 200 ± 4.7 standard errors
			t.Errorf("%d comes first %d times of 1000", v, c)
		}
	}
}

func TestCompareJSON(t *testing.T) {
	const n, d = 20, 3
	r := compare(t, normals(1, n, d, 0, 1), normals(2, n, d, 100, 1), normals(3, n, d, 0, 1))
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"n":20`, `"coverage":null`, `"kid_error":`, `"precision":0,`} {
		if !strings.Contains(string(b), want) {
			t.Errorf("%s lacks %s", b, want)
		}
	}
	if b, err := json.Marshal(Ratio(1.5)); err != nil || string(b) != "1.5" {
		t.Errorf("ratio as %s, %v", b, err)
	}
}

func TestCompareErrors(t *testing.T) {
	x := normals(1, 8, 2, 0, 1)
	inf := x.Clone()
	inf.Data[5] = float32(math.Inf(-1))
	for _, gen := range []*tensor.Tensor{tensor.New(7, 2), tensor.New(8, 3), tensor.New(2, 2, 4), inf} {
		_, err := Compare(x, x, gen)
		if err == nil || !strings.Contains(err.Error(), "gen") {
			t.Errorf("%v: error %v", gen.Shape, err)
		}
	}
	_, err := Compare(x, x, inf)
	if err == nil || !strings.Contains(err.Error(), "feature 1 of row 2") {
		t.Errorf("error %v does not say where", err)
	}
}
