package blur

import (
	"image"
	"math"

	"github.com/limner-ai/limner/inspect/plane"
)

// edges are the ridges of a picture's gradient, where something ends and
// something else begins.
type edges struct {
	w, h int
	at   []int // places, row by row
	// Of each edge: the contrast between what lies within three pixels, from 0
	// to 2; the share of it that one pixel takes, about 0.5 for a hard edge and
	// 0.15 for a ramp; the logarithm of the deviation in pixels of the Gaussian
	// that would have made it of a hard one; and 1 if it is an outline against
	// nothing.
	contrast, steep, width, outline []float32
}

const (
	leastContrast = .06
	reach         = 3   // pixels on each side that contrast is taken over
	again         = 1.  // deviation of the second blur that widths are told by
	finest        = .25 // deviations are told between these, in pixels
	widest        = 4.
)

// find finds the edges of four planes: levels times alpha, and alpha. Colours
// count together, so that no ground need be chosen.
//
// The width is that of Zhuo and Sim ("Defocus map estimation from a single image",
// 2011, equation 5): of a step blurred with σ, the gradient at the middle falls
// by R = √((σ²+σ₀²)/σ²) when it is blurred again with σ₀, whatever its contrast.
func find(ch [4]*plane.Plane) *edges {
	w, h := ch[0].W, ch[0].H
	e := &edges{w: w, h: h}
	slope, softer, contrast := plane.New(w, h), plane.New(w, h), plane.New(w, h)
	var alpha *plane.Plane
	for c, p := range ch {
		add(slope, p)
		add(softer, plane.Gaussian(p, again))
		high := plane.Largest(p, reach)
		low := plane.Largest(p.Map(func(v float32) float32 { return -v }), reach)
		span := plane.Join(high, low, func(a, b float32) float32 { return a + b })
		for i, v := range span.V {
			contrast.V[i] += v * v
		}
		if c == 3 {
			alpha = span
		}
	}
	for i := range slope.V {
		slope.V[i] = root(slope.V[i])
		softer.V[i] = root(softer.V[i])
		contrast.V[i] = root(contrast.V[i])
	}
	for y := range h {
		for x := range w {
			i := y*w + x
			g, c := slope.V[i], contrast.V[i]
			if c < leastContrast || g < .1*c || !ridge(slope, x, y) {
				continue
			}
			sigma := widest
			if r := float64(g) / max(float64(softer.V[i]), 1e-6); r > 1 {
				sigma = max(finest, min(again/math.Sqrt(r*r-1), widest))
			}
			e.at = append(e.at, i)
			e.contrast = append(e.contrast, c)
			e.steep = append(e.steep, g/c)
			e.width = append(e.width, float32(math.Log(sigma)))
			outline := float32(0)
			if alpha.V[i] > .5 {
				outline = 1
			}
			e.outline = append(e.outline, outline)
		}
	}
	return e
}

func root(v float32) float32 { return float32(math.Sqrt(float64(v))) }

// add adds the squares of a plane's gradient.
func add(sum, p *plane.Plane) {
	gx, gy := plane.Gradient(p)
	for i, v := range gx.V {
		sum.V[i] += v*v + gy.V[i]*gy.V[i]
	}
}

// ridge tells whether the slope is greatest along x or along y.
func ridge(p *plane.Plane, x, y int) bool {
	v := p.At(x, y)
	return v > p.At(x-1, y) && v >= p.At(x+1, y) || v > p.At(x, y-1) && v >= p.At(x, y+1)
}

// planes are a picture's levels times alpha, and alpha.
func planes(m *image.NRGBA) [4]*plane.Plane {
	l := plane.Levels(m, plane.Black)
	return [4]*plane.Plane{l[0], l[1], l[2], plane.Alpha(m)}
}
