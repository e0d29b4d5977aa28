package tile

import "github.com/limner-ai/limner/engine/kernel/isa"

const assembly = true

// Rows computes a tile from rows of A and a packed panel of B.
func (k Kernel) Rows(a *Args) {
	switch {
	case k.level != isa.NEON:
		rowsGeneric(a, k.nr)
	case k.nr == 32:
		rowsNEONx32(a)
	case k.nr == 16:
		rowsNEONx16(a)
	default:
		rowsNEONx8(a)
	}
}

// Outer computes a tile from two operands that hold K along their slow axis.
func (k Kernel) Outer(a *Args) {
	switch {
	case k.level != isa.NEON:
		outerGeneric(a, k.nr)
	case k.nr == 32:
		outerNEONx32(a)
	case k.nr == 16:
		outerNEONx16(a)
	default:
		outerNEONx8(a)
	}
}

// Walk is Outer where the steps of K do not lie evenly in B.
func (k Kernel) Walk(a *Args) {
	switch {
	case k.level != isa.NEON:
		walkGeneric(a, k.nr)
	case k.nr == 32:
		walkNEONx32(a)
	case k.nr == 16:
		walkNEONx16(a)
	default:
		walkNEONx8(a)
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
