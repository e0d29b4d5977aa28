//go:build amd64 || arm64

package vec

//go:generate go -C ../_asm run ./vec ../vec

// near is the largest |x| for which three parts of π/2 reduce x in float32.
const near = 1e4

// nearly runs kernel on the blocks of a that lie within near, and far on the
// others. A block and its result stay in the first-level cache meanwhile.
func nearly(dst, a []float32, largest func(a []float32) float32, kernel, far func(dst, a []float32)) {
	for len(a) > 0 {
		n := min(len(a), 512)
		if largest(a[:n]) <= near {
			kernel(dst[:n], a[:n])
		} else {
			far(dst[:n], a[:n])
		}
		dst, a = dst[n:], a[n:]
	}
}

// byStrips transposes by strips of 16 rows of src, so that the cache lines of
// both matrices are used whole. tiles transposes those that are multiples of 8;
// the edges are left to scalar code.
func byStrips(tiles func(dst, src []float32, rows, cols, dstStride, srcStride int), dst, src []float32, rows, cols int) {
	const strip, width = 16, 512
	tiled, across := rows&^7, cols&^7
	for r := 0; r < tiled; r += strip {
		for c := 0; c < across; c += width {
			tiles(dst[c*rows+r:], src[r*cols+c:], min(strip, tiled-r), min(width, across-c), rows, cols)
		}
	}
	for c := range cols {
		first := tiled
		if c >= across {
			first = 0
		}
		for r := first; r < rows; r++ {
			dst[c*rows+r] = src[r*cols+c]
		}
	}
}
