package shapes

import "math"

// point is a place in a shape's own frame: x to the right, y down, the
// nominal radius 1.
type point struct{ x, y float64 }

// outline is a shape as closed contours, even-odd, whose corners are rounded
// by growing all of it by round.
type outline struct {
	name     string
	contours [][]point
	round    float64
}

// outlines lists the kinds of shape. A kind's index is its class.
func outlines() []outline {
	return []outline{
		{"circle", [][]point{arc(0, 0, 0.98, 0, 2*math.Pi)}, 0},
		{"square", [][]point{corners(4, 1.12, 1.12, math.Pi/4)}, 0.07},
		{"triangle", [][]point{corners(3, 1.16, 1.16, -math.Pi/2)}, 0.09},
		{"star", [][]point{corners(10, 1.2, 0.54, -math.Pi/2)}, 0.05},
		{"ring", [][]point{arc(0, 0, 1.05, 0, 2*math.Pi), arc(0, 0, 0.48, 0, 2*math.Pi)}, 0},
		{"cross", [][]point{crossed(1.02, 0.3)}, 0.05},
		{"crescent", [][]point{crescent(1.05, 0.82, 0.54)}, 0.03},
		{"heart", [][]point{heart()}, 0.04},
		{"drop", [][]point{drop(1.25, 0.74)}, 0.03},
		{"arrow", [][]point{{{0, -1.2}, {0.95, -0.15}, {0.36, -0.15}, {0.36, 0.95}, {-0.36, 0.95}, {-0.36, -0.15}, {-0.95, -0.15}}}, 0.05},
	}
}

// arc returns points of a circle about (x, y) between two angles.
func arc(x, y, r, from, to float64) []point {
	n := int(math.Ceil(56 * math.Abs(to-from) / (2 * math.Pi)))
	p := make([]point, n+1)
	for i := range p {
		sin, cos := math.Sincos(from + (to-from)*float64(i)/float64(n))
		p[i] = point{x + r*cos, y + r*sin}
	}
	return p
}

// corners returns n points about the origin whose distances alternate
// between two radii: a polygon, or a star.
func corners(n int, r0, r1, first float64) []point {
	p := make([]point, n)
	for i := range p {
		r := r0
		if i%2 == 1 {
			r = r1
		}
		sin, cos := math.Sincos(first + 2*math.Pi*float64(i)/float64(n))
		p[i] = point{r * cos, r * sin}
	}
	return p
}

// crossed returns two bars of length 2l and width 2w, upright and level.
func crossed(l, w float64) []point {
	return []point{
		{w, -l}, {w, -w}, {l, -w}, {l, w}, {w, w}, {w, l},
		{-w, l}, {-w, w}, {-l, w}, {-l, -w}, {-w, -w}, {-w, -l},
	}
}

// crescent is the circle of radius a about the origin less that of radius b
// about (shift, 0).
func crescent(a, b, shift float64) []point {
	x := (a*a - b*b + shift*shift) / (2 * shift) // where the circles meet
	y := math.Sqrt(a*a - x*x)
	outer, inner := math.Atan2(y, x), math.Atan2(y, x-shift)
	p := arc(0, 0, a, outer, 2*math.Pi-outer)
	return append(p, arc(shift, 0, b, 2*math.Pi-inner, inner)...)
}

// heart is the familiar trigonometric curve, its lobes upward.
func heart() []point {
	p := make([]point, 56)
	for i := range p {
		t := 2 * math.Pi * float64(i) / float64(len(p))
		s := math.Sin(t)
		p[i] = point{16 * s * s * s / 15.5,
			-(13*math.Cos(t) - 5*math.Cos(2*t) - 2*math.Cos(3*t) - math.Cos(4*t)) / 15.5}
	}
	return p
}

// drop is a circle of radius r and the tangents that meet at height tip
// above its centre.
func drop(tip, r float64) []point {
	touch := math.Acos(r / tip) // from the upward direction
	p := arc(0, 0, r, -math.Pi/2+touch, 3*math.Pi/2-touch)
	return append(p, point{0, -tip})
}

// centred moves the outline so that its centre of mass is the origin.
func (o outline) centred() outline {
	var area, mx, my float64
	for k, c := range o.contours {
		var a, x, y float64
		for i, p := range c {
			q := c[(i+1)%len(c)]
			cross := p.x*q.y - q.x*p.y
			a += cross / 2
			x += (p.x + q.x) * cross / 6
			y += (p.y + q.y) * cross / 6
		}
		// The first contour is the outside, the others are holes in it.
		if (a < 0) != (k > 0) {
			a, x, y = -a, -x, -y
		}
		area, mx, my = area+a, mx+x, my+y
	}
	moved := outline{name: o.name, round: o.round}
	for _, c := range o.contours {
		m := make([]point, len(c))
		for i, p := range c {
			m[i] = point{p.x - mx/area, p.y - my/area}
		}
		moved.contours = append(moved.contours, m)
	}
	return moved
}

// distance is the signed distance from p to the outline, negative inside.
func (o outline) distance(p point) float64 {
	best, inside := math.Inf(1), false
	for _, c := range o.contours {
		a := c[len(c)-1]
		for _, b := range c {
			ex, ey := b.x-a.x, b.y-a.y
			wx, wy := p.x-a.x, p.y-a.y
			if l := ex*ex + ey*ey; l > 0 {
				t := min(max((wx*ex+wy*ey)/l, 0), 1)
				wx, wy = wx-t*ex, wy-t*ey
			}
			best = min(best, wx*wx+wy*wy)
			if (a.y > p.y) != (b.y > p.y) && p.x < a.x+ex*(p.y-a.y)/ey {
				inside = !inside
			}
			a = b
		}
	}
	d := math.Sqrt(best)
	if inside {
		d = -d
	}
	return d - o.round
}

// reach is the largest distance of the outline from the origin.
func (o outline) reach() float64 {
	var r float64
	for _, c := range o.contours {
		for _, p := range c {
			r = max(r, math.Hypot(p.x, p.y))
		}
	}
	return r + o.round
}
