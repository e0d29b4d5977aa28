package solids

import (
	"bytes"
	"math"
	"math/rand/v2"
	"testing"
)

// inside tells from its definition whether a form holds a point.
func inside(k Form, p vec) bool {
	r := math.Hypot(p[0], p[1])
	switch k {
	case Ball:
		return p.dot(p) < 1
	case Box:
		return max(math.Abs(p[0]), math.Abs(p[1]), math.Abs(p[2])) < 1
	case Cylinder:
		return r < 1 && math.Abs(p[2]) < 1
	}
	return math.Abs(p[2]) < 1 && r < (1-p[2])/2
}

// Where a ray enters is found by walking along it, and normals by stepping off
// the surface along them.
func TestHit(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, k := range []Form{Ball, Box, Cylinder, Cone} {
		hits := 0
		for range 2000 {
			o := vec{r.NormFloat64(), r.NormFloat64(), r.NormFloat64()}.unit().times(3)
			d := vec{.8 * r.NormFloat64(), .8 * r.NormFloat64(), .8 * r.NormFloat64()}.sub(o).unit()
			got, n, ok := k.hit(o, d)
			const step = .002
			want := math.Inf(1)
			for at := 0.; at < 6; at += step {
				if inside(k, o.along(d, at)) {
					want = at
					break
				}
			}
			if !ok {
				// A walk may step over a corner, but must not find what was missed.
				if !math.IsInf(want, 1) && inside(k, o.along(d, want+step)) {
					t.Fatalf("%s: the ray %v %v enters at %v, none found", k, o, d, want)
				}
				continue
			}
			hits++
			if math.IsInf(want, 1) && !inside(k, o.along(d, got+step/2)) {
				continue // grazed between two steps
			}
			if math.Abs(got-want) > 2*step && !math.IsInf(want, 1) {
				t.Fatalf("%s: the ray %v %v enters at %v, found %v", k, o, d, want, got)
			}
			p := o.along(d, got)
			if m := n.unit(); inside(k, p.along(m, 1e-3)) || m.dot(d) > 0 {
				t.Fatalf("%s: %v is no normal at %v", k, n, p)
			}
		}
		if hits < 300 {
			t.Errorf("%s: %d rays hit", k, hits)
		}
	}
}

// The bright side of a ball, whatever its paint, is the light's.
func TestAzimuth(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 1))
	for range 25 {
		s := Draw(r, Options{Forms: []Form{Ball}, One: true})
		s.solids[0].half = vec{.6, .6, .6}
		s.solids[0].stripes, s.Elevation = 0, 30
		s.bare = true
		p := s.Render(48)
		var x, y, wx, wy, n float64
		for i, v := range p.Solid.V {
			if v < 1 {
				continue
			}
			px := p.Image.Pix[4*i : 4*i+3]
			level := float64(px[0]) + float64(px[1]) + float64(px[2])
			x += level * float64(i%48)
			y += level * float64(i/48)
			wx += float64(i % 48)
			wy += float64(i / 48)
			n += level
		}
		count := 0.
		for _, v := range p.Solid.V {
			if v == 1 {
				count++
			}
		}
		got := math.Atan2(wy/count-y/n, x/n-wx/count) * 180 / math.Pi
		if off := math.Abs(math.Remainder(got-s.Azimuth, 360)); off > 4 {
			t.Errorf("light from %.0f° shows as from %.0f°", s.Azimuth, got)
		}
	}
}

// Faults change the picture, where the mask says.
func TestFaults(t *testing.T) {
	for _, fault := range []Fault{Pasted, Shadow, Highlight} {
		changed, off := 0, 0
		for seed := range uint64(12) {
			s := Draw(rand.New(rand.NewPCG(seed, 5)), Options{Fault: fault, Apart: 150})
			p := s.Render(32)
			right := *s
			right.Fault = Sound
			right.solids = append([]solid{}, s.solids...)
			b := &right.solids[s.Wrong]
			b.shade, b.shine, b.cast = s.light, s.light, s.light
			q := right.Render(32)
			if s.Wrong < 0 || s.Wrong >= len(s.solids) || math.Abs(s.Apart) != 150 {
				t.Fatalf("%s: %+v", fault, s)
			}
			for i, v := range p.Fault.V {
				if !bytes.Equal(p.Image.Pix[4*i:4*i+4], q.Image.Pix[4*i:4*i+4]) {
					changed++
					if v == 0 {
						off++
					}
				}
				if (fault == Pasted) != (p.Other.V[i] > .5) && v == 1 {
					t.Fatalf("%s: other light %v where the fault lies", fault, p.Other.V[i])
				}
			}
		}
		// The pasted solid's shadow changes as well, and is no part of its mask; nor
		// are half-shadows.
		if changed < 200 || fault != Pasted && off > changed*2/5 {
			t.Errorf("%s changes %d pixels, %d of them beside the mask", fault, changed, off)
		}
	}
}

func TestSeeded(t *testing.T) {
	draw := func() []byte {
		return Draw(rand.New(rand.NewPCG(9, 9)), Options{Fault: Pasted}).Render(24).Image.Pix
	}
	if !bytes.Equal(draw(), draw()) {
		t.Error("one seed gave two pictures")
	}
	s := Draw(rand.New(rand.NewPCG(9, 9)), Options{Flat: true, One: true})
	if p := s.Render(24); p.Solid.Mean(nil) != 0 {
		t.Error("a flat scene has lit pixels")
	}
}
