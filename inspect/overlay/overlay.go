// Package overlay draws what inspectors found over the picture: a panel for
// each, with its heat, the worst places framed, and the verdict in words.
package overlay

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"

	"github.com/limner-ai/limner/inspect"
)

// Sizes in pixels.
const (
	least  = 256 // a panel's longer side, for small pictures
	most   = 768 // and for large ones
	margin = 12
	gap    = 12
	row    = 4 // panels beside each other
)

var (
	paper = color.NRGBA{0xee, 0xee, 0xee, 255}
	ink   = color.NRGBA{0x20, 0x20, 0x20, 255}
	faint = color.NRGBA{0x60, 0x60, 0x60, 255}
	frame = color.NRGBA{0xff, 0xff, 0xff, 255}
	edge  = color.NRGBA{0x10, 0x10, 0x10, 255}
)

// Draw draws the picture as it is, then a panel for each finding that applies,
// and the scale of the heat. Pictures smaller than 256 pixels are enlarged by a
// whole number, those larger than 768 are shrunk.
func Draw(m *image.NRGBA, findings []inspect.Finding) *image.NRGBA {
	size := panelSize(m.Rect.Size())
	base := onBoard(m, size)
	type panel struct {
		title, text string
		picture     *image.NRGBA
	}
	panels := []panel{{"picture", fmt.Sprintf("%d × %d pixels", m.Rect.Dx(), m.Rect.Dy()), base}}
	for _, f := range findings {
		if !f.Applies {
			continue
		}
		p := image.NewNRGBA(base.Rect)
		copy(p.Pix, base.Pix)
		warm(p, f.Heat)
		for i, r := range f.Regions {
			box(p, scaled(r.Box, m.Rect, size), i+1)
		}
		title := fmt.Sprintf("%s: sound (%.2f)", f.Inspector, f.Probability)
		if f.Faulty {
			title = fmt.Sprintf("%s: %s (%.2f)", f.Inspector, f.Fault, f.Probability)
		}
		panels = append(panels, panel{title, f.Sentence, p})
	}
	width := max(size.X, least)
	columns := min(row, len(panels))
	high := 0
	for _, p := range panels {
		high = max(high, len(wrap(regular, p.text, width)))
	}
	cell := image.Pt(width+gap, size.Y+titleHigh+high*lineHigh+gap)
	rows := (len(panels) + columns - 1) / columns
	out := image.NewNRGBA(image.Rect(0, 0, 2*margin+columns*cell.X-gap, 2*margin+rows*cell.Y+legendHigh))
	draw.Draw(out, out.Rect, image.NewUniform(paper), image.Point{}, draw.Src)
	for i, p := range panels {
		at := image.Pt(margin+i%columns*cell.X, margin+i/columns*cell.Y)
		write(out, bold, at.X, at.Y+titleHigh-6, ink, clip(bold, p.title, width))
		draw.Draw(out, p.picture.Rect.Add(at).Add(image.Pt(0, titleHigh)), p.picture, image.Point{}, draw.Src)
		for j, line := range wrap(regular, p.text, width) {
			write(out, regular, at.X, at.Y+titleHigh+size.Y+(j+1)*lineHigh-2, faint, line)
		}
	}
	legend(out, image.Pt(margin, out.Rect.Dy()-margin-legendHigh+8))
	return out
}

// panelSize is how large a picture is shown.
func panelSize(size image.Point) image.Point {
	long := max(size.X, size.Y)
	switch {
	case long < least:
		return size.Mul(max(1, least/long))
	case long > most:
		return image.Pt(max(1, size.X*most/long), max(1, size.Y*most/long))
	}
	return size
}

// scaled is a rectangle of the picture in its panel.
func scaled(r, bounds image.Rectangle, size image.Point) image.Rectangle {
	r = r.Sub(bounds.Min)
	w, h := bounds.Dx(), bounds.Dy()
	return image.Rect(r.Min.X*size.X/w, r.Min.Y*size.Y/h, (r.Max.X*size.X+w-1)/w, (r.Max.Y*size.Y+h-1)/h)
}

// onBoard is the picture on a chessboard, each pixel of the panel that of the
// picture nearest to it.
func onBoard(m *image.NRGBA, size image.Point) *image.NRGBA {
	out := image.NewNRGBA(image.Rectangle{Max: size})
	w, h := m.Rect.Dx(), m.Rect.Dy()
	for y := range size.Y {
		for x := range size.X {
			from := m.Pix[(y*h/size.Y)*m.Stride+4*(x*w/size.X):]
			under := uint32(0xff)
			if (x/8+y/8)%2 == 1 {
				under = 0xd8
			}
			a := uint32(from[3])
			to := out.Pix[out.PixOffset(x, y):]
			for c := range 3 {
				to[c] = uint8((uint32(from[c])*a + under*(255-a) + 127) / 255)
			}
			to[3] = 255
		}
	}
	return out
}

// warm lays the heat over a panel: where there is none the picture fades to
// grey a little, so that places stand out.
func warm(m *image.NRGBA, h *inspect.Heat) {
	if h == nil {
		return
	}
	w, t := m.Rect.Dx(), m.Rect.Dy()
	for y := range t {
		for x := range w {
			v := h.At(x, y, w, t)
			c := Colour(v)
			px := m.Pix[m.PixOffset(x, y):]
			grey := (299*int(px[0]) + 587*int(px[1]) + 114*int(px[2])) / 1000
			share := .72 * v
			for k, hot := range []uint8{c.R, c.G, c.B} {
				cold := .55*float32(px[k]) + .45*float32(grey)
				px[k] = uint8(cold + share*(float32(hot)-cold) + .5)
			}
		}
	}
}

// Colour is that of a heat from 0 to 1: from dark blue over purple and orange to
// bright yellow, ever brighter, so that it can be told without colours too.
func Colour(v float32) color.NRGBA {
	stops := [...][3]float32{{24, 15, 80}, {120, 28, 109}, {203, 65, 73}, {248, 140, 20}, {252, 240, 110}}
	at := max(0, min(v, 1)) * float32(len(stops)-1)
	i := min(int(at), len(stops)-2)
	f := at - float32(i)
	mix := func(c int) uint8 { return uint8(stops[i][c] + f*(stops[i+1][c]-stops[i][c]) + .5) }
	return color.NRGBA{mix(0), mix(1), mix(2), 255}
}
