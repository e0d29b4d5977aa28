package grid

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"sync"

	"codeberg.org/go-fonts/liberation/liberationsansbold"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// Paper is a little darker than white, so that pictures on white stand out.
const (
	paper = 0xee
	ink   = 0x20
	faint = 0x60
)

// canvas is an image of gray or of colour; exactly one of gray and rgba is set.
type canvas struct {
	img  draw.Image
	gray *image.Gray
	rgba *image.RGBA
}

func newCanvas(w, h int, gray bool) (*canvas, error) {
	if w > maxPixels/h {
		return nil, fmt.Errorf("grid: a drawing of %d × %d pixels is too large; use fewer pictures or a smaller scale", w, h)
	}
	c := &canvas{}
	if r := image.Rect(0, 0, w, h); gray {
		c.gray = image.NewGray(r)
		c.img = c.gray
	} else {
		c.rgba = image.NewRGBA(r)
		c.img = c.rgba
	}
	draw.Draw(c.img, c.img.Bounds(), image.NewUniform(color.Gray{Y: paper}), image.Point{}, draw.Src)
	return c, nil
}

// level is the byte for a value. NaN is no number above 0, so it gives 0.
func level(v float32, r Range) uint8 {
	if r == Signed {
		v = (v + 1) / 2
	}
	if !(v > 0) {
		return 0
	}
	return uint8(min(v, 1)*255 + 0.5)
}

// picture draws one picture of the given width and channels at (x, y). A gray
// canvas takes 1 channel only.
func (c *canvas) picture(x, y, scale int, values []float32, width, channels int, r Range) {
	for i := 0; i < len(values); i += channels {
		px, py := i/channels%width, i/channels/width
		red := level(values[i], r)
		green, blue := red, red
		if channels >= 3 {
			green, blue = level(values[i+1], r), level(values[i+2], r)
		}
		if channels == 4 {
			alpha, under := level(values[i+3], r), square(px, py)
			red, green, blue = over(red, under, alpha), over(green, under, alpha), over(blue, under, alpha)
		}
		for dy := range scale {
			for dx := range scale {
				at := image.Pt(x+px*scale+dx, y+py*scale+dy)
				if c.gray != nil {
					c.gray.SetGray(at.X, at.Y, color.Gray{Y: red})
				} else {
					c.rgba.SetRGBA(at.X, at.Y, color.RGBA{R: red, G: green, B: blue, A: 255})
				}
			}
		}
	}
}

// Transparent parts show a chessboard of two light greys, as image editors have.
const (
	squareSide   = 8
	lightSquare  = 0xff
	darkerSquare = 0xd8
)

// square is the grey of the chessboard below a pixel of a picture.
func square(x, y int) uint8 {
	if (x/squareSide+y/squareSide)%2 == 0 {
		return lightSquare
	}
	return darkerSquare
}

// over lays a level with straight alpha over another.
func over(level, under, alpha uint8) uint8 {
	a := uint32(alpha)
	return uint8((uint32(level)*a + uint32(under)*(255-a) + 127) / 255)
}

// text writes s in one line with its base line beginning at (x, y).
func (c *canvas) text(face font.Face, x, y int, gray uint8, s string) {
	d := font.Drawer{Dst: c.img, Src: image.NewUniform(color.Gray{Y: gray}), Face: face, Dot: fixed.P(x, y)}
	d.DrawString(s)
}

func widest(face font.Face, texts []string) int {
	w := 0
	for _, s := range texts {
		w = max(w, font.MeasureString(face, s).Ceil())
	}
	return w
}

var parseFonts = sync.OnceValue(func() [2]*opentype.Font {
	var fonts [2]*opentype.Font
	for i, ttf := range [][]byte{liberationsansregular.TTF, liberationsansbold.TTF} {
		f, err := opentype.Parse(ttf)
		if err != nil {
			panic("grid: embedded font: " + err.Error())
		}
		fonts[i] = f
	}
	return fonts
})

// face returns a font of the given size in pixels.
func face(f *opentype.Font, pixels int) font.Face {
	fc, err := opentype.NewFace(f, &opentype.FaceOptions{Size: float64(pixels), DPI: 72, Hinting: font.HintingFull})
	if err != nil {
		panic("grid: embedded font: " + err.Error())
	}
	return fc
}

func regular(pixels int) font.Face { return face(parseFonts()[0], pixels) }
func bold(pixels int) font.Face    { return face(parseFonts()[1], pixels) }
