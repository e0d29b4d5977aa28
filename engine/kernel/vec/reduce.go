package vec

import "math"

// block is how many elements a sum adds in float32 before the result joins a
// float64 total. An assembly kernel spreads them over 64 or more partial sums.
const block = 1 << 13

// Sum is the sum of a, 0 if a is empty. Each set gives the same bits every
// time, but not those of another set. The error is at most 2⁻¹⁶ of the sum of
// |a[i]|, typically under 2⁻²³ of it: blocks of 8192 elements are added as at
// least 64 partial sums, their totals in float64.
func Sum(a []float32) float32 {
	var total float64
	for len(a) > block {
		pause()
		total += float64(active.sum(a[:block]))
		a = a[block:]
	}
	return float32(total + float64(active.sum(a)))
}

// Dot is the sum of a[i]*b[i], with the error of Sum.
func Dot(a, b []float32) float32 {
	same(len(a), len(b))
	var total float64
	for len(a) > block {
		pause()
		total += float64(active.dot(a[:block], b[:block]))
		a, b = a[block:], b[block:]
	}
	return float32(total + float64(active.dot(a, b)))
}

// MaxOf is the largest of a, NaN if a holds one, -Inf if a is empty.
func MaxOf(a []float32) float32 {
	best := float32(math.Inf(-1))
	for len(a) > 0 {
		pause()
		n := min(len(a), span)
		best = max(best, active.maxOf(a[:n]))
		a = a[n:]
	}
	return best
}

// panel is how many rows AddRows sums before it adds them to acc.
const panel = 256

// AddRows adds rows of len(acc) elements, ld apart, to acc:
//
//	for r := range rows { for i := range acc { acc[i] += a[r*ld+i] } }
//
// Rows are summed in panels of 256, which then join acc, so the error is at
// most (256 + rows/256)·2⁻²⁴ of the sum of the column's magnitudes.
func AddRows(acc, a []float32, rows, ld int) {
	byRows(acc, a, rows, ld, func(acc []float32, lo, hi, rows int) { active.addRows(acc, a[lo:hi], rows, ld) })
}

// DotRows is AddRows of a[i]*b[i].
func DotRows(acc, a, b []float32, rows, ld int) {
	same(len(a), len(b))
	byRows(acc, a, rows, ld, func(acc []float32, lo, hi, rows int) { active.dotRows(acc, a[lo:hi], b[lo:hi], rows, ld) })
}

// MaxRows is AddRows with the maximum for the sum; a NaN in a column stays.
func MaxRows(acc, a []float32, rows, ld int) {
	byRows(acc, a, rows, ld, func(acc []float32, lo, hi, rows int) { active.maxRows(acc, a[lo:hi], rows, ld) })
}

// byRows calls f with parts of acc and the elements [lo, hi) that rows of them
// lie in.
func byRows(acc, a []float32, rows, ld int, f func(acc []float32, lo, hi, rows int)) {
	if rows <= 0 || len(acc) == 0 {
		return
	}
	if need := (rows-1)*ld + len(acc); ld < 0 || len(a) < need {
		panic(&LengthError{need, len(a)})
	}
	for r := 0; r < rows; r += panel {
		pause()
		n := min(panel, rows-r)
		// Wide rows are cut so that one call stays short.
		for i := 0; i < len(acc); i += 1024 {
			w := min(1024, len(acc)-i)
			f(acc[i:i+w], r*ld+i, (r+n-1)*ld+i+w, n)
		}
	}
}

// Transpose writes the matrix src, rows×cols, into dst as cols×rows. dst and
// src must not overlap:
//
//	for r := range rows { for c := range cols { dst[c*rows+r] = src[r*cols+c] } }
func Transpose(dst, src []float32, rows, cols int) {
	same(rows*cols, len(dst))
	same(rows*cols, len(src))
	active.transpose(dst, src, rows, cols)
}

// Prefetch hints that a will be read soon, where hardware that follows
// streams cannot know. It may do nothing.
func Prefetch(a []float32) { active.prefetch(a) }
