package texture

import (
	"image"

	"github.com/limner-ai/limner/inspect/plane"
)

// Cells are what is measured at each second pixel of a picture, along x and y.
type Cells struct {
	W, H int
	// Seen is how much of each cell's surroundings is visible, from 0 to 1.
	Seen []float32
	// Inputs are the measures of each cell, the same number for all.
	Inputs [][]float32
}

const step = 2 // pixels between cells

// Measure measures a picture of at least 16 pixels on both sides: of each cell,
// the responses of a bank of filters as they are, less their mean over its
// surroundings, and less their mean over the picture; and what the whole
// picture's spectrum has.
func Measure(m *image.NRGBA) *Cells {
	f := measured(m)
	c := &Cells{W: (f.w + step - 1) / step, H: (f.h + step - 1) / step}
	c.Inputs = make([][]float32, c.W*c.H)
	c.Seen = make([]float32, c.W*c.H)
	values := make([]float32, c.W*c.H*(3*len(f.local)+len(f.whole)))
	for i := range c.Inputs {
		n := len(values) / (c.W * c.H)
		c.Inputs[i] = values[i*n : i*n : i*n+n]
	}
	visible := plane.Gaussian(f.seen, 1)
	f.each(c, func(i, at int) { c.Seen[i] = visible.V[at] })
	for _, p := range f.local {
		mean := float32(p.Mean(f.seen))
		near := f.pooled(p, about)
		f.each(c, func(i, at int) {
			v := p.V[at]
			c.Inputs[i] = append(c.Inputs[i], v, v-near.V[at], v-mean)
		})
	}
	f.each(c, func(i, _ int) {
		for _, v := range f.whole {
			c.Inputs[i] = append(c.Inputs[i], float32(v))
		}
	})
	return c
}

func (f *field) each(c *Cells, do func(cell, pixel int)) {
	for y := range c.H {
		for x := range c.W {
			do(y*c.W+x, y*step*f.w+x*step)
		}
	}
}
