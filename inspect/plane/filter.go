package plane

import "math"

// Convolve convolves rows and columns with a symmetric kernel of odd length,
// which is given from its middle on: k[0], k[1] on both sides, … Beyond an edge
// lies its mirror image, which repeats the edge.
func Convolve(p *Plane, k []float32) *Plane {
	across := New(p.W, p.H)
	for y := range p.H {
		row, to := p.V[y*p.W:][:p.W], across.V[y*p.W:][:p.W]
		line(to, row, k, p.W, 1)
	}
	out := New(p.W, p.H)
	for x := range p.W {
		line(out.V[x:], across.V[x:], k, p.H, p.W)
	}
	return out
}

func line(to, from, k []float32, n, stride int) {
	for i := range n {
		sum := k[0] * from[i*stride]
		if i >= len(k)-1 && i+len(k) <= n {
			for d := 1; d < len(k); d++ {
				sum += k[d] * (from[(i-d)*stride] + from[(i+d)*stride])
			}
		} else {
			for d := 1; d < len(k); d++ {
				sum += k[d] * (from[mirror(i-d, n)*stride] + from[mirror(i+d, n)*stride])
			}
		}
		to[i*stride] = sum
	}
}

// mirror brings an index into 0…n−1: …1 0 | 0 1 … n−1 | n−1 …
func mirror(i, n int) int {
	i %= 2 * n
	if i < 0 {
		i += 2 * n
	}
	if i >= n {
		return 2*n - 1 - i
	}
	return i
}

// Gaussian blurs with a standard deviation in pixels; the kernel is cut at four
// of them and sums to 1. 0 changes nothing.
func Gaussian(p *Plane, sigma float64) *Plane {
	if !(sigma > 0) {
		return p.Crop(0, 0, p.W, p.H)
	}
	return Convolve(p, gaussian(sigma))
}

func gaussian(sigma float64) []float32 {
	n := int(math.Ceil(4 * sigma))
	weights := make([]float64, n+1)
	sum := 0.
	for i := range weights {
		weights[i] = math.Exp(-float64(i*i) / (2 * sigma * sigma))
		if i > 0 {
			sum += weights[i]
		}
		sum += weights[i]
	}
	k := make([]float32, n+1)
	for i, w := range weights {
		k[i] = float32(w / sum)
	}
	return k
}

// GaussianOf blurs what a mask shows and lends nothing from beyond: the blurred
// product over the blurred mask (normalised convolution, Knutsson and Westin
// 1993). Where the mask shows nothing near, it is 0.
func GaussianOf(p, mask *Plane, sigma float64) *Plane {
	product := Join(p, mask, func(v, m float32) float32 { return v * m })
	return Join(Gaussian(product, sigma), Gaussian(mask, sigma), func(v, m float32) float32 {
		if m < 1e-6 {
			return 0
		}
		return v / m
	})
}

// Gradient is half the difference of the neighbours along x and along y, smoothed
// across by Scharr's 3, 10, 3: levels a pixel.
func Gradient(p *Plane) (gx, gy *Plane) {
	gx, gy = New(p.W, p.H), New(p.W, p.H)
	for y := range p.H {
		for x := range p.W {
			at := func(dx, dy int) float32 { return p.At(x+dx, y+dy) }
			i := y*p.W + x
			gx.V[i] = (3*(at(1, -1)-at(-1, -1)) + 10*(at(1, 0)-at(-1, 0)) + 3*(at(1, 1)-at(-1, 1))) / 32
			gy.V[i] = (3*(at(-1, 1)-at(-1, -1)) + 10*(at(0, 1)-at(0, -1)) + 3*(at(1, 1)-at(1, -1))) / 32
		}
	}
	return gx, gy
}

// Box is the mean over squares of side 2r+1 around each pixel, of what of them
// lies inside.
func Box(p *Plane, r int) *Plane {
	w, h := p.W, p.H
	sums := make([]float64, (w+1)*(h+1))
	for y := range h {
		row := 0.
		for x := range w {
			row += float64(p.V[y*w+x])
			sums[(y+1)*(w+1)+x+1] = sums[y*(w+1)+x+1] + row
		}
	}
	out := New(w, h)
	for y := range h {
		y0, y1 := max(0, y-r), min(h, y+r+1)
		for x := range w {
			x0, x1 := max(0, x-r), min(w, x+r+1)
			sum := sums[y1*(w+1)+x1] - sums[y0*(w+1)+x1] - sums[y1*(w+1)+x0] + sums[y0*(w+1)+x0]
			out.V[y*w+x] = float32(sum / float64((x1-x0)*(y1-y0)))
		}
	}
	return out
}

// Largest is the greatest value in squares of side 2r+1 around each pixel.
func Largest(p *Plane, r int) *Plane {
	across, out := New(p.W, p.H), New(p.W, p.H)
	for y := range p.H {
		for x := range p.W {
			v := p.V[y*p.W+x]
			for d := max(0, x-r); d <= min(p.W-1, x+r); d++ {
				v = max(v, p.V[y*p.W+d])
			}
			across.V[y*p.W+x] = v
		}
	}
	for y := range p.H {
		for x := range p.W {
			v := across.V[y*p.W+x]
			for d := max(0, y-r); d <= min(p.H-1, y+r); d++ {
				v = max(v, across.V[d*p.W+x])
			}
			out.V[y*p.W+x] = v
		}
	}
	return out
}
