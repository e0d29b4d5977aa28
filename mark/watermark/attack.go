package watermark

import (
	"bytes"
	"image"
	"image/jpeg"
)

// attack is what may befall a picture, as the optimiser tries it.
type attack struct {
	weight  float64
	visible float64 // share of a unit that is, from which on it counts
	apply   func(m *image.NRGBA) (t *table, scale float64)
}

var attacks = []attack{
	{1, clearly, func(m *image.NRGBA) (*table, float64) { return newTable(luma(m, meanGround)), 1 }},
	{1, partly, func(m *image.NRGBA) (*table, float64) { return newTable(compressed(luma(m, 255*level), 50)), 1 }},
	{1, clearly, func(m *image.NRGBA) (*table, float64) { return newTable(halved(luma(m, meanGround))), 0.5 }},
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

// halving are the weights, in 1/512, of the pixels on either side of the middle
// of one of half the size, by cubic convolution.
var halving = [4]int32{222, 58, -18, -6}

// halved is the plane at half the size.
func halved(p plane) plane {
	return p.narrowed().oriented(transposed).narrowed().oriented(transposed)
}

func (p plane) narrowed() plane {
	out := plane{max(1, p.w/2), p.h, nil}
	out.y = make([]int32, out.w*out.h)
	for y := range p.h {
		row := p.y[y*p.w : (y+1)*p.w]
		for x := range out.w {
			var sum int64
			for k, weight := range halving {
				sum += int64(weight) * int64(row[max(0, 2*x-k)]+row[min(p.w-1, 2*x+1+k)])
			}
			out.y[y*out.w+x] = int32(sum / 512)
		}
	}
	return out
}
