package decode

import (
	"image"
	"image/color"
	"image/draw"

	"github.com/limner-ai/limner/curate/decode/exif"
)

// straight returns m with straight alpha, eight bits a channel, its bounds
// moved to the origin. Deeper channels keep their upper eight bits.
func straight(m image.Image) *image.NRGBA {
	b := m.Bounds()
	w, h := b.Dx(), b.Dy()
	switch m := m.(type) {
	case *image.NRGBA:
		if b.Min == (image.Point{}) {
			return m
		}
	case *image.NYCbCrA:
		out := opaque(&m.YCbCr)
		for y := range h {
			for x := range w {
				out.Pix[y*out.Stride+4*x+3] = m.A[m.AOffset(b.Min.X+x, b.Min.Y+y)]
			}
		}
		return out
	case *image.NRGBA64: // two bytes a channel, the upper first
		out := image.NewNRGBA(image.Rect(0, 0, w, h))
		for y := range h {
			row := m.Pix[y*m.Stride:]
			for i := range 4 * w {
				out.Pix[y*out.Stride+i] = row[2*i]
			}
		}
		return out
	case *image.Paletted:
		var palette [256][4]uint8
		for i, c := range m.Palette {
			n := color.NRGBAModel.Convert(c).(color.NRGBA)
			palette[i] = [4]uint8{n.R, n.G, n.B, n.A}
		}
		out := image.NewNRGBA(image.Rect(0, 0, w, h))
		for y := range h {
			for x, i := range m.Pix[y*m.Stride:][:w] {
				copy(out.Pix[y*out.Stride+4*x:], palette[i][:])
			}
		}
		return out
	}
	if o, ok := m.(interface{ Opaque() bool }); ok && o.Opaque() {
		return opaque(m)
	}
	out := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			out.SetNRGBA(x, y, color.NRGBAModel.Convert(m.At(b.Min.X+x, b.Min.Y+y)).(color.NRGBA))
		}
	}
	return out
}

// opaque converts a picture without transparent pixels, whose straight and
// multiplied forms are the same; the standard library is fast at the latter.
func opaque(m image.Image) *image.NRGBA {
	b := m.Bounds()
	out := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(out, out.Rect, m, b.Min, draw.Src)
	return &image.NRGBA{Pix: out.Pix, Stride: out.Stride, Rect: out.Rect}
}

// onCanvas lays a GIF's first frame, which lies at place, on the file's
// canvas; around it the canvas is transparent.
func onCanvas(frame *image.NRGBA, place image.Rectangle, h header) *image.NRGBA {
	canvas := image.Rect(0, 0, h.width, h.height)
	if place == canvas {
		return frame
	}
	out := image.NewNRGBA(canvas)
	place = place.Intersect(canvas)
	for y := place.Min.Y; y < place.Max.Y; y++ {
		from := frame.Pix[(y-place.Min.Y)*frame.Stride:][:4*place.Dx()]
		copy(out.Pix[out.PixOffset(place.Min.X, y):], from)
	}
	return out
}

// upright turns m as its orientation says.
func upright(m *image.NRGBA, orientation int) *image.NRGBA {
	if orientation == 1 {
		return m
	}
	w, h := m.Rect.Dx(), m.Rect.Dy()
	out := image.NewNRGBA(m.Rect)
	if exif.Swaps(orientation) {
		out = image.NewNRGBA(image.Rect(0, 0, h, w))
	}
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			sx, sy := exif.Stored(orientation, x, y, w, h)
			copy(out.Pix[out.PixOffset(x, y):][:4], m.Pix[m.PixOffset(sx, sy):])
		}
	}
	return out
}
