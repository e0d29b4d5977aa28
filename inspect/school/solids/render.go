package solids

import (
	"image"
	"math"

	"github.com/limner-ai/limner/inspect/plane"
)

// Picture is a drawn scene with what is true of each pixel.
type Picture struct {
	Image *image.NRGBA
	// Solid is how much of a pixel shows solids lit by the scene's light, Other
	// solids lit by another, each from 0 to 1.
	Solid, Other *plane.Plane
	// Fault is 1 where the fault lies: on the wrong solid, or, of a shadow, where
	// it lies and where it should.
	Fault *plane.Plane
}

const grain = 2 // samples a pixel along each axis

// Render draws a scene as a square picture.
func (s *Scene) Render(side int) *Picture {
	p := &Picture{image.NewNRGBA(image.Rect(0, 0, side, side)), plane.New(side, side), plane.New(side, side), plane.New(side, side)}
	for y := range side {
		for x := range side {
			var sum [3]float64
			var cover, solid, other, fault float64
			for k := range grain * grain {
				u := 2*(float64(x)+(float64(k%grain)+.5)/grain)/float64(side) - 1
				v := 1 - 2*(float64(y)+(float64(k/grain)+.5)/grain)/float64(side)
				c, hit, seen, wrong := s.trace(vec{u, v, 4}, k)
				if seen {
					cover++
					for i := range sum {
						sum[i] += c[i]
					}
				}
				if hit >= 0 && s.Fault == Pasted && hit == s.Wrong {
					other++
				} else if hit >= 0 && !s.flat {
					solid++
				}
				if wrong {
					fault++
				}
			}
			at := y*side + x
			const all = grain * grain
			p.Solid.V[at], p.Other.V[at] = float32(solid/all), float32(other/all)
			if fault > all/2 {
				p.Fault.V[at] = 1
			}
			px := p.Image.Pix[4*at : 4*at+4]
			px[3] = uint8(math.Round(255 * cover / all))
			if cover > 0 {
				for i := range sum {
					px[i] = uint8(math.Round(255 * float64(plane.Level(float32(min(sum[i]/cover, 1))))))
				}
			}
		}
	}
	return p
}

var sight = vec{0, 0, -1}

// trace follows one ray of sight; hit is the solid that it meets, −1 if none.
func (s *Scene) trace(o vec, sample int) (c [3]float64, hit int, seen, wrong bool) {
	hit, t, n := s.first(o, sight)
	if hit >= 0 {
		b := &s.solids[hit]
		p := o.along(sight, t)
		return s.shaded(b, p, n, sample), hit, true, hit == s.Wrong && s.Fault != Shadow
	}
	if s.bare {
		return c, -1, false, false
	}
	// The ground: n·p = height.
	t = (o.dot(s.plane) - s.height) / -sight.dot(s.plane)
	p := o.along(sight, t)
	blend := (o[1] + 1) / 2
	for i := range c {
		c[i] = s.ground[0][i] + blend*(s.ground[1][i]-s.ground[0][i])
	}
	if s.flat {
		return c, -1, true, false
	}
	lit := 1.
	for i := range s.solids {
		b := &s.solids[i]
		l := s.jitter(b.cast, sample)
		if s.meets(b, p, l) {
			lit = 0
		}
		if s.Fault == Shadow && i == s.Wrong {
			wrong = s.meets(b, p, b.cast) || s.meets(b, p, s.light)
		}
	}
	glow := s.ambient + s.diffuse*max(0, s.plane.dot(s.light))*lit
	for i := range c {
		c[i] *= glow
	}
	return c, -1, true, wrong
}

// shaded is Lambert's cosine and Blinn's highlight, less the shadows of others.
func (s *Scene) shaded(b *solid, p, n vec, sample int) (c [3]float64) {
	c = b.paint
	if b.stripes > 0 && math.Mod(math.Abs(b.local(p)[2]+7)*b.stripes, 1) < .5 {
		c = b.accent
	}
	if s.flat {
		return c
	}
	lit := 1.
	l := s.jitter(b.shade, sample)
	for i := range s.solids {
		if q := &s.solids[i]; q != b && s.meets(q, p, l) {
			lit = 0
		}
	}
	glow := s.ambient*(.8+.2*n[2]) + s.diffuse*max(0, n.dot(b.shade))*lit
	half := b.shine.sub(sight).unit()
	spot := b.gloss * math.Pow(max(0, n.dot(half)), b.sharpness) * lit
	for i := range c {
		c[i] = c[i]*glow + spot
	}
	return c
}

func (s *Scene) first(o, d vec) (hit int, t float64, n vec) {
	hit, t = -1, math.Inf(1)
	for i := range s.solids {
		b := &s.solids[i]
		if b.misses(o, d) {
			continue
		}
		at, m, ok := b.form.hit(b.local(o), b.direction(d))
		if ok && at > 1e-6 && at < t {
			hit, t, n = i, at, b.normal(m)
		}
	}
	return hit, t, n
}

// meets tells whether the way from p towards a light meets a solid.
func (s *Scene) meets(b *solid, p vec, l light) bool {
	if b.misses(p, l) {
		return false
	}
	t, _, ok := b.form.hit(b.local(p), b.direction(l))
	return ok && t > 1e-6
}

// jitter is a place on the light's disc, by the sample's number, so that shadows
// have soft edges.
func (s *Scene) jitter(l light, sample int) light {
	a := 2.4 * float64(sample) // the golden angle
	r := s.softness * math.Sqrt((float64(sample)+.5)/(grain*grain))
	x := l.cross(vec{.3, .5, .81}).unit()
	y := l.cross(x)
	return l.along(x, r*math.Cos(a)).along(y, r*math.Sin(a)).unit()
}
