// Package resize brings pictures to the side that a model is trained on.
//
// Light is averaged, not its code: sRGB values are made linear (IEC
// 61966-2-1), multiplied by alpha, and encoded again afterwards, so that fine
// patterns keep their brightness and what is transparent lends no colour to
// its neighbours. A picture is shrunk by area: each new pixel is the mean of
// what it covers, parts of pixels by their part. It is enlarged by Catmull-Rom
// interpolation. Everything is computed in integers, so that every machine
// gives the same bytes.
package resize

import (
	"fmt"
	"image"
	"image/color"
)

// Fit says what becomes of pictures that are not square.
type Fit string

const (
	Pad   Fit = "pad"   // all of the picture is kept, with transparent bars
	Cover Fit = "cover" // the square in the middle is kept
)

// Square returns m as side × side pixels with straight alpha; what is wholly
// transparent is zero in all channels. A ground, if not nil, is laid behind
// it; its alpha does not count.
func Square(m *image.NRGBA, side int, fit Fit, ground *color.NRGBA) (*image.NRGBA, error) {
	b := m.Rect
	w, h := b.Dx(), b.Dy()
	if w < 1 || h < 1 || side < 1 {
		return nil, fmt.Errorf("resize: %d×%d pixels cannot become %d×%d", w, h, side, side)
	}
	out := image.NewNRGBA(image.Rect(0, 0, side, side))
	place := out.Rect
	switch fit {
	case Pad:
		longer := max(w, h)
		pw, ph := scaled(w, side, longer), scaled(h, side, longer)
		at := image.Pt((side-pw)/2, (side-ph)/2)
		place = image.Rectangle{Min: at, Max: at.Add(image.Pt(pw, ph))}
	case Cover:
		shorter := min(w, h)
		at := b.Min.Add(image.Pt((w-shorter)/2, (h-shorter)/2))
		b = image.Rectangle{Min: at, Max: at.Add(image.Pt(shorter, shorter))}
	default:
		return nil, fmt.Errorf("resize: %q is no way to fit; want %s or %s", fit, Pad, Cover)
	}
	p := scale(m, b, place.Dx(), place.Dy())
	p.encode(out, place.Min, ground)
	return out, nil
}

// scaled is n · side / longer, rounded, at least 1.
func scaled(n, side, longer int) int {
	return max(1, int((2*int64(n)*int64(side)+int64(longer))/(2*int64(longer))))
}

// whole is an opaque pixel's alpha, and the linear light of white: 16 bits of
// light times 8 of alpha.
const whole = 0xffff * 0xff

// plane holds pixels in linear light times alpha, four channels each.
type plane struct {
	w, h int
	pix  []int32
}

// scale resamples the part b of m to w × h pixels, first along rows.
func scale(m *image.NRGBA, b image.Rectangle, w, h int) plane {
	light := linear()
	sw, sh := b.Dx(), b.Dy()
	across := taps(sw, w)
	tall := plane{w, sh, make([]int32, 4*w*sh)}
	row := make([]int32, 4*sw)
	for y := range sh {
		from := m.Pix[m.PixOffset(b.Min.X, b.Min.Y+y):][:4*sw]
		for i := 0; i < len(from); i += 4 {
			a := int32(from[i+3])
			row[i] = int32(light[from[i]]) * a
			row[i+1] = int32(light[from[i+1]]) * a
			row[i+2] = int32(light[from[i+2]]) * a
			row[i+3] = 0xffff * a
		}
		for x := range across {
			across[x].apply(tall.pix[4*(y*w+x):][:4], row[4*across[x].from:], 4)
		}
	}
	down := taps(sh, h)
	out := plane{w, h, make([]int32, 4*w*h)}
	for y := range down {
		for x := range w {
			down[y].apply(out.pix[4*(y*w+x):][:4], tall.pix[4*(down[y].from*w+x):], 4*w)
		}
	}
	return out
}

// encode writes the plane into out at a place, over a ground if there is one.
func (p plane) encode(out *image.NRGBA, at image.Point, ground *color.NRGBA) {
	light, code := linear(), encoded()
	var under [3]int64
	if ground != nil {
		under = [3]int64{int64(light[ground.R]), int64(light[ground.G]), int64(light[ground.B])}
		for i := 0; i < len(out.Pix); i += 4 {
			copy(out.Pix[i:], []uint8{ground.R, ground.G, ground.B, 255})
		}
	}
	for y := range p.h {
		to := out.Pix[out.PixOffset(at.X, at.Y+y):]
		for x := range p.w {
			px := p.pix[4*(y*p.w+x):][:4]
			alpha := int64(px[3])
			if ground != nil {
				for c := range 3 {
					v := int64(px[c]) + (under[c]*(whole-alpha)+0x7fff)/0xffff
					to[4*x+c] = code[(v+127)/255]
				}
				continue
			}
			level := (alpha + 0x7fff) / 0xffff
			if level == 0 {
				continue
			}
			for c := range 3 {
				to[4*x+c] = code[min((int64(px[c])*0xffff+alpha/2)/alpha, 0xffff)]
			}
			to[4*x+3] = uint8(level)
		}
	}
}
