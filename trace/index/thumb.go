package index

import "math"

// A thumb is a picture of 32×32 pixels over white as the lowest frequencies of
// its discrete cosine transform (type II, orthonormal), luma finer than colour,
// each rounded to a multiple of the same step.
const (
	thumbSide = 32
	lumaBand  = 18 // of luma, the frequencies u, v with u+v below this
	tintBand  = 9  // of the two differences of colour
	coverBand = 14 // of what a picture covers of its ground
)

// covers is how many coefficients say what a picture covers: the first of a luma's.
const covers = coverBand * (coverBand + 1) / 2

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

// restore gives the picture of coefficients, of all or of the first ones.
func restore(coefficients []float32) *raster { return fine.restore(coefficients) }

// waves are the transform's cosines at the pixels of pictures of side×side, each the
// mean of what it covers of a thumb's.
type waves struct {
	side int
	at   [lumaBand][]float32
}

var fine, coarse = wavesOf(thumbSide), wavesOf(thumbSide / 2)

func wavesOf(side int) *waves {
	w, each := &waves{side: side}, thumbSide/side
	for u := range w.at {
		w.at[u] = make([]float32, side)
		for x, v := range cosines[u] {
			w.at[u][x/each] += v / float32(each)
		}
	}
	return w
}

func (w *waves) restore(coefficients []float32) *raster {
	o := newRaster(w.side, w.side)
	rows := make([]float32, 3*lumaBand*w.side) // by plane, v and x
	var there [3]bool
	for i, a := range coefficients {
		if a == 0 {
			continue
		}
		f := frequencies[i]
		there[f.plane] = true
		row := rows[(f.plane*lumaBand+f.v)*w.side:][:w.side]
		for x, c := range w.at[f.u] {
			row[x] += a * c
		}
	}
	for k, band := range [3]int{lumaBand, tintBand, tintBand} {
		if !there[k] {
			continue
		}
		for v := range band {
			row := rows[(k*lumaBand+v)*w.side:][:w.side]
			for y, a := range w.at[v] {
				to := o.c[k][y*w.side:][:w.side]
				for x, r := range row {
					to[x] += a * r
				}
			}
		}
	}
	return o.colours()
}
