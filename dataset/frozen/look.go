package frozen

import (
	"encoding/hex"
	"fmt"
	"image"
	"image/color"
	"strings"

	"golang.org/x/image/draw"

	"github.com/limner-ai/limner/dataset/picture"
)

// look says how a stored picture becomes the values that a model sees.
type look struct {
	size, channels int
	background     color.RGBA
}

func (l look) length() int { return l.size * l.size * l.channels }

func lookOf(src picture.Source, side int) (look, error) {
	l := look{size: src.Size, channels: src.Channels, background: color.RGBA{255, 255, 255, 255}}
	if l.size == 0 {
		l.size = side
	}
	if l.channels == 0 {
		l.channels = 3
	}
	if l.size > side {
		return l, fmt.Errorf("size %d is more than its pictures have, %d: curate and freeze larger ones", l.size, side)
	}
	if src.Background != "" {
		b, err := hex.DecodeString(strings.TrimPrefix(src.Background, "#"))
		if err != nil || len(b) != 3 || src.Background[0] != '#' {
			return l, fmt.Errorf("background %q is no colour; write it as #rrggbb", src.Background)
		}
		l.background = color.RGBA{b[0], b[1], b[2], 255}
	}
	return l, nil
}

// draw lays a picture over the background, makes it the right size and writes
// its values, HWC.
func (l look) draw(dst []uint8, m image.Image) {
	if l.channels == 4 {
		l.straight(dst, m)
		return
	}
	ground := image.NewRGBA(m.Bounds())
	draw.Draw(ground, ground.Bounds(), image.NewUniform(l.background), image.Point{}, draw.Src)
	draw.Draw(ground, ground.Bounds(), m, m.Bounds().Min, draw.Over)
	if l.size != ground.Bounds().Dx() {
		small := image.NewRGBA(image.Rect(0, 0, l.size, l.size))
		draw.CatmullRom.Scale(small, small.Bounds(), ground, ground.Bounds(), draw.Src, nil)
		ground = small
	}
	for i := range l.size * l.size {
		p := ground.Pix[4*i : 4*i+3]
		if l.channels == 3 {
			copy(dst[3*i:], p)
			continue
		}
		// Luma of BT.601, as image/color has it.
		dst[i] = color.GrayModel.Convert(color.RGBA{p[0], p[1], p[2], 255}).(color.Gray).Y
	}
}

// straight makes a picture the right size and writes its colours and alpha.
// Sizes change on premultiplied values, so that what is transparent does not
// bleed.
func (l look) straight(dst []uint8, m image.Image) {
	if l.size != m.Bounds().Dx() {
		small := image.NewRGBA(image.Rect(0, 0, l.size, l.size))
		draw.CatmullRom.Scale(small, small.Bounds(), m, m.Bounds(), draw.Src, nil)
		for i := 0; i < len(small.Pix); i += 4 {
			// The filter's negative lobes may leave a colour above its alpha.
			for k := range 3 {
				small.Pix[i+k] = min(small.Pix[i+k], small.Pix[i+3])
			}
		}
		m = small
	}
	from := m.Bounds().Min
	for i := range l.size * l.size {
		c := color.NRGBAModel.Convert(m.At(from.X+i%l.size, from.Y+i/l.size)).(color.NRGBA)
		if c.A == 0 {
			c = color.NRGBA{}
		}
		copy(dst[4*i:], []uint8{c.R, c.G, c.B, c.A})
	}
}
