package tile

import "github.com/limner-ai/limner/engine/kernel/isa"

//go:generate sh -c "cd _asm && go run . -out ../tile_amd64.s"

const assembly = true

//go:noescape
func rowsAVX2x16(a *Args)

//go:noescape
func rowsAVX2x32(a *Args)

//go:noescape
func rowsAVX2x8(a *Args)

//go:noescape
func rowsAVX512x32(a *Args)

//go:noescape
func rowsAVX512x16(a *Args)

//go:noescape
func outerAVX2x16(a *Args)

//go:noescape
func walkAVX2x16(a *Args)

//go:noescape
func outerAVX2x32(a *Args)

//go:noescape
func walkAVX2x32(a *Args)

//go:noescape
func outerAVX2x8(a *Args)

//go:noescape
func walkAVX2x8(a *Args)

//go:noescape
func outerAVX512x32(a *Args)

//go:noescape
func walkAVX512x32(a *Args)

//go:noescape
func outerAVX512x16(a *Args)

//go:noescape
func walkAVX512x16(a *Args)

//go:noescape
func depthAVX2x16(a *Args)

//go:noescape
func depthAVX2x32(a *Args)

//go:noescape
func depthAVX2x8(a *Args)

//go:noescape
func depthAVX512x32(a *Args)

//go:noescape
func depthAVX512x16(a *Args)

//go:noescape
func copyAVX2x8(a *Args)

//go:noescape
func copyAVX2x16(a *Args)

//go:noescape
func copyAVX2x32(a *Args)

//go:noescape
func copyAVX512x32(a *Args)

//go:noescape
func transposeAVX2(a *Args)

//go:noescape
func gatherAVX2x3(a *Args)

//go:noescape
func gatherAVX2x6(a *Args)

//go:noescape
func gatherAVX2x12(a *Args)

//go:noescape
func peakAVX2(a *Args)

//go:noescape
func peakAVX512(a *Args)

// Rows computes tiles, one below the other, from rows of A and a packed panel of
// B, [K][NR]. It is
//
//	for r := range Rows {
//		for n := range NR {
//			i, k := AOff[r], 0
//			for range Segs {
//				for range SegLen {
//					C[COff[r]+n] += A[i] * B[k*NR+n]
//					i, k = i+1, k+1
//				}
//				i += ASkip
//			}
//		}
//	}
func (k Kernel) Rows(a *Args) {
	switch k.level {
	case isa.AVX512:
		if k.nr == 32 {
			rowsAVX512x32(a)
		} else {
			rowsAVX512x16(a)
		}
	case isa.AVX2:
		switch k.nr {
		case 32:
			rowsAVX2x32(a)
		case 16:
			rowsAVX2x16(a)
		default:
			rowsAVX2x8(a)
		}
	default:
		rowsGeneric(a, k.nr)
	}
}

// Outer computes tiles, one below the other, from two operands that both hold K along their slow
// axis. It is
//
//	for r := range Rows {
//		for n := range NR {
//			for k := range SegLen {
//				C[COff[r]+n] += A[r/MR*ATile+k*AStep+r%MR] * B[k*BStep+n]
//			}
//		}
//	}
func (k Kernel) Outer(a *Args) {
	switch k.level {
	case isa.AVX512:
		if k.nr == 32 {
			outerAVX512x32(a)
		} else {
			outerAVX512x16(a)
		}
	case isa.AVX2:
		switch k.nr {
		case 32:
			outerAVX2x32(a)
		case 16:
			outerAVX2x16(a)
		default:
			outerAVX2x8(a)
		}
	default:
		outerGeneric(a, k.mr, k.nr)
	}
}

// Walk is Outer where the steps of K do not lie evenly: a walk over pixels.
// It is
//
//	for r := range Rows {
//		for n := range NR {
//			for k := range SegLen {
//				C[COff[r]+n] += A[r/MR*ATile+KOff[k]+r%MR] * B[BOff[k]+n]
//			}
//		}
//	}
func (k Kernel) Walk(a *Args) {
	switch k.level {
	case isa.AVX512:
		if k.nr == 32 {
			walkAVX512x32(a)
		} else {
			walkAVX512x16(a)
		}
	case isa.AVX2:
		switch k.nr {
		case 32:
			walkAVX2x32(a)
		case 16:
			walkAVX2x16(a)
		default:
			walkAVX2x8(a)
		}
	default:
		walkGeneric(a, k.mr, k.nr)
	}
}

// Depth multiplies channel by channel. It is
//
//	for r := range Rows {
//		for n := range NR {
//			for k := range SegLen {
//				C[COff[r]+n] += A[AOff[r]+KOff[k]+n] * B[k*BStep+n]
//			}
//		}
//	}
func (k Kernel) Depth(a *Args) {
	switch k.level {
	case isa.AVX512:
		if k.nr == 32 {
			depthAVX512x32(a)
		} else {
			depthAVX512x16(a)
		}
	case isa.AVX2:
		switch k.nr {
		case 32:
			depthAVX2x32(a)
		case 16:
			depthAVX2x16(a)
		default:
			depthAVX2x8(a)
		}
	default:
		depthGeneric(a, k.nr)
	}
}

// copyRows packs SegLen rows of Segs panels from A, AStep apart, to C, where
// rows are BStep and panels CStep apart.
func (k Kernel) copyRows(a *Args) {
	switch {
	case k.nr == 32 && k.level == isa.AVX512:
		copyAVX512x32(a)
	case k.nr == 32:
		copyAVX2x32(a)
	case k.nr == 16:
		copyAVX2x16(a)
	default:
		copyAVX2x8(a)
	}
}

// transpose turns eight rows of SegLen floats (a multiple of eight), at AOff
// in A, into SegLen columns at C, BStep apart.
func transpose(a *Args) { transposeAVX2(a) }

// gather packs Segs tiles of Rows rows, MR apart in A, for the steps of K in
// KOff. A step takes BStep floats of a tile in C, and a tile CStep.
func (k Kernel) gather(a *Args) {
	switch k.mr {
	case 3:
		gatherAVX2x3(a)
	case 6:
		gatherAVX2x6(a)
	default:
		gatherAVX2x12(a)
	}
}

// peak runs that many rounds of multiply-adds and returns how many floating
// point operations they were.
func peak(level isa.Level, rounds int) int {
	a := Args{SegLen: rounds}
	if level == isa.AVX512 {
		peakAVX512(&a)
		return rounds * 2 * 24 * 16 * 2
	}
	peakAVX2(&a)
	return rounds * 2 * 12 * 8 * 2
}
