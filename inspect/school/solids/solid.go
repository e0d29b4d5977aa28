package solids

import (
	"math"
	"math/rand/v2"
)

// Form is the form of a solid in its own frame, where it fills about the cube
// from −1 to 1.
type Form string

// The forms.
const (
	Ball     Form = "ball"
	Box      Form = "box"
	Cylinder Form = "cylinder"
	Cone     Form = "cone"
)

type vec [3]float64

func (a vec) dot(b vec) float64   { return a[0]*b[0] + a[1]*b[1] + a[2]*b[2] }
func (a vec) add(b vec) vec       { return vec{a[0] + b[0], a[1] + b[1], a[2] + b[2]} }
func (a vec) sub(b vec) vec       { return vec{a[0] - b[0], a[1] - b[1], a[2] - b[2]} }
func (a vec) times(s float64) vec { return vec{a[0] * s, a[1] * s, a[2] * s} }
func (a vec) unit() vec           { return a.times(1 / math.Sqrt(max(a.dot(a), 1e-30))) }
func (a vec) cross(b vec) vec {
	return vec{a[1]*b[2] - a[2]*b[1], a[2]*b[0] - a[0]*b[2], a[0]*b[1] - a[1]*b[0]}
}
func (a vec) along(d vec, t float64) vec { return a.add(d.times(t)) }

// frame places a form: axes are rows of a rotation, half extents lie along them.
type frame struct {
	at   vec
	axis [3]vec
	half vec
}

func (f *frame) local(p vec) vec {
	p = p.sub(f.at)
	return vec{p.dot(f.axis[0]) / f.half[0], p.dot(f.axis[1]) / f.half[1], p.dot(f.axis[2]) / f.half[2]}
}

// misses tells quickly that a ray passes by: d has length 1.
func (f *frame) misses(o, d vec) bool {
	to := f.at.sub(o)
	along := to.dot(d)
	return to.dot(to)-along*along > f.half.dot(f.half)
}

func (f *frame) direction(d vec) vec {
	return vec{d.dot(f.axis[0]) / f.half[0], d.dot(f.axis[1]) / f.half[1], d.dot(f.axis[2]) / f.half[2]}
}

// normal brings a normal of the form into the scene: by the inverse transpose.
func (f *frame) normal(n vec) vec {
	sum := vec{}
	for i := range 3 {
		sum = sum.add(f.axis[i].times(n[i] / f.half[i]))
	}
	return sum.unit()
}

// hit finds where a ray o + t·d first enters the form, and its normal there,
// all in the form's frame. A ray that begins inside does not enter.
func (k Form) hit(o, d vec) (t float64, n vec, ok bool) {
	switch k {
	case Ball:
		a, b, c := d.dot(d), o.dot(d), o.dot(o)-1
		q := b*b - a*c
		if q <= 0 {
			return 0, n, false
		}
		t = (-b - math.Sqrt(q)) / a
		return t, o.along(d, t), true
	case Box:
		near, far, axis := math.Inf(-1), math.Inf(1), 0
		for i := range 3 {
			if math.Abs(d[i]) < 1e-12 {
				if math.Abs(o[i]) > 1 {
					return 0, n, false
				}
				continue
			}
			t0, t1 := (-1-o[i])/d[i], (1-o[i])/d[i]
			if t0 > t1 {
				t0, t1 = t1, t0
			}
			if t0 > near {
				near, axis = t0, i
			}
			far = min(far, t1)
		}
		if near > far || math.IsInf(near, 0) {
			return 0, n, false
		}
		n[axis] = -math.Copysign(1, d[axis])
		return near, n, true
	}
	return k.turned(o, d)
}

// turned is hit for the forms turned about the third axis, with flat ends at −1
// and, of a cylinder, at 1. A cone's radius falls from 1 to 0.
func (k Form) turned(o, d vec) (t float64, n vec, ok bool) {
	t = math.Inf(1)
	// r² = (s·(z−1))² with s = ½ of a cone; r² = 1 of a cylinder.
	s, z0 := 0., 0.
	c := o[0]*o[0] + o[1]*o[1] - 1
	b := o[0]*d[0] + o[1]*d[1]
	a := d[0]*d[0] + d[1]*d[1]
	if k == Cone {
		s, z0 = .5, 1
		c += 1 - s*s*(o[2]-z0)*(o[2]-z0)
		b -= s * s * (o[2] - z0) * d[2]
		a -= s * s * d[2] * d[2]
	}
	if q := b*b - a*c; q > 0 && math.Abs(a) > 1e-12 {
		for _, root := range []float64{(-b - math.Sqrt(q)) / a, (-b + math.Sqrt(q)) / a} {
			p := o.along(d, root)
			m := vec{p[0], p[1], -s * s * (p[2] - z0)}
			if p[2] > -1 && p[2] < 1 && root < t && m.dot(d) < 0 {
				t, n, ok = root, m, true
			}
		}
	}
	for _, end := range []float64{-1, 1} {
		if k == Cone && end > 0 || d[2]*end >= 0 {
			continue
		}
		root := (end - o[2]) / d[2]
		p := o.along(d, root)
		if p[0]*p[0]+p[1]*p[1] < 1 && root < t {
			t, n, ok = root, vec{0, 0, end}, true
		}
	}
	return t, n, ok
}

// rotation draws one of all rotations alike (Shoemake, "Uniform random
// rotations", 1992), as its rows.
func rotation(r *rand.Rand) [3]vec {
	u, a, b := r.Float64(), 2*math.Pi*r.Float64(), 2*math.Pi*r.Float64()
	s, c := math.Sqrt(1-u), math.Sqrt(u)
	x, y, z, w := s*math.Sin(a), s*math.Cos(a), c*math.Sin(b), c*math.Cos(b)
	return [3]vec{
		{1 - 2*(y*y+z*z), 2 * (x*y - z*w), 2 * (x*z + y*w)},
		{2 * (x*y + z*w), 1 - 2*(x*x+z*z), 2 * (y*z - x*w)},
		{2 * (x*z - y*w), 2 * (y*z + x*w), 1 - 2*(x*x+y*y)},
	}
}
