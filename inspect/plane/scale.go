package plane

import (
	"bytes"
	"image"
)

// mostEnlarged is the largest factor that is looked for.
const mostEnlarged = 16

// Enlarged is the whole number by which a picture was enlarged with square
// pixels: the greatest k up to 16 such that both sides are multiples of k and
// every tile of k×k pixels has one colour. A picture of one colour is of its own
// size, as is one that would shrink below 8 pixels.
func Enlarged(m *image.NRGBA) int {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	if uniform(m) {
		return 1
	}
	for k := min(mostEnlarged, w/8, h/8); k > 1; k-- {
		if w%k == 0 && h%k == 0 && tiled(m, k) {
			return k
		}
	}
	return 1
}

// Shrunk is a picture at its own scale: one pixel of each tile of an enlarged
// picture, and the factor; the picture itself, and 1, if it was not enlarged.
func Shrunk(m *image.NRGBA) (*image.NRGBA, int) {
	k := Enlarged(m)
	if k == 1 {
		return m, 1
	}
	w, h := m.Rect.Dx()/k, m.Rect.Dy()/k
	out := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			copy(out.Pix[y*out.Stride+4*x:][:4], m.Pix[y*k*m.Stride+4*k*x:])
		}
	}
	return out, k
}

// Grown gives rectangles of a shrunk picture their place in the whole.
func Grown(r image.Rectangle, k int, min image.Point) image.Rectangle {
	return image.Rect(r.Min.X*k, r.Min.Y*k, r.Max.X*k, r.Max.Y*k).Add(min)
}

func uniform(m *image.NRGBA) bool {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	if w < 1 || h < 1 {
		return true
	}
	first := m.Pix[:4*w]
	for x := 4; x < len(first); x += 4 {
		if !bytes.Equal(first[x:x+4], first[:4]) {
			return false
		}
	}
	for y := 1; y < h; y++ {
		if !bytes.Equal(first, m.Pix[y*m.Stride:][:4*w]) {
			return false
		}
	}
	return true
}

// tiled tells whether every tile of k×k is of one colour; what is wholly
// transparent has none.
func tiled(m *image.NRGBA, k int) bool {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	for y := 0; y < h; y += k {
		first := m.Pix[y*m.Stride:][:4*w]
		for x := 0; x < 4*w; x += 4 {
			if from := x - x%(4*k); !same(first[x:x+4], first[from:from+4]) {
				return false
			}
		}
		for d := 1; d < k; d++ {
			row := m.Pix[(y+d)*m.Stride:][:4*w]
			for x := 0; x < 4*w; x += 4 {
				if !same(row[x:x+4], first[x:x+4]) {
					return false
				}
			}
		}
	}
	return true
}

func same(a, b []uint8) bool {
	return a[3] == b[3] && (a[3] == 0 || a[0] == b[0] && a[1] == b[1] && a[2] == b[2])
}
