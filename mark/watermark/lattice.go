package watermark

import (
	"math"
	"slices"
)

// pose is where the lattice lies on a picture: unit pixels a unit, its corner
// at (x, y).
type pose struct{ unit, x, y float64 }

// field is a rectangle of lattice units, row by row, the first of which is unit
// (i, j) of the lattice.
type field struct {
	nx, ny int
	i, j   int
	v      []float64
}

// sample takes the means of the picture over the units of the lattice that lie
// in it, in grey levels; at most most units a side, from the middle.
func sample(t *table, p pose, most int) field {
	i0, i1 := span(p.x, p.unit, float64(t.w)/t.fine, most)
	j0, j1 := span(p.y, p.unit, float64(t.h)/t.fine, most)
	f := field{nx: max(0, i1-i0), ny: max(0, j1-j0), i: i0, j: j0}
	if f.nx == 0 || f.ny == 0 {
		return field{}
	}
	f.v = make([]float64, f.nx*f.ny)
	above, here := make([]float64, f.nx+1), make([]float64, f.nx+1)
	scale := 1 / (p.unit * p.unit * level * t.fine * t.fine)
	for j := range f.ny + 1 {
		y := p.y + float64(float64(j0+j)*p.unit)
		for i := range here {
			here[i] = t.at(p.x+float64(float64(i0+i)*p.unit), y)
		}
		if j > 0 {
			row := f.v[(j-1)*f.nx : j*f.nx]
			for i := range row {
				row[i] = (here[i+1] - here[i] - above[i+1] + above[i]) * scale
			}
		}
		above, here = here, above
	}
	return f
}

// span is the range of units that lie at least nine tenths within n pixels, at
// most most of them, from the middle.
func span(at, unit, n float64, most int) (first, end int) {
	first = int(math.Ceil(-at/unit - 0.1))
	end = int(math.Floor((n-at)/unit + 0.1))
	if spare := end - first - most; spare > 0 {
		first += spare / 2
		end = first + most
	}
	return first, end
}

// step is the difference of luma, in grey levels, after which fractions repeat.
const step = 10.5

// Shares of a unit that are visible.
const (
	clearly = 0.9 // from here on it is read where alpha is known
	partly  = 0.5 // from here on it is marked, for when it is read over white
)

const (
	groundSpan = 1.2 // grey levels within which units are taken for the ground
	beside     = 0.5 // weight of a unit beside the ground, which may be part of it
)

// weigh says how much each unit counts: those that are not visible, or that have
// the luma of most of the frame's edge and so are a ground, do not.
func weigh(f, visible field) []float64 {
	w := make([]float64, len(f.v))
	ground := border(f)
	is := func(i int) bool { return math.Abs(f.v[i]-ground) < groundSpan }
	for i := range w {
		x, y := i%f.nx, i/f.nx
		switch {
		case visible.v != nil && visible.v[i] < clearly*255, is(i):
		case x > 0 && is(i-1), x < f.nx-1 && is(i+1), y > 0 && is(i-f.nx), y < f.ny-1 && is(i+f.nx):
			w[i] = beside
		default:
			w[i] = 1
		}
	}
	return w
}

// border is the luma that most units at the edge of f have, if at least four
// tenths of them do, else -1000.
func border(f field) float64 {
	var edge []float64
	for i := range f.nx {
		edge = append(edge, f.v[i], f.v[(f.ny-1)*f.nx+i])
	}
	for j := range f.ny {
		edge = append(edge, f.v[j*f.nx], f.v[j*f.nx+f.nx-1])
	}
	slices.Sort(edge)
	ground, most := -1000.0, len(edge)*4/10
	for i, j := 0, 0; j < len(edge); j++ {
		for edge[j]-edge[i] > 2*groundSpan {
			i++
		}
		if j-i+1 > most {
			most, ground = j-i+1, (edge[i]+edge[j])/2
		}
	}
	return ground
}

const phaseCount = 1 << 10

// phases are the roots of unity to which phases are rounded.
var phases = func() (p [phaseCount]complex128) {
	for i := range p {
		s, c := math.Sincos(2 * math.Pi * float64(i) / phaseCount)
		p[i] = complex(c, s)
	}
	return p
}()

// fold turns each unit's luma into a phase and adds up all that share a place.
func fold(f field, weight []float64) *[area]complex128 {
	var sum [area]complex128
	for j := range f.ny {
		row := sum[(f.j+j)&(side-1)*side:][:side]
		for i, v := range f.v[j*f.nx : (j+1)*f.nx] {
			if w := weight[j*f.nx+i]; w > 0 {
				p := phases[uint(max(v, 0)*(phaseCount/step))%phaseCount]
				row[(f.i+i)&(side-1)] += complex(w*real(p), w*imag(p))
			}
		}
	}
	return &sum
}
