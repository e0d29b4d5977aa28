// Package winograd holds the transforms of Winograd's convolution F(m×m, r×r)
// (Lavin and Gray, Fast Algorithms for Convolutional Neural Networks, 2015): a
// tile of m×m outputs of a convolution with r×r taps is
//
//	y = Aᵀ·[(G·w·Gᵀ) ⊙ (Bᵀ·x·B)]·A
//
// with n×n products, n = m+r−1, in place of m²·r². Summed over channels, each of
// the n² elements is a matrix product. The same matrices give the gradient of
// the filter:
//
//	dw = Gᵀ·[(Bᵀ·x·B) ⊙ (A·dy·Aᵀ)]·G
//
// The points that the matrices interpolate at are 0, ±√½, ±√2, ∞ for F(4,3),
// where the usual 0, ±1, ±2, ∞ would give errors three times as large, 0, ±1, ∞
// for F(2,3) and ±½, ±5/4, ∞ for F(4,2).
package winograd

import (
	"fmt"
	"unsafe"

	"github.com/limner-ai/limner/engine/kernel/isa"
)

// Args is what a transform works on: for each of Count vectors, elements that
// a table points at, and elements that lie Plane floats apart. Both sides move
// on by a step from one vector to the next. Steps count floats. Count is at
// least 1. The assembly knows this layout.
type Args struct {
	Points    *unsafe.Pointer // [size][size], row by row
	Base      unsafe.Pointer  // the first plane
	Plane     int
	PointStep int
	BaseStep  int
	Count     int
	Next      *unsafe.Pointer // the table of the next call, which is brought closer
}

// Kernel is the set of transforms of one tile size and vector length.
type Kernel struct {
	m, r, lanes int
	matrices    *matrices
}

// id names the texts of a kernel.
type id struct{ m, r, lanes int }

func (k Kernel) id() id { return id{k.m, k.r, k.lanes} }

// portable is the vector length without assembly.
const portable = 4

// New chooses the transforms F(m×m, r×r), one of F(4,3), F(2,3) and F(4,2), for
// channels that come in multiples of unit.
func New(level isa.Level, m, r, unit int) Kernel {
	x, ok := all[[2]int{m, r}]
	if !ok {
		panic(fmt.Sprintf("winograd: no transforms F(%d,%d)", m, r))
	}
	lanes := portable
	switch {
	case !assembly || level == isa.Generic:
	case level == isa.AVX512 && unit%16 == 0:
		lanes = 16
	default:
		lanes = 8
	}
	return Kernel{m: m, r: r, lanes: lanes, matrices: x}
}

// Lanes is the number of floats of a vector.
func (k Kernel) Lanes() int { return k.lanes }

// M is the number of rows and columns of a tile of the output.
func (k Kernel) M() int { return k.m }

// R is the number of rows and columns of the filter.
func (k Kernel) R() int { return k.r }

// N is the number of rows and columns of a tile of the input.
func (k Kernel) N() int { return k.m + k.r - 1 }

// Input writes Bᵀ·x·B to N² planes, from N² points.
func (k Kernel) Input(a *Args) { k.input(a) }

// Filter writes G·w·Gᵀ to N² planes, from R² points.
func (k Kernel) Filter(a *Args) { k.filter(a) }

// Grad writes A·dy·Aᵀ to N² planes, from M² points.
func (k Kernel) Grad(a *Args) { k.grad(a) }

// Output writes Aᵀ·m·A to M² points, from N² planes.
func (k Kernel) Output(a *Args) { k.output(a) }

// FilterGrad writes Gᵀ·m·G to R² points, from N² planes.
func (k Kernel) FilterGrad(a *Args) { k.filterGrad(a) }
