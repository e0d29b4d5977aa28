package copying

import "github.com/limner-ai/limner/engine/tensor"

// Pictures are compared over a middle grey as 16×16 values a channel: what a
// generator's softness, an encoder's noise or another file format change in a
// copy lies beyond that, and most of what tells pictures apart does not.
const (
	ground   = 0.5
	lookSide = 16
)

// looks are pictures, a row each.
func newLooks(n, h, w, c int) *rows {
	side := sideOf(h, w)
	return newRows(n, side*side*colours(c))
}

func sideOf(h, w int) int { return min(lookSide, max(h, w)) }

// colours is the number of channels that are compared.
func colours(c int) int {
	if c == 4 {
		return 3
	}
	return c
}

// look describes a picture [h w c] in row i.
func look(r *rows, i int, pixels []float32, h, w, c int) {
	pixels, c = opaque(pixels, c)
	resample(r.row(i), pixels, h, w, c, sideOf(h, w), straight)
	r.measure(i)
}

// lookAt describes images [n h w c].
func lookAt(images *tensor.Tensor) *rows {
	n, h, w, c := images.Shape[0], images.Shape[1], images.Shape[2], images.Shape[3]
	r := newLooks(n, h, w, c)
	for i := range n {
		look(r, i, images.Row(i), h, w, c)
	}
	return r
}

// opaque is a picture of 1 or 3 channels of one of 1, 3 or 4, laid over the
// ground.
func opaque(pixels []float32, c int) ([]float32, int) {
	if c != 4 {
		return pixels, c
	}
	out := make([]float32, len(pixels)/4*3)
	for i := range len(pixels) / 4 {
		p, a := pixels[4*i:4*i+4], min(max(pixels[4*i+3], 0), 1)
		for k := range 3 {
			out[3*i+k] = ground + a*(p[k]-ground)
		}
	}
	return out, 3
}

// view is a way to look at a picture: enlarged about its middle, and moved by
// shares of its side.
type view struct{ scale, dx, dy float32 }

// straight changes nothing.
var straight = view{scale: 1}

// resample looks at a picture [h w c] as one of side×side: the mean of n×n
// bilinear samples a pixel, n the ratio of the sides, so that nothing is
// missed. Beyond the edge is what lies at the edge.
func resample(dst, src []float32, h, w, c, side int, v view) {
	n := max(1, (max(h, w)+side-1)/side)
	step, weight := 1/float32(side*n), 1/float32(n*n)
	clear(dst)
	for y := range side * n {
		sy := (((float32(y)+0.5)*step-0.5)/v.scale+0.5-v.dy)*float32(h) - 0.5
		y0, y1, fy := between(sy, h)
		for x := range side * n {
			sx := (((float32(x)+0.5)*step-0.5)/v.scale+0.5-v.dx)*float32(w) - 0.5
			x0, x1, fx := between(sx, w)
			to := dst[(y/n*side+x/n)*c:][:c]
			a, b := src[(y0*w+x0)*c:][:c], src[(y0*w+x1)*c:][:c]
			e, f := src[(y1*w+x0)*c:][:c], src[(y1*w+x1)*c:][:c]
			for k := range to {
				top, low := a[k]+fx*(b[k]-a[k]), e[k]+fx*(f[k]-e[k])
				to[k] += weight * (top + fy*(low-top))
			}
		}
	}
}

// between is the pixels on both sides of a coordinate, and the share of the
// second.
func between(v float32, extent int) (low, high int, share float32) {
	v = min(max(v, 0), float32(extent-1))
	low = int(v)
	return low, min(low+1, extent-1), v - float32(low)
}
