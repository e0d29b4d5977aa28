package detail

import (
	"image"

	"github.com/limner-ai/limner/engine/tensor"
)

// visible is the alpha from which on a pixel counts as part of the thing.
const visible = 0.1

// Box is the smallest square of a picture [h w c] that holds what can be seen,
// a quarter of the picture at least, so that a small thing is not all grain. It
// is all of a picture without alpha.
func Box(x []float32, h, w, c int) image.Rectangle {
	all := image.Rect(0, 0, w, h)
	if c != 4 || h != w {
		return all
	}
	var seen image.Rectangle
	for y := range h {
		for i := range w {
			if x[(y*w+i)*c+3] >= visible {
				seen = seen.Union(image.Rect(i, y, i+1, y+1))
			}
		}
	}
	if seen.Empty() {
		return all
	}
	side := max(seen.Dx(), seen.Dy(), (w+3)/4)
	left := max(0, min((seen.Min.X+seen.Max.X-side)/2, w-side))
	top := max(0, min((seen.Min.Y+seen.Max.Y-side)/2, h-side))
	return image.Rect(left, top, left+side, top+side)
}

// Crop enlarges a part of each picture [n h w c] to the whole by its nearest
// pixels, so that nothing is smoothed; boxes has a part for each.
func Crop(pictures *tensor.Tensor, boxes []image.Rectangle) *tensor.Tensor {
	n, h, w, c := pictures.Shape[0], pictures.Shape[1], pictures.Shape[2], pictures.Shape[3]
	out := tensor.New(n, h, w, c)
	for i := range n {
		from, to, b := pictures.Row(i), out.Row(i), boxes[i]
		for y := range h {
			for x := range w {
				at := (b.Min.Y+y*b.Dy()/h)*w + b.Min.X + x*b.Dx()/w
				copy(to[(y*w+x)*c:][:c], from[at*c:])
			}
		}
	}
	return out
}
