package tile

import (
	"unsafe"

	"github.com/limner-ai/limner/engine/kernel/isa"
)

const assembly = true

// tiles walks over the tiles of a call, for the kernels here compute one.
type tiles struct {
	Args
	left int // rows
}

func first(a *Args, mr int) tiles {
	t := tiles{*a, a.Rows}
	t.Rows = min(t.left, mr)
	return t
}

func (t *tiles) next(mr int) {
	if t.left -= mr; t.left <= 0 {
		return
	}
	t.Rows = min(t.left, mr)
	t.COff = advance(t.COff, mr)
	if t.AOff != nil {
		t.AOff = advance(t.AOff, mr)
	}
	t.A = unsafe.Add(t.A, 4*t.ATile)
	t.Fetch += uintptr(64 * t.Lines)
}

func advance(table *int, n int) *int {
	return (*int)(unsafe.Add(unsafe.Pointer(table), n*int(unsafe.Sizeof(*table))))
}

// Rows computes tiles from rows of A and a packed panel of B.
func (k Kernel) Rows(a *Args) {
	if k.level != isa.NEON {
		rowsGeneric(a, k.nr)
		return
	}
	for t := first(a, k.mr); t.left > 0; t.next(k.mr) {
		switch k.nr {
		case 32:
			rowsNEONx32(&t.Args)
		case 16:
			rowsNEONx16(&t.Args)
		default:
			rowsNEONx8(&t.Args)
		}
	}
}

// Outer computes tiles from two operands that hold K along their slow axis.
func (k Kernel) Outer(a *Args) {
	if k.level != isa.NEON {
		outerGeneric(a, k.mr, k.nr)
		return
	}
	for t := first(a, k.mr); t.left > 0; t.next(k.mr) {
		switch k.nr {
		case 32:
			outerNEONx32(&t.Args)
		case 16:
			outerNEONx16(&t.Args)
		default:
			outerNEONx8(&t.Args)
		}
	}
}

// Walk is Outer where the steps of K do not lie evenly.
func (k Kernel) Walk(a *Args) {
	if k.level != isa.NEON {
		walkGeneric(a, k.mr, k.nr)
		return
	}
	for t := first(a, k.mr); t.left > 0; t.next(k.mr) {
		switch k.nr {
		case 32:
			walkNEONx32(&t.Args)
		case 16:
			walkNEONx16(&t.Args)
		default:
			walkNEONx8(&t.Args)
		}
	}
}

// Depth multiplies channel by channel.
func (k Kernel) Depth(a *Args) {
	switch {
	case k.level != isa.NEON:
		depthGeneric(a, k.nr)
	case k.nr == 32:
		depthNEONx32(a)
	case k.nr == 16:
		depthNEONx16(a)
	default:
		depthNEONx8(a)
	}
}

// Dot computes a tile from rows of A and columns of B that are contiguous.
func (d Dots) Dot(a *Args) {
	switch {
	case d.level != isa.NEON:
		dotGeneric(a, d.cols)
	case d.cols == 1:
		dotsNEONx1(a)
	case d.cols == 2:
		dotsNEONx2(a)
	case d.cols == 3:
		dotsNEONx3(a)
	default:
		dotsNEONx4(a)
	}
}

// copyRows packs SegLen rows of Segs panels from A, AStep apart, to C, where
// rows are BStep and panels CStep apart.
func (k Kernel) copyRows(a *Args) {
	switch k.nr {
	case 32:
		copyNEONx32(a)
	case 16:
		copyNEONx16(a)
	default:
		copyNEONx8(a)
	}
}

// transpose turns eight rows of SegLen floats (a multiple of eight), at AOff
// in A, into SegLen columns at C, BStep apart.
func transpose(a *Args) { transposeNEON(a) }

// gather packs Segs tiles of Rows rows, MR apart in A, for the steps of K in
// KOff. A step takes BStep floats of a tile in C, and a tile CStep.
func (k Kernel) gather(a *Args) {
	switch {
	case a.Rows < k.mr: // the last tile: no vector fits it
		for s := range a.SegLen {
			for r := range a.Rows {
				*at(a.C, s*a.BStep+r) = *at(a.A, offset(a.KOff, s)+r)
			}
		}
	case k.mr == 3:
		gatherNEONx3(a)
	case k.mr == 6:
		gatherNEONx6(a)
	default:
		gatherNEONx8(a)
	}
}

// peak runs that many rounds of multiply-adds and returns how many floating
// point operations they were.
func peak(_ isa.Level, rounds int) int {
	a := Args{SegLen: rounds}
	peakNEON(&a)
	return rounds * 24 * 4 * 2
}
