package index

import "math"

// A thumb is a picture of 32×32 pixels over white as the lowest frequencies of
// its discrete cosine transform (type II, orthonormal), luma finer than colour,
// each rounded to a multiple of the same step.
const (
	thumbSide = 32
	lumaBand  = 18 // of luma, the frequencies u, v with u+v below this
	tintBand  = 9  // of the two differences of colour
)

// frequency names a coefficient.
type frequency struct{ plane, u, v int }

// frequencies are the coefficients of a thumb in their order.
var frequencies = func() (out []frequency) {
	for plane, band := range [3]int{lumaBand, tintBand, tintBand} {
		for sum := range band {
			for u := 0; u <= sum; u++ {
				out = append(out, frequency{plane, u, sum - u})
			}
		}
	}
	return out
}()

// cosines[u][x] is the transform's matrix.
var cosines = func() (m [lumaBand][thumbSide]float32) {
	for u := range m {
		for x := range m[u] {
			m[u][x] = float32(wave(u) * math.Cos(math.Pi*float64(u)*(float64(x)+.5)/thumbSide))
		}
	}
	return m
}()

// wave is the height of a cosine of the orthonormal transform.
func wave(u int) float64 {
	if u == 0 {
		return math.Sqrt(1. / thumbSide)
	}
	return math.Sqrt(2. / thumbSide)
}

// transform gives the coefficients of a picture of 32×32 pixels.
func transform(r *raster) []float32 {
	o := r.opposed()
	var planes [3][lumaBand][lumaBand]float32
	for k := range planes {
		var rows [thumbSide][lumaBand]float32 // by y and u
		for y := range thumbSide {
			for u := range lumaBand {
				sum := float32(0)
				for x, v := range o.c[k][y*thumbSide:][:thumbSide] {
					sum += v * cosines[u][x]
				}
				rows[y][u] = sum
			}
		}
		for v := range lumaBand {
			for y := range thumbSide {
				for u := range lumaBand {
					planes[k][u][v] += cosines[v][y] * rows[y][u]
				}
			}
		}
	}
	out := make([]float32, len(frequencies))
	for i, f := range frequencies {
		out[i] = planes[f.plane][f.u][f.v]
	}
	return out
}

// restore gives the picture of coefficients.
func restore(coefficients []float32) *raster {
	o := newRaster(thumbSide, thumbSide)
	var rows [3][lumaBand][thumbSide]float32 // by v and x
	for i, f := range frequencies {
		row, a := &rows[f.plane][f.v], coefficients[i]
		if a == 0 {
			continue
		}
		for x := range row {
			row[x] += a * cosines[f.u][x]
		}
	}
	for k, band := range [3]int{lumaBand, tintBand, tintBand} {
		for v := range band {
			for y := range thumbSide {
				a := cosines[v][y]
				to := o.c[k][y*thumbSide:][:thumbSide]
				for x := range to {
					to[x] += a * rows[k][v][x]
				}
			}
		}
	}
	return o.colours()
}
