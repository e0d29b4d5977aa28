package vec

import "math"

// The portable sums add in float64, which is exact enough to need no partial
// sums and as fast as float32 in scalar code.

func sumGeneric(a []float32) float32 {
	var s, t float64
	for len(a) >= 2 {
		s += float64(a[0])
		t += float64(a[1])
		a = a[2:]
	}
	if len(a) > 0 {
		s += float64(a[0])
	}
	return float32(s + t)
}

func dotGeneric(a, b []float32) float32 {
	var s, t float64
	for len(a) >= 2 && len(b) >= 2 {
		s += float64(a[0]) * float64(b[0])
		t += float64(a[1]) * float64(b[1])
		a, b = a[2:], b[2:]
	}
	if len(a) > 0 {
		s += float64(a[0]) * float64(b[0])
	}
	return float32(s + t)
}

func maxOfGeneric(a []float32) float32 {
	best := float32(math.Inf(-1))
	for _, x := range a {
		best = max(best, x)
	}
	return best
}

func addRowsGeneric(acc, a []float32, rows, ld int) {
	for i := 0; i < len(acc); i += 8 {
		if len(acc)-i < 8 {
			for ; i < len(acc); i++ {
				var s float32
				for r := range rows {
					s += a[r*ld+i]
				}
				acc[i] += s
			}
			return
		}
		var s [8]float32
		for r := range rows {
			row := (*[8]float32)(a[r*ld+i:])
			for j := range s {
				s[j] += row[j]
			}
		}
		for j, x := range s {
			acc[i+j] += x
		}
	}
}

func dotRowsGeneric(acc, a, b []float32, rows, ld int) {
	for i := range acc {
		var s float64
		for r := range rows {
			s += float64(a[r*ld+i]) * float64(b[r*ld+i])
		}
		acc[i] += float32(s)
	}
}

func maxRowsGeneric(acc, a []float32, rows, ld int) {
	for r := range rows {
		row := a[r*ld:][:len(acc)]
		maxGeneric(acc, row, acc)
	}
}

// transposeGeneric goes by tiles of 16×16, so that the cache lines of both
// matrices are used whole.
func transposeGeneric(dst, src []float32, rows, cols int) {
	const tile = 16
	for r0 := 0; r0 < rows; r0 += tile {
		r1 := min(r0+tile, rows)
		for c0 := 0; c0 < cols; c0 += tile {
			for c := c0; c < min(c0+tile, cols); c++ {
				for r := r0; r < r1; r++ {
					dst[c*rows+r] = src[r*cols+c]
				}
			}
		}
	}
}
