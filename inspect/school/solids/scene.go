// Package solids draws scenes of lit solids (balls, boxes, cylinders, cones) with
// shading, highlights and cast shadows, of which it is known to the pixel where
// the light comes from; and the same with one solid lit from a wrong side. They
// are what package light learns from and is measured on.
//
// A scene is seen along −z, x to the right, y up, without perspective. Azimuths
// are degrees in the picture: 0 right, 90 above.
package solids

import (
	"math"
	"math/rand/v2"
)

// Fault is what is wrong in a scene.
type Fault string

// The faults. Sound is none.
const (
	Sound     Fault = ""
	Pasted    Fault = "pasted"    // shading, highlight and shadow of one solid
	Shadow    Fault = "shadow"    // its shadow alone
	Highlight Fault = "highlight" // its highlight alone
)

// light is where light comes from: the unit vector towards it.
type light = vec

// Towards is the light at an azimuth and an elevation towards the viewer, in
// degrees.
func towards(azimuth, elevation float64) light {
	a, e := azimuth*math.Pi/180, elevation*math.Pi/180
	return light{math.Cos(a) * math.Cos(e), math.Sin(a) * math.Cos(e), math.Sin(e)}
}

// solid is a form with its paint and the lights that it is drawn by.
type solid struct {
	frame
	form               Form
	paint, accent      [3]float64 // linear
	stripes            float64    // periods across, 0: none
	gloss, sharpness   float64    // Blinn
	shade, shine, cast light
}

// Scene is all that determines a picture.
type Scene struct {
	Azimuth, Elevation float64 // of the light of all that is sound
	Fault              Fault
	Wrong              int     // the solid with the fault, −1: none
	Apart              float64 // degrees from the light's azimuth to the wrong one's

	solids           []solid
	light            light
	plane            vec     // the ground's normal
	height           float64 // and its distance from the middle, along it
	ground           [2][3]float64
	bare             bool // no ground: transparent, no shadows on it
	ambient, diffuse float64
	softness         float64 // radius of the light seen from the scene, radians
	flat             bool    // drawn without light
}

// Options narrow what Draw draws.
type Options struct {
	Forms []Form // nil: ball, box and cylinder
	Fault Fault
	// Apart, if not zero, is the angle between the lights; otherwise it is drawn
	// from 60° to 180°.
	Apart float64
	// Flat leaves out all light: paint alone.
	Flat bool
	// One draws a single solid.
	One bool
}

// Draw makes up a scene of one to four solids. A scene with a fault but
// Highlight and Shadow has two at least.
func Draw(r *rand.Rand, o Options) *Scene {
	within := func(a, b float64) float64 { return a + (b-a)*r.Float64() }
	s := &Scene{
		Azimuth: within(0, 360), Elevation: within(12, 60), Fault: o.Fault, Wrong: -1, flat: o.Flat,
		ambient: within(.12, .45), softness: within(.02, .2),
	}
	s.light = towards(s.Azimuth, s.Elevation)
	s.diffuse = within(.75, 1.15)
	s.bare = r.IntN(3) == 0 && o.Fault != Shadow
	for i := range s.ground {
		s.ground[i] = paint(r)
	}
	if r.IntN(2) == 0 {
		s.ground[1] = s.ground[0]
	}
	// The ground leans so that the light still falls on it.
	s.plane = vec{0, 0, 1}
	if r.IntN(2) == 0 {
		if lean := towards(within(40, 140), within(25, 70)); lean.dot(s.light) > .2 {
			s.plane = lean
		}
	}
	n := 1 + r.IntN(4)
	if o.Fault == Pasted {
		n = max(n, 2)
	}
	if o.One {
		n = 1
	}
	forms := o.Forms
	if forms == nil {
		forms = []Form{Ball, Ball, Ball, Box, Cylinder, Cylinder}
	}
	size := within(.75, 1.15) * []float64{.62, .45, .36, .32}[n-1]
	for range n {
		s.place(r, forms[r.IntN(len(forms))], size)
	}
	s.height = math.Inf(1)
	for i := range s.solids {
		p := &s.solids[i]
		reach := 0.
		for k := range 3 {
			reach += math.Abs(p.axis[k].dot(s.plane)) * p.half[k]
		}
		if p.form == Ball {
			reach = math.Sqrt(sq(p.axis[0].dot(s.plane)*p.half[0]) + sq(p.axis[1].dot(s.plane)*p.half[1]) + sq(p.axis[2].dot(s.plane)*p.half[2]))
		}
		s.height = min(s.height, p.at.dot(s.plane)-reach)
	}
	s.height -= within(0, .12)
	if o.Fault != Sound {
		s.spoil(r, o)
	}
	return s
}

func sq(x float64) float64 { return x * x }

// place adds a solid where it hides none of the others much.
func (s *Scene) place(r *rand.Rand, form Form, size float64) {
	within := func(a, b float64) float64 { return a + (b-a)*r.Float64() }
	p := solid{form: form, paint: paint(r), gloss: within(-.15, .7), sharpness: math.Exp(within(1.5, 4.5)), shade: s.light, shine: s.light, cast: s.light}
	p.gloss = max(p.gloss, 0)
	p.accent = p.paint
	if r.IntN(4) == 0 {
		p.accent, p.stripes = paint(r), within(1, 4)
	}
	p.axis = rotation(r)
	size *= within(.8, 1.15)
	p.half = vec{size, size, size}
	switch form {
	case Box:
		p.half = vec{size * within(.55, .85), size * within(.55, .85), size * within(.55, .85)}
	case Cylinder, Cone:
		p.half = vec{size * .7, size * .7, size * within(.6, 1)}
	case Ball:
		if r.IntN(2) == 0 {
			p.half = vec{size * within(.65, 1), size * within(.65, 1), size * within(.65, 1)}
		}
	}
	for range 30 {
		p.at = vec{within(size-1, 1-size), within(size-1, 1-size), within(-.2, .2)}
		clear := true
		for i := range s.solids {
			q := &s.solids[i]
			if math.Hypot(p.at[0]-q.at[0], p.at[1]-q.at[1]) < .8*(size+q.half[0]) {
				clear = false
			}
		}
		if clear {
			break
		}
	}
	s.solids = append(s.solids, p)
}

// spoil turns lights of one solid about the line of sight.
func (s *Scene) spoil(r *rand.Rand, o Options) {
	s.Apart = o.Apart
	if s.Apart == 0 {
		s.Apart = 60 + 120*r.Float64()
	}
	if r.IntN(2) == 0 {
		s.Apart = -s.Apart
	}
	s.Wrong = r.IntN(len(s.solids))
	p := &s.solids[s.Wrong]
	other := towards(s.Azimuth+s.Apart, s.Elevation)
	switch o.Fault {
	case Pasted:
		p.shade, p.shine, p.cast = other, other, other
	case Shadow:
		p.cast = other
	case Highlight:
		p.form = Ball // a flat face has its highlight everywhere or nowhere
		p.shine, p.gloss, p.sharpness = other, .5+.4*r.Float64(), 12+50*r.Float64()
	}
	// A shadow needs a ground that its light falls on.
	if other.dot(s.plane) < .2 {
		s.plane = vec{0, 0, 1}
		s.height = -1.2
		for i := range s.solids {
			s.height = max(s.height, s.solids[i].at[2]-s.solids[i].half[0]-.15)
		}
		s.height = min(s.height, -.3)
	}
}

// paint draws a colour, in linear light.
func paint(r *rand.Rand) (c [3]float64) {
	hue, sat, value := 6*r.Float64(), math.Sqrt(r.Float64()), .15+.75*r.Float64()
	for i := range c {
		k := math.Mod(float64(5-2*i)+hue, 6)
		c[i] = value * (1 - sat*max(0, min(k, 4-k, 1)))
	}
	return c
}
