package canvas

import (
	"image"
	"image/color"
	"math"
	"sync"

	"golang.org/x/image/draw"
)

// Draw puts m on a canvas with straight alpha: light is resampled, not its
// code, and what is transparent lends no colour to its neighbours, by Catmull
// and Rom's cubic (stretched over the source when shrinking, so that nothing
// aliases). A part that has the right extent already keeps its bytes. A
// ground, if not nil, is laid behind everything; its alpha does not count.
func (p Placement) Draw(m *image.NRGBA, ground *color.NRGBA) *image.NRGBA {
	out := image.NewNRGBA(image.Rectangle{Max: p.Canvas})
	from := p.From.Add(m.Rect.Min)
	if p.From.Size() == p.Onto.Size() {
		draw.Draw(out, p.Onto, m, from.Min, draw.Src) // NRGBA to NRGBA copies bytes
	} else {
		scaled := image.NewRGBA64(image.Rectangle{Max: p.Onto.Size()})
		draw.CatmullRom.Scale(scaled, scaled.Rect, lit{m}, from, draw.Src, nil)
		for y := range scaled.Rect.Dy() {
			for x := range scaled.Rect.Dx() {
				out.SetNRGBA(p.Onto.Min.X+x, p.Onto.Min.Y+y, coded(scaled.RGBA64At(x, y)))
			}
		}
	}
	for i := 0; i < len(out.Pix); i += 4 {
		px := out.Pix[i:][:4]
		switch {
		case ground != nil:
			over(px, *ground)
		case px[3] == 0:
			clear(px)
		}
	}
	return out
}

// lit is a picture in linear light times alpha, 16 bits.
type lit struct{ *image.NRGBA }

func (m lit) ColorModel() color.Model { return color.RGBA64Model }

func (m lit) At(x, y int) color.Color { return m.RGBA64At(x, y) }

func (m lit) RGBA64At(x, y int) color.RGBA64 {
	px := m.Pix[m.PixOffset(x, y):][:4]
	t, a := light(), uint32(px[3])
	by := func(level uint8) uint16 { return uint16((uint32(t[level])*a + 127) / 255) }
	return color.RGBA64{R: by(px[0]), G: by(px[1]), B: by(px[2]), A: uint16(a * 0x101)}
}

// coded is the nearest pixel of 8 bits to linear light times alpha.
func coded(c color.RGBA64) color.NRGBA {
	if c.A < 0x81 { // less than half a level
		return color.NRGBA{}
	}
	by := func(v uint16) uint8 { return level(float64(v) / float64(c.A)) }
	return color.NRGBA{R: by(c.R), G: by(c.G), B: by(c.B), A: uint8((uint32(c.A) + 0x80) / 0x101)}
}

// over lays a pixel over a ground, in linear light.
func over(px []uint8, ground color.NRGBA) {
	if px[3] != 255 {
		t, a := light(), float64(px[3])/255
		for k, g := range [3]uint8{ground.R, ground.G, ground.B} {
			px[k] = level((a*float64(t[px[k]]) + (1-a)*float64(t[g])) / 0xffff)
		}
		px[3] = 255
	}
}

// light is the linear light of each sRGB level in 16 bits (IEC 61966-2-1:1999,
// equations 5 and 6).
var light = sync.OnceValue(func() *[256]uint16 {
	var t [256]uint16
	for i := range t {
		v := float64(i) / 255
		if v <= 0.04045 {
			v /= 12.92
		} else {
			v = math.Pow((v+0.055)/1.055, 2.4)
		}
		t[i] = uint16(math.Round(0xffff * v))
	}
	return &t
})

// level is the nearest sRGB level of light, 0 to 1 (equations 8 and 9).
func level(v float64) uint8 {
	if v <= 0.0031308 {
		v *= 12.92
	} else {
		v = 1.055*math.Pow(v, 1/2.4) - 0.055
	}
	return uint8(min(max(v, 0), 1)*255 + .5)
}
