package light

import (
	"image"

	"github.com/limner-ai/limner/inspect/plane"
)

const (
	// Side is the side of the canvas on which a picture is looked at.
	Side = 64
	// Window is the side of what the network sees.
	Window = 16
)

var grey = plane.Ground{.5, .5, .5}

// Canvas is a picture as light looks at it: its longer side brought to 64 pixels,
// in the middle of a grey square, what is transparent over the same grey.
type Canvas struct {
	Level [3]*plane.Plane // sRGB levels from 0 to 1, Side×Side
	Alpha *plane.Plane
	// In is where the picture lies.
	In image.Rectangle
}

// NewCanvas brings a picture, of at least one pixel, onto a canvas.
func NewCanvas(m *image.NRGBA) *Canvas {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	long := max(w, h)
	tw, th := max(1, (w*Side+long/2)/long), max(1, (h*Side+long/2)/long)
	at := image.Pt((Side-tw)/2, (Side-th)/2)
	c := &Canvas{In: image.Rect(at.X, at.Y, at.X+tw, at.Y+th)}
	put := func(p *plane.Plane, ground float32) *plane.Plane {
		p = plane.Resize(p, tw, th)
		out := plane.New(Side, Side)
		for i := range out.V {
			out.V[i] = ground
		}
		for y := range th {
			copy(out.V[(at.Y+y)*Side+at.X:][:tw], p.V[y*tw:])
		}
		return out
	}
	for i, p := range plane.Levels(m, grey) {
		c.Level[i] = put(p, grey[i])
	}
	c.Alpha = put(plane.Alpha(m), 0)
	return c
}

// Look fills to [size size 3] with a square of the canvas, resampled; what lies
// beyond the canvas is grey.
func (c *Canvas) Look(to []float32, size int, square image.Rectangle) {
	side := square.Dx()
	for k, p := range c.Level {
		part := plane.New(side, side)
		for y := range side {
			for x := range side {
				v := grey[k]
				if q := square.Min.Add(image.Pt(x, y)); q.In(image.Rect(0, 0, Side, Side)) {
					v = p.V[q.Y*Side+q.X]
				}
				part.V[y*side+x] = v
			}
		}
		for i, v := range plane.Resize(part, size, size).V {
			to[3*i+k] = v
		}
	}
}
