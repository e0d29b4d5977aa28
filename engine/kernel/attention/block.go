package attention

import "math"

// set is one implementation of the passes over a block of scores: rows × cols
// floats, ld apart. Rows are as long as ld, which fills whole vectors; what
// lies behind cols may be read and overwritten.
type set struct {
	// largest leaves the largest of each row in top. It may miss a NaN.
	largest func(top, x []float32, ld, rows, cols int)
	// exponentials turns x to exp(x·scale + shift), shift one a row, and adds
	// each row up. The argument is at most about 0; results below 1e-38 are 0.
	exponentials func(sum, x, shift []float32, ld, rows, cols int, scale float32)
	// products turns x to (x·scale + shift)·p, shift one a row.
	products func(x, p, shift []float32, ld, rows, cols int, scale float32)
}

var generic = set{largestGeneric, exponentialsGeneric, productsGeneric}

func largestGeneric(top, x []float32, ld, rows, cols int) {
	for r := range rows {
		most := float32(math.Inf(-1))
		for _, v := range x[r*ld : r*ld+cols] {
			if v > most {
				most = v
			}
		}
		top[r] = most
	}
}

func exponentialsGeneric(sum, x, shift []float32, ld, rows, cols int, scale float32) {
	for r := range rows {
		total := float32(0)
		row := x[r*ld : r*ld+cols]
		for i, v := range row {
			v = v*scale + shift[r]
			if v < -87.33 {
				row[i] = 0
				continue
			}
			row[i] = float32(math.Exp(float64(v)))
			total += row[i]
		}
		sum[r] = total
	}
}

func productsGeneric(x, p, shift []float32, ld, rows, cols int, scale float32) {
	for r := range rows {
		row, by := x[r*ld:r*ld+cols], p[r*ld:r*ld+cols]
		for i, v := range row {
			row[i] = (v*scale + shift[r]) * by[i]
		}
	}
}
