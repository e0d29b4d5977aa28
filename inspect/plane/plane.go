// Package plane holds what inspectors see of a picture: grids of numbers read
// from its pixels, and the filters that they share. All functions leave their
// arguments as they are, and give the same bits for the same input.
package plane

import "math"

// Plane is a grid of numbers, rows of W from the top.
type Plane struct {
	W, H int
	V    []float32
}

// New is a plane of zeros.
func New(w, h int) *Plane { return &Plane{w, h, make([]float32, w*h)} }

// At is the value at (x, y); beyond an edge, the edge's.
func (p *Plane) At(x, y int) float32 {
	return p.V[max(0, min(y, p.H-1))*p.W+max(0, min(x, p.W-1))]
}

// Map is the plane with f of every value.
func (p *Plane) Map(f func(float32) float32) *Plane {
	out := New(p.W, p.H)
	for i, v := range p.V {
		out.V[i] = f(v)
	}
	return out
}

// Join is f of each pair of values of two planes of one size.
func Join(a, b *Plane, f func(a, b float32) float32) *Plane {
	out := New(a.W, a.H)
	for i, v := range a.V {
		out.V[i] = f(v, b.V[i])
	}
	return out
}

// Crop is the part of w×h from (x, y) on; what lies beyond an edge has the
// edge's values.
func (p *Plane) Crop(x, y, w, h int) *Plane {
	out := New(w, h)
	for j := range h {
		for i := range w {
			out.V[j*w+i] = p.At(x+i, y+j)
		}
	}
	return out
}

// Mean is the weighted mean, 0 if all weights are. Nil weighs all alike.
func (p *Plane) Mean(weight *Plane) float64 {
	var sum, all float64
	for i, v := range p.V {
		w := 1.
		if weight != nil {
			w = float64(weight.V[i])
		}
		sum += w * float64(v)
		all += w
	}
	if all == 0 {
		return 0
	}
	return sum / all
}

// Range is the least and the greatest value.
func (p *Plane) Range() (least, greatest float32) {
	if len(p.V) == 0 {
		return 0, 0
	}
	least, greatest = p.V[0], p.V[0]
	for _, v := range p.V {
		least, greatest = min(least, v), max(greatest, v)
	}
	return least, greatest
}

// Magnitude is √(x² + y²) of each pair.
func Magnitude(x, y *Plane) *Plane {
	return Join(x, y, func(a, b float32) float32 { return float32(math.Hypot(float64(a), float64(b))) })
}
