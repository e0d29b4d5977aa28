package watermark

import (
	"bytes"
	"image"
	"image/jpeg"
)

// attack is what may befall a picture, as the optimiser tries it.
type attack struct {
	weight float64
	apply  func(m *image.NRGBA) (t *table, scale float64)
}

var attacks = []attack{
	{1, func(m *image.NRGBA) (*table, float64) { return newTable(luma(m, meanGround)), 1 }},
	{1, func(m *image.NRGBA) (*table, float64) { return newTable(compressed(luma(m, 255*level), 50)), 1 }},
	{0.5, func(m *image.NRGBA) (*table, float64) { return newTable(halved(luma(m, meanGround))), 0.5 }},
}

// compressed is the plane after JPEG.
func compressed(p plane, quality int) plane {
	g := image.NewGray(image.Rect(0, 0, p.w, p.h))
	for i, y := range p.y {
		g.Pix[i] = uint8((y + level/2) / level)
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, g, &jpeg.Options{Quality: quality}); err != nil {
		return p // too large for JPEG: the mark is not tried against it
	}
	m, err := jpeg.Decode(&b)
	if err != nil {
		return p
	}
	out := plane{p.w, p.h, make([]int32, len(p.y))}
	for y := range p.h {
		for x := range p.w {
			out.y[y*p.w+x] = level * int32(m.(*image.Gray).GrayAt(x, y).Y)
		}
	}
	return out
}

// halved is the plane at half the size.
func halved(p plane) plane {
	out := plane{max(1, p.w/2), max(1, p.h/2), nil}
	out.y = make([]int32, out.w*out.h)
	for y := range out.h {
		for x := range out.w {
			i := 2*y*p.w + 2*x
			down, right := 0, 0
			if 2*y+1 < p.h {
				down = p.w
			}
			if 2*x+1 < p.w {
				right = 1
			}
			out.y[y*out.w+x] = (p.y[i] + p.y[i+right] + p.y[i+down] + p.y[i+down+right]) / 4
		}
	}
	return out
}
