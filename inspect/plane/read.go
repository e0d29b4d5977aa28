package plane

import (
	"image"
	"math"
	"sync"
)

// Ground is what transparent parts are laid over, as sRGB levels from 0 to 1.
type Ground [3]float32

// Grounds that inspectors use. Own says what else is of use.
var (
	White = Ground{1, 1, 1}
	Black = Ground{}
)

// Own is the mean colour of what is visible, by alpha: the ground over which
// outlines against nothing stand out least.
func Own(m *image.NRGBA) Ground {
	var sum [4]float64
	each(m, func(_ int, px []uint8) {
		a := float64(px[3])
		for c := range 3 {
			sum[c] += a * float64(px[c])
		}
		sum[3] += 255 * a
	})
	if sum[3] == 0 {
		return White
	}
	return Ground{float32(sum[0] / sum[3]), float32(sum[1] / sum[3]), float32(sum[2] / sum[3])}
}

// Alpha is what is visible, from 0 to 1.
func Alpha(m *image.NRGBA) *Plane {
	out := New(m.Rect.Dx(), m.Rect.Dy())
	each(m, func(i int, px []uint8) { out.V[i] = float32(px[3]) / 255 })
	return out
}

// Luma is Rec. 601's weighted sum of the sRGB levels, from 0 to 1, over a ground:
// what most measures of sharpness and texture are defined on.
func Luma(m *image.NRGBA, ground Ground) *Plane {
	out := New(m.Rect.Dx(), m.Rect.Dy())
	under := .299*ground[0] + .587*ground[1] + .114*ground[2]
	each(m, func(i int, px []uint8) {
		a := float32(px[3]) / 255
		y := (.299*float32(px[0]) + .587*float32(px[1]) + .114*float32(px[2])) / 255
		out.V[i] = under + a*(y-under)
	})
	return out
}

// Levels are red, green and blue as sRGB levels, from 0 to 1, over a ground.
func Levels(m *image.NRGBA, ground Ground) [3]*Plane {
	var out [3]*Plane
	for c := range out {
		out[c] = New(m.Rect.Dx(), m.Rect.Dy())
	}
	each(m, func(i int, px []uint8) {
		a := float32(px[3]) / 255
		for c := range out {
			out[c].V[i] = ground[c] + a*(float32(px[c])/255-ground[c])
		}
	})
	return out
}

// Light is the linear light of red, green and blue, from 0 to 1 (IEC
// 61966-2-1), over a ground; alpha weighs light.
func Light(m *image.NRGBA, ground Ground) [3]*Plane {
	var out [3]*Plane
	var under [3]float32
	for c := range out {
		out[c] = New(m.Rect.Dx(), m.Rect.Dy())
		under[c] = Linear(ground[c])
	}
	table := linear()
	each(m, func(i int, px []uint8) {
		a := float32(px[3]) / 255
		for c := range out {
			out[c].V[i] = under[c] + a*(table[px[c]]-under[c])
		}
	})
	return out
}

// Luminance is the linear luminance Y of Rec. 709, from 0 to 1, over a ground.
func Luminance(m *image.NRGBA, ground Ground) *Plane {
	l := Light(m, ground)
	out := l[0].Map(func(v float32) float32 { return .2126 * v })
	for i := range out.V {
		out.V[i] += .7152*l[1].V[i] + .0722*l[2].V[i]
	}
	return out
}

// Linear is the light of an sRGB level, both from 0 to 1.
func Linear(level float32) float32 {
	v := float64(level)
	if v <= 0.04045 {
		return float32(v / 12.92)
	}
	return float32(math.Pow((v+0.055)/1.055, 2.4))
}

// Level is the sRGB level of a light, both from 0 to 1.
func Level(light float32) float32 {
	v := float64(light)
	if v <= 0.0031308 {
		return float32(12.92 * v)
	}
	return float32(1.055*math.Pow(v, 1/2.4) - 0.055)
}

var linear = sync.OnceValue(func() *[256]float32 {
	var t [256]float32
	for i := range t {
		t[i] = Linear(float32(i) / 255)
	}
	return &t
})

// each visits the pixels row by row.
func each(m *image.NRGBA, visit func(i int, px []uint8)) {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	for y := range h {
		row := m.Pix[y*m.Stride:]
		for x := range w {
			visit(y*w+x, row[4*x:4*x+4])
		}
	}
}

// Image is the plane as a grey picture, 0 black and 1 white.
func (p *Plane) Image() *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, p.W, p.H))
	for i, v := range p.V {
		level := uint8(255*max(0, min(v, 1)) + .5)
		copy(m.Pix[4*i:], []uint8{level, level, level, 255})
	}
	return m
}
