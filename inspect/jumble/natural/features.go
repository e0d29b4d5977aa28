// Package natural measures how far a picture's local statistics are from those
// of photographs (BRISQUE), and from those of the pictures that a model learns
// from (NIQE). Neither says where or what; both say how unusual.
package natural

import (
	"math"
	"sync"

	"github.com/limner-ai/limner/inspect/plane"
)

// Count is the number of features: 18 at each of two scales.
const Count = 36

// floor keeps flat parts from dividing by nothing: one level of 255.
const floor = 1. / 255

// normalise is the plane with its local mean taken away, divided by the local
// deviation (mean-subtracted contrast-normalised coefficients: Mittal, Moorthy
// and Bovik 2012, equations 1 to 3), both over 7×7 pixels with a Gaussian of
// deviation 7/6. It returns the deviation too.
func normalise(p *plane.Plane) (mscn, deviation *plane.Plane) {
	mean := window(p)
	square := window(plane.Join(p, p, func(a, b float32) float32 { return a * b }))
	deviation = plane.Join(square, mean, func(s, m float32) float32 {
		return float32(math.Sqrt(float64(max(0, s-m*m))))
	})
	mscn = plane.New(p.W, p.H)
	for i, v := range p.V {
		mscn.V[i] = (v - mean.V[i]) / (deviation.V[i] + floor)
	}
	return mscn, deviation
}

// window blurs with 7 taps that sum to 1; beyond an edge lies the edge.
func window(p *plane.Plane) *plane.Plane {
	const sigma, radius = 7. / 6, 3
	var k [2*radius + 1]float32
	sum := 0.
	for d := -radius; d <= radius; d++ {
		sum += math.Exp(-float64(d*d) / (2 * sigma * sigma))
	}
	for d := -radius; d <= radius; d++ {
		k[d+radius] = float32(math.Exp(-float64(d*d)/(2*sigma*sigma)) / sum)
	}
	across, out := plane.New(p.W, p.H), plane.New(p.W, p.H)
	for y := range p.H {
		for x := range p.W {
			for d, w := range k {
				across.V[y*p.W+x] += w * p.At(x+d-radius, y)
			}
		}
	}
	for y := range p.H {
		for x := range p.W {
			for d, w := range k {
				out.V[y*p.W+x] += w * across.At(x, y+d-radius)
			}
		}
	}
	return out
}

// half is the plane at half its size, rounded down, by bicubic interpolation
// with a = −0.75, which does not blur first.
func half(p *plane.Plane) *plane.Plane {
	w, h := p.W/2, p.H/2
	taps := func(n, to, i int) (int, [4]float32) {
		at := (float64(i)+.5)*float64(n)/float64(to) - .5
		from := math.Floor(at)
		const a = -.75
		var k [4]float32
		t := float32(at - from)
		k[0] = ((a*(t+1)-5*a)*(t+1)+8*a)*(t+1) - 4*a
		k[1] = ((a+2)*t-(a+3))*t*t + 1
		k[2] = ((a+2)*(1-t)-(a+3))*(1-t)*(1-t) + 1
		k[3] = 1 - k[0] - k[1] - k[2]
		return int(from) - 1, k
	}
	across := plane.New(w, p.H)
	for x := range w {
		from, k := taps(p.W, w, x)
		for y := range p.H {
			for d, v := range k {
				across.V[y*w+x] += v * p.At(from+d, y)
			}
		}
	}
	out := plane.New(w, h)
	for y := range h {
		from, k := taps(p.H, h, y)
		for x := range w {
			for d, v := range k {
				out.V[y*w+x] += v * across.At(x, from+d)
			}
		}
	}
	return out
}

// describe is the 18 features of normalised values in a rectangle: the shape and
// deviation of the values, and of the products of neighbours along four
// directions the shape, mean, and deviations on either side (table I).
// A pair that leaves the rectangle counts as 0.
func describe(p *plane.Plane, x0, y0, w, h int) []float64 {
	values := make([]float64, 0, w*h)
	for y := range h {
		for x := range w {
			values = append(values, float64(p.V[(y0+y)*p.W+x0+x]))
		}
	}
	shape, left, right := asymmetric(values)
	out := []float64{shape, (left*left + right*right) / 2}
	products := make([]float64, w*h)
	for _, d := range [4][2]int{{0, 1}, {1, 0}, {1, 1}, {-1, 1}} {
		for y := range h {
			for x := range w {
				products[y*w+x] = 0
				if v, u := y+d[0], x+d[1]; v >= 0 && v < h && u < w {
					products[y*w+x] = float64(float32(values[y*w+x]) * float32(values[v*w+u]))
				}
			}
		}
		shape, left, right := asymmetric(products)
		mean := (right - left) * math.Gamma(2/shape) / math.Gamma(1/shape) * math.Sqrt(math.Gamma(1/shape)/math.Gamma(3/shape))
		out = append(out, shape, mean, left*left, right*right)
	}
	return out
}

// asymmetric fits an asymmetric generalised Gaussian by moments (Lasmar,
// Stitou and Berthoumieu 2009): its shape, and its deviations below and above 0.
// Values without two sides have the shape and deviations of nothing: 10, 0, 0.
func asymmetric(values []float64) (shape, left, right float64) {
	var below, above, sum float64
	var nb, na int
	for _, v := range values {
		switch {
		case v > 0:
			above += v * v
			na++
		case v < 0:
			below += v * v
			nb++
		}
		sum += math.Abs(v)
	}
	if na == 0 || nb == 0 {
		return 10, 0, 0
	}
	left, right = math.Sqrt(below/float64(nb)), math.Sqrt(above/float64(na))
	n := float64(len(values))
	g := left / right
	r := (sum / n) * (sum / n) / ((below + above) / n)
	return shapeOf(r * (g*g*g + 1) * (g + 1) / ((g*g + 1) * (g*g + 1))), left, right
}

const (
	leastShape = .2
	shapeStep  = .001
	shapes     = 9800 // up to 10
)

// table holds Γ(2/a)² / (Γ(1/a) Γ(3/a)) of each shape a, rising.
var table = sync.OnceValue(func() []float64 {
	out := make([]float64, shapes)
	for i := range out {
		a := leastShape + shapeStep*float64(i)
		g1, _ := math.Lgamma(1 / a)
		g2, _ := math.Lgamma(2 / a)
		g3, _ := math.Lgamma(3 / a)
		out[i] = math.Exp(2*g2 - g1 - g3)
	}
	return out
})

// shapeOf is the shape, in steps of 0.001, whose ratio is nearest.
func shapeOf(r float64) float64 {
	t := table()
	lo, hi := 0, len(t)
	for lo < hi {
		if mid := (lo + hi) / 2; t[mid] < r {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo == len(t) || lo > 0 && r-t[lo-1] <= t[lo]-r {
		lo--
	}
	return leastShape + shapeStep*float64(lo)
}
