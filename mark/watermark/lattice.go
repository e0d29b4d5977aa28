package watermark

import (
	"math"
	"slices"
)

// pose is where the lattice lies on a picture: unit pixels a unit, its corner
// at (x, y), turned by the angle whose cosine and sine are given.
type pose struct {
	unit, x, y float64
	cos, sin   float64
}

func upright(unit, x, y float64) pose { return pose{unit, x, y, 1, 0} }

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
	if p.sin != 0 {
		return sampleTurned(t, p, most)
	}
	i0, i1 := span(p.x, p.unit, t.w, most)
	j0, j1 := span(p.y, p.unit, t.h, most)
	f := field{nx: max(0, i1-i0), ny: max(0, j1-j0), i: i0, j: j0}
	if f.nx == 0 || f.ny == 0 {
		return field{}
	}
	f.v = make([]float64, f.nx*f.ny)
	above, here := make([]float64, f.nx+1), make([]float64, f.nx+1)
	scale := 1 / (p.unit * p.unit * level)
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
func span(at, unit float64, n, most int) (first, end int) {
	first = int(math.Ceil(-at/unit - 0.1))
	end = int(math.Floor((float64(n)-at)/unit + 0.1))
	if spare := end - first - most; spare > 0 {
		first += spare / 2
		end = first + most
	}
	return first, end
}

// sampleTurned takes the means over upright squares around the middles of
// turned units, which is near enough for a few degrees.
func sampleTurned(t *table, p pose, most int) field {
	reach := int(math.Ceil(float64(max(t.w, t.h)) / p.unit))
	reach = min(reach, most)
	cx, cy := float64(t.w)/2, float64(t.h)/2
	// The unit at the middle of the picture.
	ci := int(math.Floor((float64((cx-p.x)*p.cos) + float64((cy-p.y)*p.sin)) / p.unit))
	cj := int(math.Floor((float64((cy-p.y)*p.cos) - float64((cx-p.x)*p.sin)) / p.unit))
	f := field{nx: reach, ny: reach, i: ci - reach/2, j: cj - reach/2, v: make([]float64, reach*reach)}
	half := p.unit / 2
	scale := 1 / (p.unit * p.unit * level)
	for j := range f.ny {
		v := (float64(f.j+j) + 0.5) * p.unit
		for i := range f.nx {
			u := (float64(f.i+i) + 0.5) * p.unit
			x := p.x + float64(u*p.cos) - float64(v*p.sin)
			y := p.y + float64(u*p.sin) + float64(v*p.cos)
			if x < half || y < half || x > float64(t.w)-half || y > float64(t.h)-half {
				f.v[j*f.nx+i] = math.NaN()
				continue
			}
			f.v[j*f.nx+i] = (t.at(x+half, y+half) - t.at(x-half, y+half) - t.at(x+half, y-half) + t.at(x-half, y-half)) * scale
		}
	}
	return f
}

// step is the difference of luma, in grey levels, after which fractions repeat.
var step = 10.0

// phases are the roots of unity, to which phases are rounded.
var phases = func() (p [phaseCount]complex128) {
	for i := range p {
		s, c := math.Sincos(2 * math.Pi * float64(i) / phaseCount)
		p[i] = complex(c, s)
	}
	return p
}()

const phaseCount = 1 << 10

// weigh says how much each unit counts: those that are not visible or that have
// the luma of most of the frame's edge, which is a ground, do not.
func weigh(f, visible field) []float64 {
	w := make([]float64, len(f.v))
	ground := border(f)
	for i, v := range f.v {
		switch {
		case v != v: // beyond the picture
		case visible.v != nil && visible.v[i] < 0.9*255:
		case math.Abs(v-ground) < 1.2:
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
		for edge[j]-edge[i] > 1.2 {
			i++
		}
		if j-i+1 > most {
			most, ground = j-i+1, (edge[i]+edge[j])/2
		}
	}
	return ground
}

// fold turns each unit's luma into a phase and adds up all that share a place.
func fold(f field, weight []float64) *[area]complex128 {
	var sum [area]complex128
	for j := range f.ny {
		row := sum[(f.j+j)&(side-1)*side:][:side]
		for i, v := range f.v[j*f.nx : (j+1)*f.nx] {
			if w := weight[j*f.nx+i]; w > 0 {
				p := phases[int(v*(phaseCount/step)+phaseCount)%phaseCount]
				row[(f.i+i)&(side-1)] += complex(w*real(p), w*imag(p))
			}
		}
	}
	return &sum
}
