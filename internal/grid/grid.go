// Package grid lays pictures out side by side: a plain grid of samples, or a
// contact sheet whose rows have a title and a note.
//
// Pictures are float32 tensors [n, height, width, channels] with 1 channel
// (gray), 3 (sRGB) or 4 (sRGB and straight alpha, over a chessboard). Values beyond their range are clipped and NaN is black,
// so that a diverged model can be looked at too.
package grid

import (
	"fmt"
	"image"
	"image/png"
	"io"
	"math"

	"github.com/limner-ai/limner/engine/tensor"
)

// Range is the interval that pictures' values fill.
type Range int

const (
	Unit   Range = iota // 0 black, 1 white
	Signed              // -1 black, 1 white
)

// Options says how a grid looks. The zero value is a near-square grid with
// thin margins at the pictures' own size.
type Options struct {
	Columns int      // pictures in a line; 0: near square, or as Labels ask
	Scale   int      // each pixel becomes Scale × Scale; 0: 1
	Margin  int      // pixels between pictures and around them; 0: 2, negative: none
	Range   Range    // of the values; a Sheet's rows have their own
	Labels  []string // one text for each line, at its left
}

// maxPixels bounds a drawing: 256 megapixels take a gigabyte.
const maxPixels = 1 << 28

// maxScale keeps sizes far from overflow.
const maxScale = 1 << 10

// Draw returns the grid as *image.Gray if pics has 1 channel, else as
// *image.RGBA. It fails if pics is not [n, height, width, 1, 3 or 4] with n > 0,
// if there are more labels than lines, or if the drawing would be huge.
func Draw(pics *tensor.Tensor, o Options) (image.Image, error) {
	if err := check(pics, o); err != nil {
		return nil, err
	}
	if o.Columns <= 0 {
		o.Columns = columns(pics.Shape[0], len(o.Labels))
	}
	p := layPlate(pics, o)
	if len(o.Labels) > p.lines {
		return nil, fmt.Errorf("grid: %d labels for %d lines of pictures", len(o.Labels), p.lines)
	}
	var left, size int
	if len(o.Labels) > 0 {
		size = min(max(p.tileH*2/5, 12), 18)
		left = widest(regular(size), o.Labels) + size
		p.pitchY = max(p.pitchY, size*4/3+p.margin)
	}
	c, err := newCanvas(left+p.width(), p.height(), pics.Shape[3] == 1)
	if err != nil {
		return nil, err
	}
	p.draw(c, left, 0, pics, o.Range)
	for i, s := range o.Labels {
		middle := p.margin + i*p.pitchY + p.tileH/2
		c.text(regular(size), size/2, middle+size*7/20, ink, s) // 0.7 em is a capital's height
	}
	return c.img, nil
}

// Encode writes the grid that Draw returns as PNG, 8 bits gray or RGB.
func Encode(w io.Writer, pics *tensor.Tensor, o Options) error {
	img, err := Draw(pics, o)
	if err != nil {
		return err
	}
	return png.Encode(w, img)
}

func check(pics *tensor.Tensor, o Options) error {
	if pics == nil || pics.Shape.Rank() != 4 || pics.Shape.Size() == 0 {
		return fmt.Errorf("grid: no pictures; they must be [n height width channels], not %v", shape(pics))
	}
	if c := pics.Shape[3]; c != 1 && c != 3 && c != 4 {
		return fmt.Errorf("grid: pictures %v have %d channels; 1, 3 or 4 can be drawn", pics.Shape, c)
	}
	if o.Scale > maxScale || o.Margin > maxScale {
		return fmt.Errorf("grid: scale %d or margin %d is above %d", o.Scale, o.Margin, maxScale)
	}
	return nil
}

func shape(t *tensor.Tensor) tensor.Shape {
	if t == nil {
		return nil
	}
	return t.Shape
}

// columns lays n pictures out in so many lines, or in a square if lines is 0.
func columns(n, lines int) int {
	if lines > 0 {
		return (n + lines - 1) / lines
	}
	return int(math.Ceil(math.Sqrt(float64(n))))
}

// plate is the geometry of pictures in lines, in pixels.
type plate struct {
	columns, lines int
	scale, margin  int
	tileW, tileH   int // of a scaled picture
	pitchX, pitchY int // from one picture to the next
}

func layPlate(pics *tensor.Tensor, o Options) plate {
	n := pics.Shape[0]
	p := plate{columns: min(o.Columns, n), scale: max(o.Scale, 1), margin: 2}
	p.lines = (n + p.columns - 1) / p.columns
	if o.Margin != 0 {
		p.margin = max(o.Margin, 0)
	}
	p.tileH, p.tileW = pics.Shape[1]*p.scale, pics.Shape[2]*p.scale
	p.pitchX, p.pitchY = p.tileW+p.margin, p.tileH+p.margin
	return p
}

func (p plate) width() int  { return p.columns*p.pitchX + p.margin }
func (p plate) height() int { return p.lines*p.pitchY + p.margin }

// draw puts the pictures on c with the plate's corner at (x, y).
func (p plate) draw(c *canvas, x, y int, pics *tensor.Tensor, r Range) {
	for i := range pics.Shape[0] {
		px := x + p.margin + i%p.columns*p.pitchX
		py := y + p.margin + i/p.columns*p.pitchY
		c.picture(px, py, p.scale, pics.Row(i), pics.Shape[2], pics.Shape[3], r)
	}
}
