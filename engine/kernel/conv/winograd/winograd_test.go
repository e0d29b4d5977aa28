package winograd

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/limner-ai/limner/engine/kernel/fence"
	"github.com/limner-ai/limner/engine/kernel/isa"
)

// kernels are those of every tile size, on every instruction set.
func kernels(t *testing.T, f func(t *testing.T, k Kernel)) {
	for size := range all {
		for _, level := range isa.Available() {
			t.Run(fmt.Sprintf("F%v/%s", size, level), func(t *testing.T) { f(t, New(level, size[0], size[1], 16)) })
		}
	}
}

const vectors = 3

// operand is memory that one side of a transform works on, each vector of each
// element apart from the others.
type operand struct {
	elements int
	memory   []float32
	gap      int // from one vector to the next
	points   []unsafe.Pointer
}

// newOperand makes room for size×size elements whose last vector ends at a
// protected page.
func newOperand(t *testing.T, r *rand.Rand, k Kernel, size int) *operand {
	o := &operand{elements: size * size, gap: k.lanes + 5}
	span := (vectors-1)*o.gap + k.lanes
	o.memory = fence.Floats(t, o.elements*span)
	for i := range o.elements {
		o.points = append(o.points, unsafe.Pointer(&o.memory[i*span]))
	}
	for i := range o.memory {
		o.memory[i] = float32(r.NormFloat64())
	}
	return o
}

func (o *operand) plane() int { return len(o.memory) / o.elements }

// at is a lane of an element.
func (o *operand) at(element, vector, lane int) float32 {
	return o.memory[element*o.plane()+vector*o.gap+lane]
}

// run calls one transform between points and planes.
func run(f func(*Args), points, planes *operand) {
	f(&Args{Points: &points.points[0], Next: &points.points[0], Base: unsafe.Pointer(&planes.memory[0]), Plane: planes.plane(),
		PointStep: points.gap, BaseStep: planes.gap, Count: vectors})
}

// times replaces a by its product with b.
func (o *operand) times(b *operand) {
	for i, v := range b.memory {
		o.memory[i] *= v
	}
}

// TestConvolution holds the transforms together against the convolution of a
// tile and the gradient of its filter.
func TestConvolution(t *testing.T) {
	kernels(t, func(t *testing.T, k Kernel) {
		rnd := rand.New(rand.NewPCG(1, uint64(k.N())))
		for range 20 {
			x, w, dy := newOperand(t, rnd, k, k.N()), newOperand(t, rnd, k, k.r), newOperand(t, rnd, k, k.m)
			y, dw := newOperand(t, rnd, k, k.m), newOperand(t, rnd, k, k.r)
			v, u, e := newOperand(t, rnd, k, k.N()), newOperand(t, rnd, k, k.N()), newOperand(t, rnd, k, k.N())
			run(k.Input, x, v)
			run(k.Filter, w, u)
			run(k.Grad, dy, e)
			u.times(v)
			e.times(v)
			run(k.Output, y, u)
			run(k.FilterGrad, dw, e)
			for vector := range vectors {
				for lane := range k.lanes {
					at := func(o *operand, i int) float64 { return float64(o.at(i, vector, lane)) }
					for i := range k.m * k.m {
						want := 0.0
						for j := range k.r * k.r {
							want += at(w, j) * at(x, (i/k.m+j/k.r)*k.N()+i%k.m+j%k.r)
						}
						if got := at(y, i); !(math.Abs(got-want) <= 2e-5) {
							t.Fatalf("output %d of vector %d is %v, want %v", i, vector, got, want)
						}
					}
					for j := range k.r * k.r {
						want := 0.0
						for i := range k.m * k.m {
							want += at(dy, i) * at(x, (i/k.m+j/k.r)*k.N()+i%k.m+j%k.r)
						}
						if got := at(dw, j); !(math.Abs(got-want) <= 4e-5) {
							t.Fatalf("tap %d of vector %d has gradient %v, want %v", j, vector, got, want)
						}
					}
				}
			}
		}
	})
}

// TestPortable holds each transform of an instruction set to the portable one.
func TestPortable(t *testing.T) {
	kernels(t, func(t *testing.T, k Kernel) {
		rnd := rand.New(rand.NewPCG(2, uint64(k.N())))
		for name, c := range map[string]struct {
			fast, slow func(*Args)
			points     int
			gathers    bool
		}{
			"input":           {k.Input, k.inputGeneric, k.N(), true},
			"filter":          {k.Filter, k.filterGeneric, k.r, true},
			"output gradient": {k.Grad, k.gradGeneric, k.m, true},
			"output":          {k.Output, k.outputGeneric, k.m, false},
			"filter gradient": {k.FilterGrad, k.filterGradGeneric, k.r, false},
		} {
			points, planes := newOperand(t, rnd, k, c.points), newOperand(t, rnd, k, k.N())
			result := points
			if c.gathers {
				result = planes
			}
			before := append([]float32(nil), result.memory...)
			run(c.fast, points, planes)
			got := append([]float32(nil), result.memory...)
			copy(result.memory, before)
			run(c.slow, points, planes)
			for i, want := range result.memory {
				if !(math.Abs(float64(got[i]-want)) <= 4e-6*max(1, math.Abs(float64(want)))) {
					t.Fatalf("%s: float %d is %v, want %v", name, i, got[i], want)
				}
				if want == before[i] && got[i] != want {
					t.Fatalf("%s: float %d is overwritten", name, i)
				}
			}
		}
	})
}

func TestUnknownTile(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("F(5,3) did not panic")
		}
	}()
	New(isa.Generic, 5, 3, 8)
}
