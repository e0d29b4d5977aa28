// Package tile holds the micro-kernels that matrix products and convolutions
// are made of. Each computes one small block of C, a tile, which stays in
// registers over the whole sum.
package tile

//go:generate go -C ../../_asm run ./tile ../gemm/tile

import (
	"unsafe"

	"github.com/limner-ai/limner/engine/kernel/isa"
)

// Args is what a micro-kernel works on. Offsets, steps and lengths count
// floats. Rows, Segs and SegLen are at least 1. The assembly knows this
// layout.
type Args struct {
	A, B, C unsafe.Pointer
	AOff    *int    // [Rows] where each row of A starts (Rows, Depth, Dot)
	COff    *int    // [Rows] where each row of C starts
	Rows    int     // rows of C: of a tile, at most MR; or (Rows, Outer, Walk) of several, one below the other
	Segs    int     // runs that the sum consists of (Rows, Dot)
	SegLen  int     // steps of K in a run
	ASkip   int     // from the end of a run of A to the next (Rows, Dot)
	KOff    *int    // [SegLen] where each step of K starts in A (Walk, Depth)
	AStep   int     // from one step of K to the next in A (Outer), or one row (packing)
	BStep   int     // from one step of K to the next in B (Outer, Depth), or one column (Dot)
	Acc     int     // 1 adds to C, 0 overwrites it
	BOff    *int    // [SegLen] where each step of K starts in B (Walk)
	CStep   int     // from one tile to the next (packing), or one column (Dot)
	Fetch   uintptr // memory that later calls read (Rows, Outer, Walk): an address, for it may run out of the object
	Lines   int     // cache lines of it to bring closer, for each tile
	ATile   int     // from one tile of A to the next (Outer, Walk)
}

// Kernel is a set of micro-kernels of one instruction set and tile size.
type Kernel struct {
	level  isa.Level
	mr, nr int
}

// New chooses the kernel for results with n columns. A level that this
// program has no assembly for falls back on the portable kernel.
func New(level isa.Level, n int) Kernel {
	if !assembly {
		level = isa.Generic
	}
	switch level {
	case isa.AVX512:
		if n <= 8 {
			return Kernel{isa.AVX2, 12, 8}
		}
		if n <= 16 || n > 32 && n <= 48 {
			return Kernel{isa.AVX512, 12, 16}
		}
		return Kernel{isa.AVX512, 12, 32}
	case isa.AVX2:
		if n <= 8 {
			return Kernel{isa.AVX2, 12, 8}
		}
		return Kernel{isa.AVX2, 6, 16}
	case isa.NEON:
		if n <= 8 {
			return Kernel{isa.NEON, 8, 8}
		}
		return Kernel{isa.NEON, 6, 16}
	}
	return Kernel{isa.Generic, 4, 4}
}

// NewFlat chooses the kernel for results with m rows, few enough that a wider
// tile pays.
func NewFlat(level isa.Level, m, n int) Kernel {
	k := New(level, n)
	if k.level != isa.Generic && m <= 3 && n > 16 {
		if level == isa.NEON {
			return Kernel{isa.NEON, 3, 32}
		}
		return Kernel{isa.AVX2, 3, 32}
	}
	return k
}

// MR is the largest number of rows in a tile.
func (k Kernel) MR() int { return k.mr }

// DepthRows is the largest number of rows that Depth takes.
func (k Kernel) DepthRows() int { return min(k.mr, 6) }

// NR is the number of columns of a tile.
func (k Kernel) NR() int { return k.nr }

// Panels is the number of tiles that n columns take.
func (k Kernel) Panels(n int) int { return (n + k.nr - 1) / k.nr }

// Pointer is the address of s[i], which may be the end of s.
func Pointer(s []float32, i int) unsafe.Pointer {
	_ = s[i:]
	return unsafe.Add(unsafe.Pointer(unsafe.SliceData(s)), 4*i)
}
