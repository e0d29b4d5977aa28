package watermark

import "math"

// readID finds the most likely id in a cell whose pilot is moved by dx, dy units
// and points in a direction, of any length, and bounds the chance that the id is wrong: each
// wrong code word is a fresh row of random signs, so the bound of one, times how
// many there are, bounds the chance that any reaches the best one's score.
func (c *carrier) readID(cell *[area]complex128, dx, dy int, direction complex128) (id uint32, chance float64) {
	book := make([]byte, wordBlocks*16<<symbolBits)
	for s := range symbols {
		var values [symbolSigns]float64
		for i, p := range c.place[s] {
			sin, cos := math.Sincos(2 * math.Pi * float64(c.turn[p]) / (1 << 16))
			values[i] = real(cell[moved(int(p), dx, dy)] * conj(direction*complex(cos, sin)))
		}
		fill(book, c.book[s], 0)
		value, z := likeliest(book, &values)
		id |= value << (symbolBits * s)
		chance += (1 << symbolBits) * signTail(z)
	}
	return id, min(1, chance)
}

// likeliest is the number of the code word under whose signs the values have the
// greatest sum, and the sum as a multiple of the root of the sum of squares. The
// sums over each byte of a word are tabulated first, so that a word costs as many
// additions as it has bytes.
func likeliest(book []byte, values *[symbolSigns]float64) (word uint32, z float64) {
	var part [wordBytes][256]float64
	squares := 0.0
	for i, v := range values {
		squares += v * v
		for bits := range part[i/8] {
			if bits>>(i%8)&1 == 0 {
				part[i/8][bits] += v
			} else {
				part[i/8][bits] -= v
			}
		}
	}
	if squares == 0 {
		return 0, 0
	}
	most := math.Inf(-1)
	for w := range 1 << symbolBits {
		sum := 0.0
		for i, bits := range book[w*wordBlocks*16:][:wordBytes] {
			sum += part[i][bits]
		}
		if sum > most {
			most, word = sum, uint32(w)
		}
	}
	return word, most / math.Sqrt(squares)
}
