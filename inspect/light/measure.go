package light

import (
	"cmp"
	"math"
	"math/cmplx"
	"slices"
)

// measures are what is told from the views of one picture.
type measures struct {
	whole    float64 // chance of light from two sides, of the whole
	middle   float64 // the greatest of parts of three quarters
	small    float64 // mean of the greatest four of halves
	regions  float64 // the greatest around regions
	pair     float64 // the greatest disagreement of two views apart, see disagreement
	spread   float64 // share of the directions' lengths that does not point one way
	outlines float64 // the greatest disagreement of two regions' outlines
	lit      float64 // in how many of the windows something is told, from 0 to 1
	toward   complex128
	sure     float64 // of toward, from 0 to 1
	from, to int     // the pair's views, −1: none
}

// names are the measures that the score is made of, in the order of its weights.
var names = []string{"whole", "middle", "small", "regions", "pair", "spread", "outlines"}

func (m *measures) list() []float64 {
	return []float64{m.whole, m.middle, m.small, m.regions, m.pair, m.spread, m.outlines}
}

func measure(list []view) measures {
	m := measures{from: -1, to: -1}
	var small []float64
	length, told := 0., 0.
	for _, v := range list {
		switch {
		case v.region >= 0:
			m.regions = max(m.regions, v.crossed)
		case v.square.Dx() == Side:
			m.whole = v.crossed
		case v.square.Dx() > Side/2:
			m.middle = max(m.middle, v.crossed)
		default:
			small = append(small, v.crossed)
		}
		m.toward += v.toward
		length += cmplx.Abs(v.toward)
		told += 1 - v.none
	}
	slices.SortFunc(small, func(a, b float64) int { return cmp.Compare(b, a) })
	for _, p := range small[:4] {
		m.small += p / 4
	}
	if length > 0 {
		m.spread = 1 - cmplx.Abs(m.toward)/length
	}
	m.spread *= min(1, length/3)
	m.sure = cmplx.Abs(m.toward) / max(told, 1)
	m.lit = told / float64(len(list))
	for i := range list {
		for j := range i {
			if d := disagreement(&list[i], &list[j]); d > m.pair {
				m.pair, m.from, m.to = d, j, i
			}
			a, b := list[i].outline, list[j].outline
			m.outlines = max(m.outlines, min(cmplx.Abs(a), cmplx.Abs(b))*(1-math.Cos(between(a, b)))/2)
		}
	}
	return m
}

// disagreement of two windows that hardly overlap: (1 − cos Δ)/2 of the angle
// between their directions, times how sure the less sure is.
func disagreement(a, b *view) float64 {
	if s := a.square.Intersect(b.square); 3*s.Dx()*s.Dy() > min(area(a), area(b)) {
		return 0
	}
	la, lb := cmplx.Abs(a.toward), cmplx.Abs(b.toward)
	if min(la, lb) < .3 {
		return 0
	}
	return min(la, lb) * (1 - math.Cos(between(a.toward, b.toward))) / 2
}

func area(v *view) int { return v.square.Dx() * v.square.Dy() }

// between is the angle between two directions, from 0 to π.
func between(a, b complex128) float64 { return math.Abs(cmplx.Phase(a * cmplx.Conj(b))) }

// degrees is a direction as an azimuth from 0 to 360.
func degrees(z complex128) float64 {
	return math.Mod(cmplx.Phase(z)*180/math.Pi+360, 360)
}

// side says in words where light comes from.
func side(z complex128) string {
	return [8]string{
		"the right", "the upper right", "above", "the upper left",
		"the left", "the lower left", "below", "the lower right",
	}[int(math.Round(degrees(z)/45))%8]
}
