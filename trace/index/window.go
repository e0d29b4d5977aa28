package index

import (
	"math"

	"github.com/limner-ai/limner/engine/kernel/gemm"
)

// windows are the parts of a training picture that are described, so that crops
// are found: the whole, and squares of 85, 70 and 55 % of its side on grids as
// fine as a descriptor tells apart.
var windows = func() []box {
	var out []box
	for _, g := range []struct {
		side  float64
		steps int
	}{{1, 1}, {.85, 3}, {.7, 4}, {.55, 5}} {
		for j := range g.steps {
			for i := range g.steps {
				at := func(i int) float64 { return (1 - g.side) * float64(i) / float64(max(1, g.steps-1)) }
				out = append(out, box{at(i), at(j), at(i) + g.side, at(j) + g.side})
			}
		}
	}
	return out
}()

// A descriptor is the lowest frequencies of a window, each divided by how much
// it varies among all windows, in steps of an int8.
const describeDim = 32

// described are the frequencies of a descriptor.
var described = func() (out []frequency) {
	for plane, band := range [3]int{6, 3, 3} {
		for sum := range band {
			for u := 0; u <= sum; u++ {
				if plane > 0 && u == 1 && sum == 2 {
					continue // the least telling
				}
				out = append(out, frequency{plane, u, sum - u})
			}
		}
	}
	return append(out, frequency{0, 3, 3})
}()

// height is that of a cosine of a descriptor.
func height(u int) float64 {
	if u == 0 {
		return 1
	}
	return math.Sqrt2
}

// describe gives the frequencies of a picture of any side.
func describe(r *raster) []float32 {
	o := r.opposed()
	out := make([]float32, len(described))
	n := r.w
	for i, f := range described {
		sum := 0.
		for y := range n {
			row := 0.
			for x, v := range o.c[f.plane][y*n:][:n] {
				row += float64(v) * math.Cos(math.Pi*float64(f.u)*(float64(x)+.5)/float64(n))
			}
			sum += row * math.Cos(math.Pi*float64(f.v)*(float64(y)+.5)/float64(n))
		}
		out[i] = float32(sum * height(f.u) * height(f.v) / float64(n*n))
	}
	return out
}

// tells reports whether a frequency of a thumb is one of the plane and so low that
// it is seen in the descriptor of a window.
func (f frequency) tells(plane int) bool { return f.plane == plane && f.u+f.v < 14 }

// projection is the matrix [described of a plane, frequencies of it] that gives a
// window's descriptor from a thumb's coefficients: both are linear in the
// picture.
func projection(w box, plane int) []float32 {
	across, down := overlap(w.x0, w.x1-w.x0), overlap(w.y0, w.y1-w.y0)
	var out []float32
	for _, d := range described {
		if d.plane != plane {
			continue
		}
		for _, f := range frequencies {
			if f.tells(plane) {
				out = append(out, float32(across[d.u][f.u]*down[d.v][f.v]))
			}
		}
	}
	return out
}

// overlap holds, for each frequency of a window and each of the whole, the mean
// of their product over the window.
func overlap(from, extent float64) (out [6][lumaBand]float64) {
	const n = 64
	for m := range n {
		t := (float64(m) + .5) / n
		for d := range out {
			a := height(d) * math.Cos(math.Pi*float64(d)*t) / n
			for u := range out[d] {
				out[d][u] += a * wave(u) * math.Cos(math.Pi*float64(u)*(from+extent*t))
			}
		}
	}
	return out
}

// projector describes the windows of thumbs.
type projector struct {
	planes [3]struct {
		matrix   []float32 // [windows × described, frequencies] of the plane
		from, to []int     // where the plane's frequencies and described ones lie
	}
}

func newProjector() *projector {
	p := &projector{}
	for k := range p.planes {
		for _, w := range windows {
			p.planes[k].matrix = append(p.planes[k].matrix, projection(w, k)...)
		}
		for i, f := range frequencies {
			if f.tells(k) {
				p.planes[k].from = append(p.planes[k].from, i)
			}
		}
		for i, d := range described {
			if d.plane == k {
				p.planes[k].to = append(p.planes[k].to, i)
			}
		}
	}
	return p
}

// project describes all windows of n thumbs, whose coefficients are given one
// thumb after the other: [n, windows, described].
func (p *projector) project(coefficients []float32, n int) []float32 {
	all, dim := len(frequencies), len(described)
	out := make([]float32, n*len(windows)*dim)
	for _, plane := range p.planes {
		k, m := len(plane.from), len(windows)*len(plane.to)
		a := make([]float32, n*k)
		for i := range n {
			for j, f := range plane.from {
				a[i*k+j] = coefficients[i*all+f]
			}
		}
		c := make([]float32, n*m)
		multiply(c, a, plane.matrix, n, m, k)
		for i := range n {
			for w := range windows {
				from := c[i*m+w*len(plane.to):][:len(plane.to)]
				to := out[(i*len(windows)+w)*dim:][:dim]
				for j, v := range from {
					to[plane.to[j]] = v
				}
			}
		}
	}
	return out
}

// multiply is c [m n] = a [m k] · bᵀ, b [n k].
func multiply(c, a, b []float32, m, n, k int) {
	p := gemm.New(m, n, k, false, true)
	packed, scratch := make([]float32, p.PackSize()), make([]float32, p.ScratchSize())
	for i := range p.PackTasks() {
		p.Pack(i, packed, a, b)
	}
	for i := range p.Tasks() {
		p.Run(i, c, a, b, packed, scratch)
	}
}
