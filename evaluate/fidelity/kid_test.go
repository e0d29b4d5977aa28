package fidelity

import (
	"math"
	"testing"

	"github.com/limner-ai/limner/engine/tensor"
)

// The discrepancy of two point masses needs no estimate.
func TestKIDOfPoints(t *testing.T) {
	x, y := tensor.New(9, 2), tensor.New(12, 2)
	for i := range 9 {
		copy(x.Row(i), []float32{1, 2})
	}
	for i := range 12 {
		copy(y.Row(i), []float32{3, -1})
	}
	k := func(dot float64) float64 { return math.Pow(dot/2+1, 3) }
	want := k(5) + k(10) - 2*k(1)
	for _, blocks := range []int{1, 2, 4} {
		got, se, err := KID(x, y, blocks, 7)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "KID", got, want, 1e-12)
		near(t, "standard error", se, 0, 1e-6)
	}
}

// The estimate has no bias, and the standard error is one: equal samples lie
// within a few errors of zero however small the blocks are.
func TestKIDIsUnbiased(t *testing.T) {
	x, y := normals(3, 1200, 8, 0, 1), normals(4, 1500, 8, 0, 1)
	within := 0
	const seeds = 20
	for s := range uint64(seeds) {
		v, se, err := KID(x, y, 150, s) // blocks of 8 and 10 rows
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(v) < 3*se {
			within++
		}
		if se > .05 {
			t.Errorf("standard error %v", se)
		}
	}
	if within < seeds-2 {
		t.Errorf("%d of %d estimates within three standard errors of zero", within, seeds)
	}
	moved, se, err := KID(x, normals(4, 1500, 8, .5, 1), 10, 1)
	if err != nil || moved < 5*se {
		t.Errorf("moved by half a deviation: %v ± %v, %v", moved, se, err)
	}
}

func TestKIDErrors(t *testing.T) {
	x := tensor.New(8, 3)
	for _, c := range []struct {
		y      *tensor.Tensor
		blocks int
	}{{tensor.New(8, 2), 1}, {tensor.New(7, 3), 4}, {x, 0}, {x, 5}, {tensor.New(1, 3), 1}} {
		if _, _, err := KID(x, c.y, c.blocks, 0); err == nil {
			t.Errorf("%v against %v in %d blocks: no error", x.Shape, c.y.Shape, c.blocks)
		}
	}
}
