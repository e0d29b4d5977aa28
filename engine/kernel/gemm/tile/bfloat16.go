package tile

import (
	"math"
	"unsafe"

	"github.com/limner-ai/limner/engine/kernel/isa"
)

// Form is how the numbers of an operand are held.
type Form int

const (
	// Float32 is as they are.
	Float32 Form = iota
	// Rounded is floats that are rounded to bfloat16, for the kernels on floats.
	Rounded
	// Paired is words of two bfloat16 numbers that follow one another in K, the
	// first in the upper half, for RowsPaired and OuterPaired. Where these
	// describe floats, offsets and lengths count words.
	Paired
)

// BFloat16 is the form in which products round their operands to bfloat16: by
// pairs if the processor multiplies them.
func BFloat16(level isa.Level) Form {
	if isa.BFloat16(level) {
		return Paired
	}
	return Rounded
}

// NewPaired chooses the kernel on pairs for results with n columns.
func NewPaired(level isa.Level, n int) Kernel {
	k := New(level, n)
	if assembly && level == isa.AVX512 && n <= 16 {
		return Kernel{isa.AVX512, 12, 16}
	}
	return k
}

// Round rounds floats to bfloat16: the nearest number of eight bits, an even
// one of two as near. Denormal numbers become zero, and NaN stays NaN, as Intel
// defines VCVTNEPS2BF16.
func (k Kernel) Round(x []float32) {
	whole := k.roundVectors(x)
	for i, v := range x[whole:] {
		x[whole+i] = math.Float32frombits(rounded(v))
	}
}

// rounded is the bits of x, rounded to bfloat16, as a float.
func rounded(x float32) uint32 {
	bits := math.Float32bits(x)
	switch size := bits &^ (1 << 31); {
	case size > 0x7f800000: // NaN, made quiet
		return (bits | 1<<22) &^ 0xffff
	case size < 0x00800000:
		return bits & (1 << 31)
	}
	return (bits + 0x7fff + bits>>16&1) &^ 0xffff
}

// pair is the word of two neighbours in K.
func pair(first, second float32) uint32 { return rounded(first) | rounded(second)>>16 }

// words is a view of pairs that are kept among floats.
func words(s []float32) []uint32 {
	return unsafe.Slice((*uint32)(unsafe.Pointer(unsafe.SliceData(s))), len(s))
}

// Fold makes pairs of rows of width floats, ld floats apart. The last one is
// paired with zeros if rows is odd. dst may be src if ld is width:
//
//	dst[i*width+j] = pair(src[2*i*ld+j], src[(2*i+1)*ld+j])
func (k Kernel) Fold(dst, src []float32, rows, width, ld int) {
	whole := k.foldRows(dst, src, rows/2, width, ld)
	to := words(dst)
	for i := whole; i < rows/2; i++ {
		for j := range width {
			to[i*width+j] = pair(src[2*i*ld+j], src[(2*i+1)*ld+j])
		}
	}
	if rows%2 != 0 {
		i := rows / 2
		for j := range width {
			to[i*width+j] = pair(src[2*i*ld+j], 0)
		}
	}
}

// FoldLine makes pairs of neighbours, the last one with zero if their number is
// odd:
//
//	dst[i] = pair(src[2*i], src[2*i+1])
func (k Kernel) FoldLine(dst, src []float32) {
	if k.foldLine(dst, src) {
		return
	}
	to := words(dst)
	for i := range len(src) / 2 {
		to[i] = pair(src[2*i], src[2*i+1])
	}
	if n := len(src); n%2 != 0 {
		to[n/2] = pair(src[n-1], 0)
	}
}

// wordAt is word i from p on.
func wordAt(p unsafe.Pointer, i int) uint32 { return *(*uint32)(unsafe.Add(p, 4*i)) }

// addPair adds the products of two pairs. Those of bfloat16 numbers are exact,
// so that each addition rounds once, like VDPBF16PS, in the same order; but
// sums that are denormal do not become zero.
func addPair(sum float32, a, b uint32) float32 {
	sum += math.Float32frombits(a&^0xffff) * math.Float32frombits(b&^0xffff)
	return sum + math.Float32frombits(a<<16)*math.Float32frombits(b<<16)
}

// rowsPairedGeneric is RowsPaired for any tile width nr, without assembly.
func rowsPairedGeneric(a *Args, nr int) {
	for r := range a.Rows {
		for n := range nr {
			var sum float32
			i, b := offset(a.AOff, r), n
			for range a.Segs {
				for range a.SegLen {
					sum = addPair(sum, wordAt(a.A, i), wordAt(a.B, b))
					i, b = i+1, b+nr
				}
				i += a.ASkip
			}
			c := at(a.C, offset(a.COff, r)+n)
			if a.Acc != 0 {
				sum += *c
			}
			*c = sum
		}
	}
}

// outerPairedGeneric is OuterPaired for any tile size, without assembly.
func outerPairedGeneric(a *Args, mr, nr int) {
	for r := range a.Rows {
		for n := range nr {
			var sum float32
			for k := range a.SegLen {
				sum = addPair(sum, wordAt(a.A, r/mr*a.ATile+k*a.AStep+r%mr), wordAt(a.B, k*a.BStep+n))
			}
			c := at(a.C, offset(a.COff, r)+n)
			if a.Acc != 0 {
				sum += *c
			}
			*c = sum
		}
	}
}
