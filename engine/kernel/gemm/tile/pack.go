package tile

import "github.com/limner-ai/limner/engine/kernel/isa"

// Copy packs a k×n matrix whose rows lie ld floats apart into rows of width
// floats, with zeros in the columns that it does not have (n ≤ width):
//
//	dst[i*width+j] = src[i*ld+j]
//
// width is NR. It packs a panel of B as B is.
func (kn Kernel) Copy(dst, src []float32, k, n, ld int) {
	width := kn.nr
	if k == 0 {
		return
	}
	if n == width && kn.level != isa.Generic {
		_, _ = dst[k*width-1], src[(k-1)*ld+n-1]
		a := Args{A: Pointer(src, 0), C: Pointer(dst, 0), SegLen: k, AStep: ld, BStep: width}
		kn.copyRows(&a)
		return
	}
	for i := range k {
		row := dst[i*width : (i+1)*width]
		clear(row[copy(row, src[i*ld:i*ld+n]):])
	}
}

// Transpose packs an n×k matrix whose rows lie ld floats apart column by
// column, width floats for each column (n ≤ width):
//
//	dst[i*width+j] = src[j*ld+i]
//
// Columns of dst that src has no row for hold repeated, finite values, and up
// to seven floats after the packed matrix may be overwritten if width is no
// multiple of eight. It packs tiles of A as A is and panels of B transposed.
func (kn Kernel) Transpose(dst, src []float32, k, n, ld, width int) {
	if k == 0 {
		return
	}
	even := 0
	if kn.level != isa.Generic && k >= 8 {
		even = k &^ 7
		// From the right, because rows of eight spill over a width that is no
		// multiple of eight, to where the next row begins.
		for j := (width - 1) &^ 7; j >= 0; j -= 8 {
			var off [8]int
			for r := range off {
				off[r] = min(j+r, n-1) * ld
			}
			_, _ = dst[(even-1)*width+j+7], src[(n-1)*ld+even-1]
			a := Args{A: Pointer(src, 0), AOff: &off[0], C: Pointer(dst, j), SegLen: even, BStep: width}
			transpose(&a)
		}
	}
	for i := even; i < k; i++ {
		for j := range width {
			dst[i*width+j] = src[min(j, n-1)*ld+i]
		}
	}
}
