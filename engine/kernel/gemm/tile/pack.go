package tile

import "github.com/limner-ai/limner/engine/kernel/isa"

// Copy packs a k×n matrix whose rows lie ld floats apart into panels of NR
// columns, panel floats apart, with zeros in the columns that the last panel
// has too many:
//
//	dst[j/NR*panel+i*NR+j%NR] = src[i*ld+j]
//
// It packs B as B is.
func (kn Kernel) Copy(dst, src []float32, k, n, ld, panel int) {
	nr := kn.nr
	if k == 0 {
		return
	}
	if full := n / nr; full > 0 && kn.level != isa.Generic {
		_, _ = dst[(full-1)*panel+k*nr-1], src[(k-1)*ld+full*nr-1]
		a := Args{A: Pointer(src, 0), C: Pointer(dst, 0), Segs: full, SegLen: k, AStep: ld, BStep: nr, CStep: panel}
		kn.copyRows(&a)
		dst, src, n = dst[min(full*panel, len(dst)):], src[full*nr:], n-full*nr
	}
	for ; n > 0; n -= nr {
		w := min(n, nr)
		for i := range k {
			row := dst[i*nr : (i+1)*nr]
			clear(row[copy(row, src[i*ld:i*ld+w]):])
		}
		if n > nr {
			dst, src = dst[panel:], src[nr:]
		}
	}
}

// Move copies k rows of n floats, ld floats apart, to rows step floats apart:
//
//	dst[i*step+j] = src[i*ld+j]
func (kn Kernel) Move(dst, src []float32, k, n, step, ld int) {
	if k == 0 {
		return
	}
	if n%kn.nr == 0 && kn.level != isa.Generic {
		_, _ = dst[(k-1)*step+n-1], src[(k-1)*ld+n-1]
		a := Args{A: Pointer(src, 0), C: Pointer(dst, 0), Segs: n / kn.nr, SegLen: k, AStep: ld, BStep: step, CStep: kn.nr}
		kn.copyRows(&a)
		return
	}
	for i := range k {
		copy(dst[i*step:i*step+n], src[i*ld:])
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

// Gather packs rows of A that lie side by side, at the steps of K in kOff, tile
// by tile:
//
//	dst[i/MR*tile+k*MR+i%MR] = src[kOff[k]+i]
//
// Up to seven floats after a tile's len(kOff)·MR may be overwritten; tile must
// leave room for them.
func (kn Kernel) Gather(dst, src []float32, kOff []int, rows, tile int) {
	if len(kOff) == 0 {
		return
	}
	if kn.level != isa.Generic {
		full := rows / kn.mr
		a := Args{A: Pointer(src, 0), C: Pointer(dst, 0), KOff: &kOff[0], SegLen: len(kOff), BStep: kn.mr,
			Rows: kn.mr, Segs: full, CStep: tile}
		if full > 0 {
			kn.gather(&a)
		}
		if a.Rows = rows - full*kn.mr; a.Rows > 0 {
			a.A, a.C, a.Segs = Pointer(src, full*kn.mr), Pointer(dst, full*tile), 1
			kn.gather(&a)
		}
		return
	}
	for k, o := range kOff {
		for i, v := range src[o : o+rows] {
			dst[i/kn.mr*tile+k*kn.mr+i%kn.mr] = v
		}
	}
}
