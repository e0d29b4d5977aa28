package fingerprint

import (
	"image"
	"math"
	"slices"
)

const (
	side   = 64 // of the picture that is transformed
	band   = 16 // frequencies kept in each direction
	passes = 2  // of the box filter, which make it a tent
	// least is the shorter side below which a picture has no hash.
	least = 5
)

// PDQ returns the hash of a picture and its quality, 0 (flat) to 100.
// Transparent pixels are seen on white. A picture with a side below five
// pixels has the zero hash and quality 0.
func PDQ(m *image.NRGBA) (h Hash, quality int) {
	dct, quality, ok := spectrum(m)
	if !ok {
		return h, 0
	}
	return dct.hash(), quality
}

// Turn names one of the eight ways to turn and mirror a picture.
type Turn int

// The turns, in the order of Dihedral. Rotations are counter-clockwise;
// MirrorX exchanges top and bottom and MirrorY left and right; the others
// mirror along a diagonal.
const (
	Upright Turn = iota
	Rotate90
	Rotate180
	Rotate270
	MirrorX
	MirrorY
	Transpose
	AntiTranspose
)

// Dihedral returns the hashes of a picture in its eight turns, indexed by
// Turn, and its quality. They cost little more than one.
func Dihedral(m *image.NRGBA) (h [8]Hash, quality int) {
	dct, quality, ok := spectrum(m)
	if !ok {
		return h, 0
	}
	for t := range h {
		turned := dct.turn(Turn(t))
		h[t] = turned.hash()
	}
	return h, quality
}

// coefficients are the frequencies 1 to 16 in each direction, vertical ones
// first.
type coefficients [band][band]float32

func spectrum(m *image.NRGBA) (c coefficients, quality int, ok bool) {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	if w < least || h < least {
		return c, 0, false
	}
	small := shrink(luma(m), w, h)
	return small.dct(), small.quality(), true
}

// luma is Rec. 601 luma of the picture on white, row by row.
func luma(m *image.NRGBA) []float32 {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	out := make([]float32, 0, w*h)
	for y := range h {
		row := m.Pix[y*m.Stride:][:4*w]
		for ; len(row) > 0; row = row[4:] {
			r, g, b := onWhite(row[0], row[3]), onWhite(row[1], row[3]), onWhite(row[2], row[3])
			// The conversions keep each product from being fused with a sum,
			// which some processors do and others do not.
			out = append(out, float32(float32(0.299*r)+float32(0.587*g))+float32(0.114*b))
		}
	}
	return out
}

func onWhite(v, alpha uint8) float32 {
	if alpha == 255 {
		return float32(v)
	}
	return float32((uint32(v)*uint32(alpha) + 255*uint32(255-alpha) + 127) / 255)
}

type picture64 [side][side]float32

// shrink blurs the luma by Jarosz's filter, two passes of a box in each
// direction, half as wide as what a pixel of the result covers, and takes the
// pixel in the middle of each cell. It uses up the luma.
func shrink(l []float32, w, h int) *picture64 {
	window := func(n int) int { return (n + 2*side - 1) / (2 * side) }
	if buffer := make([]float32, len(l)); window(w) > 1 || window(h) > 1 {
		for range passes {
			for y := range h {
				box(buffer[y*w:], l[y*w:], w, 1, window(w))
			}
			for x := range w {
				box(l[x:], buffer[x:], h, w, window(h))
			}
		}
	}
	var out picture64
	for i := range side {
		y := (2*i + 1) * h / (2 * side)
		for j := range side {
			out[i][j] = l[y*w+(2*j+1)*w/(2*side)]
		}
	}
	return &out
}

// box writes the running mean over a window of n values, stride apart; at the
// ends the window holds what there is of it.
func box(out, in []float32, n, stride, window int) {
	before, after := window/2, (window-1)/2 // of the value in the middle
	if window%2 == 0 {
		before, after = window/2-1, window/2
	}
	var sum float32
	held := 0
	for i := range min(after, n) {
		sum += in[i*stride]
		held++
	}
	for i := range n {
		if i+after < n {
			sum += in[(i+after)*stride]
			held++
		}
		if i-before-1 >= 0 {
			sum -= in[(i-before-1)*stride]
			held--
		}
		out[i*stride] = sum / float32(held)
	}
}

// quality counts the gradients between neighbours that are a hundredth of the
// range or more.
func (p *picture64) quality() int {
	sum := 0
	step := func(u, v float32) {
		d := int(float32((u-v)*100) / 255)
		sum += max(d, -d)
	}
	for i := range side {
		for j := range side {
			if i+1 < side {
				step(p[i][j], p[i+1][j])
			}
			if j+1 < side {
				step(p[i][j], p[i][j+1])
			}
		}
	}
	return min(sum/90, 100)
}

// cosines is the part of the DCT-II matrix for the frequencies 1 to 16.
var cosines = func() (d [band][side]float32) {
	scale := float64(float32(math.Sqrt(2.0 / side)))
	for i := range d {
		for j := range d[i] {
			d[i][j] = float32(scale * math.Cos(math.Pi/2/side*float64((i+1)*(2*j+1))))
		}
	}
	return d
}()

// dct transforms columns, then rows.
func (p *picture64) dct() (c coefficients) {
	for i := range band {
		var t [side]float32
		for k := range side {
			for j := range side {
				t[j] += float32(cosines[i][k] * p[k][j])
			}
		}
		for j := range band {
			var sum float32
			for k := range side {
				sum += float32(t[k] * cosines[j][k])
			}
			c[i][j] = sum
		}
	}
	return c
}

// hash has a bit for each coefficient, set if it is above the (lower) median;
// the first coefficient is the least significant bit.
func (c *coefficients) hash() (h Hash) {
	sorted := make([]float32, 0, band*band)
	for i := range c {
		sorted = append(sorted, c[i][:]...)
	}
	slices.Sort(sorted)
	median := sorted[len(sorted)/2-1]
	for i := range c {
		for j, v := range c[i] {
			if k := i*band + j; v > median {
				h[len(h)-1-k/8] |= 1 << (k % 8)
			}
		}
	}
	return h
}

// turn gives the coefficients of the turned picture. Mirroring negates the
// odd frequencies of a direction; the first kept is odd.
func (c *coefficients) turn(t Turn) (out coefficients) {
	for i := range c {
		for j, v := range c[i] {
			oddRow, oddColumn := i%2 == 0, j%2 == 0
			var negate, transpose bool
			switch t {
			case Rotate90:
				negate, transpose = oddColumn, true
			case Rotate180:
				negate = oddRow != oddColumn
			case Rotate270:
				negate, transpose = oddRow, true
			case MirrorX:
				negate = oddRow
			case MirrorY:
				negate = oddColumn
			case Transpose:
				transpose = true
			case AntiTranspose:
				negate, transpose = oddRow != oddColumn, true
			}
			if negate {
				v = -v
			}
			if transpose {
				out[j][i] = v
			} else {
				out[i][j] = v
			}
		}
	}
	return out
}
