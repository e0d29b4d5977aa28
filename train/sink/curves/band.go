package curves

import (
	"image"
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// band paints what the raw values cover, column by column of pixels: a thin
// line where they are calm, an area where they are not. A stroked zigzag would
// look the same, but takes the vector rasteriser time that grows with the
// square of its points.
type band struct {
	img     *image.RGBA // that the plot is drawn on
	buckets []bucket
	tint    color.NRGBA
}

// Plot implements plot.Plotter.
func (b band) Plot(c draw.Canvas, p *plot.Plot) {
	tx, ty := p.Transforms(&c)
	bottom := float64(b.img.Rect.Max.Y)
	// Pixels to the right and down from the image's corner.
	x := func(v float64) float64 { return float64(tx(v)/vg.Inch) * dpi }
	y := func(v float64) float64 { return bottom - float64(ty(v)/vg.Inch)*dpi }
	area := image.Rect(
		int(float64(c.Min.X/vg.Inch)*dpi), int(bottom-float64(c.Max.Y/vg.Inch)*dpi),
		int(float64(c.Max.X/vg.Inch)*dpi)+1, int(bottom-float64(c.Min.Y/vg.Inch)*dpi)+1,
	).Intersect(b.img.Rect)

	columns := make([]extent, area.Dx())
	for i := range columns {
		columns[i] = extent{math.Inf(1), math.Inf(-1)}
	}
	for i := 1; i < len(b.buckets); i++ {
		from, to := b.buckets[i-1], b.buckets[i]
		x0, x1 := x(from.step)-float64(area.Min.X), x(to.step)-float64(area.Min.X)
		for _, edge := range [][2]float64{{from.low, to.low}, {from.high, to.high}} {
			sweep(columns, x0, y(edge[0]), x1, y(edge[1]))
		}
	}
	for i, e := range columns {
		if e.top <= e.bottom {
			b.column(area, area.Min.X+i, e.top-0.5, e.bottom+0.5)
		}
	}
}

// extent is what is covered of a column of pixels, from top down to bottom.
type extent struct{ top, bottom float64 }

// sweep widens columns, one pixel each from x = 0 on, by a line from (x0, y0)
// to (x1, y1) with x0 <= x1.
func sweep(columns []extent, x0, y0, x1, y1 float64) {
	for i := max(0, int(x0)); i < len(columns) && float64(i) <= x1; i++ {
		for _, x := range [2]float64{max(x0, float64(i)), min(x1, float64(i+1))} {
			y := y1
			if x < x1 {
				y = y0 + (y1-y0)*(x-x0)/(x1-x0)
			}
			columns[i].top, columns[i].bottom = min(columns[i].top, y), max(columns[i].bottom, y)
		}
		if x0 == x1 { // a column holds both ends
			columns[i].top, columns[i].bottom = min(columns[i].top, y0), max(columns[i].bottom, y0)
		}
	}
}

// column blends the tint over the pixels of one column from top to bottom,
// weighting those that are covered in part.
func (b band) column(area image.Rectangle, x int, top, bottom float64) {
	top, bottom = max(top, float64(area.Min.Y)), min(bottom, float64(area.Max.Y))
	for y := int(top); float64(y) < bottom; y++ {
		cover := min(bottom, float64(y+1)) - max(top, float64(y))
		a := cover * float64(b.tint.A) / 255
		old := b.img.RGBAAt(x, y)
		mix := func(old, tint uint8) uint8 { return uint8(float64(old)*(1-a) + float64(tint)*a + 0.5) }
		b.img.SetRGBA(x, y, color.RGBA{mix(old.R, b.tint.R), mix(old.G, b.tint.G), mix(old.B, b.tint.B), 255})
	}
}
