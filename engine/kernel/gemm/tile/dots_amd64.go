package tile

import "github.com/limner-ai/limner/engine/kernel/isa"

//go:noescape
func dotsAVX2x1(a *Args)

//go:noescape
func dotsAVX2x2(a *Args)

//go:noescape
func dotsAVX2x3(a *Args)

//go:noescape
func dotsAVX2x4(a *Args)

//go:noescape
func dotsAVX512x1(a *Args)

//go:noescape
func dotsAVX512x2(a *Args)

//go:noescape
func dotsAVX512x3(a *Args)

//go:noescape
func dotsAVX512x4(a *Args)

// Dot computes a tile from rows of A and columns of B that are contiguous. It
// is
//
//	for r := range Rows {
//		for n := range cols {
//			i, j := AOff[r], n*BStep
//			for range Segs {
//				for range SegLen {
//					C[COff[r]+n*CStep] += A[i] * B[j]
//					i, j = i+1, j+1
//				}
//				i += ASkip
//			}
//		}
//	}
func (d Dots) Dot(a *Args) {
	switch d.level {
	case isa.AVX512:
		switch d.cols {
		case 1:
			dotsAVX512x1(a)
		case 2:
			dotsAVX512x2(a)
		case 3:
			dotsAVX512x3(a)
		default:
			dotsAVX512x4(a)
		}
	case isa.AVX2:
		switch d.cols {
		case 1:
			dotsAVX2x1(a)
		case 2:
			dotsAVX2x2(a)
		case 3:
			dotsAVX2x3(a)
		default:
			dotsAVX2x4(a)
		}
	default:
		dotGeneric(a, d.cols)
	}
}
