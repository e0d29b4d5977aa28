package canvas

import (
	"fmt"
	"image"
	"math"
)

// Mask says which pixels are painted anew.
type Mask struct {
	image.Point        // extent
	painted     []bool // row by row
}

// Marked is the mask that a picture draws: what is white, or lighter than
// middle grey, is painted anew; what is black or transparent stays.
func Marked(m *image.NRGBA) Mask {
	return mask(m, func(px []uint8) bool {
		luma := 299*int(px[0]) + 587*int(px[1]) + 114*int(px[2])
		return luma*int(px[3]) >= 128*255*1000
	})
}

// Cleared is the mask of what is more transparent than not in a picture.
func Cleared(m *image.NRGBA) Mask {
	return mask(m, func(px []uint8) bool { return px[3] < 128 })
}

func mask(m *image.NRGBA, painted func([]uint8) bool) Mask {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	out := Mask{image.Pt(w, h), make([]bool, w*h)}
	for y := range h {
		row := m.Pix[y*m.Stride:]
		for x := range w {
			out.painted[y*w+x] = painted(row[4*x:][:4])
		}
	}
	return out
}

// Mask gives for each pixel of the canvas 1 if it is painted anew and 0 if it
// stays. A pixel is painted if anything that falls on it is, so that a thin
// stroke is not lost when a picture shrinks. Bars between which the picture
// lies are painted if bars says so. The mask has the picture's extent, or its
// proportions.
func (p Placement) Mask(m Mask, bars bool) ([]float32, error) {
	if d := int64(m.X)*int64(p.Source.Y) - int64(m.Y)*int64(p.Source.X); max(d, -d) > int64(max(p.Source.X, p.Source.Y, m.X, m.Y)) {
		return nil, fmt.Errorf("the mask is %d×%d and the picture %d×%d: it must have the same size, or the same proportions", m.X, m.Y, p.Source.X, p.Source.Y)
	}
	out := p.Bars()
	if !bars {
		clear(out)
	}
	xs := spans(p.From.Min.X, p.From.Max.X, p.Onto.Dx(), p.Source.X, m.X)
	ys := spans(p.From.Min.Y, p.From.Max.Y, p.Onto.Dy(), p.Source.Y, m.Y)
	for y, rows := range ys {
		for x, columns := range xs {
			if m.any(columns, rows) {
				out[(p.Onto.Min.Y+y)*p.Canvas.X+p.Onto.Min.X+x] = 1
			}
		}
	}
	return out, nil
}

// Bars are 1 where there is nothing of the picture.
func (p Placement) Bars() []float32 {
	out := make([]float32, p.Canvas.X*p.Canvas.Y)
	for i := range out {
		if !image.Pt(i%p.Canvas.X, i/p.Canvas.X).In(p.Onto) {
			out[i] = 1
		}
	}
	return out
}

// spans are for each of n pixels that the part [from0, from1) of a picture is
// brought to, the pixels of a mask whose middles fall on it, or else the
// nearest one. The mask has extent m where the picture has extent of.
func spans(from0, from1, n, of, m int) [][2]int {
	out := make([][2]int, n)
	to := func(i int) float64 {
		return (float64(from0) + float64(i)*float64(from1-from0)/float64(n)) * float64(m) / float64(of)
	}
	for i := range out {
		a, b := to(i), to(i+1)
		first, end := int(math.Ceil(a-.5)), int(math.Ceil(b-.5))
		if first >= end {
			first = int((a + b) / 2)
			end = first + 1
		}
		out[i] = [2]int{max(0, first), min(end, m)}
	}
	return out
}

func (m Mask) any(columns, rows [2]int) bool {
	for y := rows[0]; y < rows[1]; y++ {
		for x := columns[0]; x < columns[1]; x++ {
			if m.painted[y*m.X+x] {
				return true
			}
		}
	}
	return false
}
