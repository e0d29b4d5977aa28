package find

import (
	"image"
	"math"
)

// Picture is a picture as networks see it: red, green and blue from 0 to 1 over
// white, with halves of itself to take small crops from.
type Picture struct {
	W, H   int
	levels []level
}

// level is the picture at 1/2ⁱ of its size.
type level struct {
	w, h int
	rgb  []float32
}

// NewPicture reads a picture. It is not empty.
func NewPicture(m *image.NRGBA) *Picture {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	l := level{w, h, make([]float32, 3*w*h)}
	for y := range h {
		row := m.Pix[y*m.Stride:]
		for x := range w {
			p := row[4*x : 4*x+4]
			a := float32(p[3]) / 255
			for c := range 3 {
				l.rgb[3*(y*w+x)+c] = 1 - a + a*float32(p[c])/255
			}
		}
	}
	p := &Picture{W: w, H: h, levels: []level{l}}
	for min(l.w, l.h) > 1 && max(l.w, l.h) > 32 {
		l = l.half()
		p.levels = append(p.levels, l)
	}
	return p
}

// half is the mean of tiles of 2×2 pixels; a last odd row or column is repeated.
func (l level) half() level {
	t := level{(l.w + 1) / 2, (l.h + 1) / 2, nil}
	t.rgb = make([]float32, 3*t.w*t.h)
	for y := range t.h {
		for x := range t.w {
			x1, y1 := min(2*x+1, l.w-1), min(2*y+1, l.h-1)
			for c := range 3 {
				t.rgb[3*(y*t.w+x)+c] = (l.rgb[3*(2*y*l.w+2*x)+c] + l.rgb[3*(2*y*l.w+x1)+c] +
					l.rgb[3*(y1*l.w+2*x)+c] + l.rgb[3*(y1*l.w+x1)+c]) / 4
			}
		}
	}
	return t
}

// Point is a place in the pixels of a picture.
type Point struct{ X, Y float64 }

// Square is a part of a picture, turned by an angle in radians: its upward
// direction is (sin, −cos) of it.
type Square struct {
	X, Y  float64 // of its middle
	Side  float64
	Angle float64
}

// At is the place in the picture of a place in the square, (0, 0) its top left and (1, 1)
// its bottom right.
func (s Square) At(u, v float64) Point {
	sin, cos := math.Sincos(s.Angle)
	u, v = (u-.5)*s.Side, (v-.5)*s.Side
	return Point{s.X + cos*u - sin*v, s.Y + sin*u + cos*v}
}

// Place is the inverse of At.
func (s Square) Place(p Point) (u, v float64) {
	sin, cos := math.Sincos(s.Angle)
	x, y := p.X-s.X, p.Y-s.Y
	return (cos*x+sin*y)/s.Side + .5, (cos*y-sin*x)/s.Side + .5
}

// Crop fills dst with a square of the picture, side×side×3 numbers, interpolated
// linearly. Beyond an edge lies the edge.
func (p *Picture) Crop(dst []float32, side int, s Square) {
	k := s.Side / float64(side) // pixels of the picture for one of the crop
	at, scale := 0, 1.
	for at+1 < len(p.levels) && k >= 2*scale {
		at, scale = at+1, scale*2
	}
	l := p.levels[at]
	origin := s.At(.5/float64(side), .5/float64(side))
	sin, cos := math.Sincos(s.Angle)
	for y := range side {
		for x := range side {
			fx := origin.X + k*(cos*float64(x)-sin*float64(y))
			fy := origin.Y + k*(sin*float64(x)+cos*float64(y))
			l.sample(dst[3*(y*side+x):], fx/scale-.5, fy/scale-.5)
		}
	}
}

func (l level) sample(dst []float32, x, y float64) {
	x, y = max(0, min(x, float64(l.w-1))), max(0, min(y, float64(l.h-1)))
	x0, y0 := int(x), int(y)
	x1, y1 := min(x0+1, l.w-1), min(y0+1, l.h-1)
	fx, fy := float32(x-float64(x0)), float32(y-float64(y0))
	for c := range 3 {
		a := l.rgb[3*(y0*l.w+x0)+c]*(1-fx) + l.rgb[3*(y0*l.w+x1)+c]*fx
		b := l.rgb[3*(y1*l.w+x0)+c]*(1-fx) + l.rgb[3*(y1*l.w+x1)+c]*fx
		dst[c] = a*(1-fy) + b*fy
	}
}
