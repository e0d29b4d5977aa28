package tile

import "github.com/limner-ai/limner/engine/kernel/isa"

//go:generate sh -c "cd _asm && go run . -bfloat16 -out ../bfloat16_amd64.s"

//go:noescape
func rowsPairsAVX512x32(a *Args)

//go:noescape
func rowsPairsAVX512x16(a *Args)

//go:noescape
func outerPairsAVX512x32(a *Args)

//go:noescape
func outerPairsAVX512x16(a *Args)

//go:noescape
func foldAVX512x12(a *Args)

//go:noescape
func foldAVX512x16(a *Args)

//go:noescape
func foldAVX512x32(a *Args)

//go:noescape
func foldLineAVX512(a *Args)

//go:noescape
func roundAVX2(a *Args)

// RowsPaired is [Kernel.Rows] on pairs.
func (k Kernel) RowsPaired(a *Args) {
	switch {
	case !isa.BFloat16(k.level):
		rowsPairedGeneric(a, k.nr)
	case k.nr == 32:
		rowsPairsAVX512x32(a)
	default:
		rowsPairsAVX512x16(a)
	}
}

// OuterPaired is [Kernel.Outer] on pairs.
func (k Kernel) OuterPaired(a *Args) {
	switch {
	case !isa.BFloat16(k.level):
		outerPairedGeneric(a, k.mr, k.nr)
	case k.nr == 32:
		outerPairsAVX512x32(a)
	default:
		outerPairsAVX512x16(a)
	}
}

// foldRows is Fold of n pairs of rows, or of none.
func (k Kernel) foldRows(dst, src []float32, n, width, ld int) int {
	if n == 0 || !isa.BFloat16(k.level) {
		return 0
	}
	_, _ = dst[n*width-1], src[(2*n-1)*ld+width-1]
	a := Args{A: Pointer(src, 0), C: Pointer(dst, 0), SegLen: n, AStep: ld}
	switch width {
	case 12:
		foldAVX512x12(&a)
	case 16:
		foldAVX512x16(&a)
	case 32:
		foldAVX512x32(&a)
	default:
		return 0
	}
	return n
}

// foldLine is FoldLine, unless it returns false.
func (k Kernel) foldLine(dst, src []float32) bool {
	if !isa.BFloat16(k.level) {
		return false
	}
	if len(src) > 0 {
		_ = dst[(len(src)+1)/2-1]
		foldLineAVX512(&Args{A: Pointer(src, 0), C: Pointer(dst, 0), SegLen: len(src)})
	}
	return true
}

// roundVectors is Round of as many floats as it returns.
func (k Kernel) roundVectors(x []float32) int {
	n := len(x) &^ 7
	if n == 0 || k.level == isa.Generic {
		return 0
	}
	roundAVX2(&Args{C: Pointer(x, 0), SegLen: n})
	return n
}
