package texture

import (
	"image"
	"math"
	"math/rand/v2"

	"github.com/limner-ai/limner/inspect/plane"
	"github.com/limner-ai/limner/inspect/segment"
)

// Fault is a way in which texture goes wrong. Its name is the inspector's word.
type fault struct {
	name    string
	summary string // at strengths 0 and 1, for pictures of 64×64
	spoil   func(*sheet)
}

var faults = []fault{
	{"smeared border", "a border between two regions is smeared across by 3 to 9 pixels, over 8 to 18 pixels of it", smear},
	{"running over", "one region's paint runs 2 to 7 pixels into the next, with a soft edge, at half to full strength", run},
	{"foreign texture", "a patch of 10 to 22 pixels bears another picture's detail, at 0.35 to 1 of its strength", foreign},
	{"lost texture", "the detail of a patch of 12 to 26 pixels is blurred away, deviation 1 to 3 pixels", lose},
	{"checkerboard", "levels alternate by 0.012 to 0.07 at periods of 2 or 4 pixels, everywhere or in a patch", checker},
	{"grid", "lines or steps of 0.02 to 0.1 every 4 or 8 pixels, everywhere or in a patch", gridLines},
}

// sheet is a picture as sRGB levels with alpha, straight, from 0 to 1.
type sheet struct {
	w, h     int
	level    [3]*plane.Plane
	alpha    *plane.Plane
	seg      *segment.Map
	other    [3]*plane.Plane // another picture's levels
	r        *rand.Rand
	strength float64
}

func newSheet(m *image.NRGBA) *sheet {
	own := plane.Own(m)
	s := &sheet{w: m.Rect.Dx(), h: m.Rect.Dy(), level: plane.Levels(m, own), alpha: plane.Alpha(m)}
	s.seg = segment.Graph(append(s.level[:], s.alpha), .5, 25)
	return s
}

func (s *sheet) between(a, b float64) float64 { return a + (b-a)*s.strength }

// spoil puts a fault into a picture at a strength from 0 to 1. The mask is 1
// where a level changed by more than 6 of 255. ok is false where the fault
// finds no place.
func spoil(f fault, m, other *image.NRGBA, strength float64, r *rand.Rand) (out *image.NRGBA, mask *plane.Plane, ok bool) {
	clean := newSheet(m)
	for range 8 {
		s := *clean
		for k, p := range clean.level {
			s.level[k] = p.Map(func(v float32) float32 { return v })
		}
		s.other = plane.Levels(other, plane.Own(other))
		s.r, s.strength = r, strength
		f.spoil(&s)
		mask, n := plane.New(s.w, s.h), 0
		out := image.NewNRGBA(image.Rect(0, 0, s.w, s.h))
		for i, a := range s.alpha.V {
			px := out.Pix[4*i : 4*i+4]
			px[3] = uint8(255*a + .5)
			if a == 0 {
				continue
			}
			for k := range 3 {
				v := max(0, min(s.level[k].V[i], 1))
				px[k] = uint8(255*v + .5)
				if d := v - clean.level[k].V[i]; a > .2 && (d > visible || d < -visible) {
					mask.V[i] = 1
				}
			}
			if mask.V[i] > 0 {
				n++
			}
		}
		if n >= 12 {
			return out, plane.Largest(mask, 1), true
		}
	}
	return nil, nil, false
}

const visible = 6. / 255

// border draws a pixel on a border between two visible regions, and the unit
// vector across it, from the first region to the second.
func (s *sheet) border() (x, y int, dx, dy float64, a, b int, ok bool) {
	for range 400 {
		x, y = 3+s.r.IntN(s.w-6), 3+s.r.IntN(s.h-6)
		i := y*s.w + x
		a = s.seg.Label[i]
		if s.alpha.V[i] < .9 {
			continue
		}
		for _, d := range [][2]int{{2, 0}, {0, 2}, {-2, 0}, {0, -2}} {
			j := i + d[0] + d[1]*s.w
			if b = s.seg.Label[j]; b == a || s.alpha.V[j] < .9 || s.seg.Size[b] < 40 || s.seg.Size[a] < 40 {
				continue
			}
			// Across: from the one's mean place near by to the other's.
			var m [2][3]float64
			for v := max(0, y-6); v < min(s.h, y+7); v++ {
				for u := max(0, x-6); u < min(s.w, x+7); u++ {
					for k, l := range [2]int{a, b} {
						if s.seg.Label[v*s.w+u] == l {
							m[k][0] += float64(u)
							m[k][1] += float64(v)
							m[k][2]++
						}
					}
				}
			}
			dx, dy = m[1][0]/m[1][2]-m[0][0]/m[0][2], m[1][1]/m[1][2]-m[0][1]/m[0][2]
			if l := math.Hypot(dx, dy); l > 1 {
				return x, y, dx / l, dy / l, a, b, true
			}
		}
	}
	return 0, 0, 0, 0, 0, 0, false
}

func (s *sheet) sample(k int, x, y float64) float32 {
	p := s.level[k]
	x0, y0 := math.Floor(x), math.Floor(y)
	fx, fy := float32(x-x0), float32(y-y0)
	i, j := int(x0), int(y0)
	return (p.At(i, j)*(1-fx)+p.At(i+1, j)*fx)*(1-fy) + (p.At(i, j+1)*(1-fx)+p.At(i+1, j+1)*fx)*fy
}

// smear blurs along the way across a border, in an ellipse that lies on it.
func smear(s *sheet) {
	x, y, dx, dy, _, _, ok := s.border()
	if !ok {
		return
	}
	length, along := s.between(3, 9), s.between(8, 18)/2
	var to [3]*plane.Plane
	for k := range to {
		to[k] = s.level[k].Map(func(v float32) float32 { return v })
	}
	s.visit(func(i, px, py int) {
		u := float64(px-x)*dx + float64(py-y)*dy
		v := -float64(px-x)*dy + float64(py-y)*dx
		q := u*u/(length*length) + v*v/(along*along)
		if q >= 1 {
			return
		}
		w := float32(min(1, 2.5*(1-q)))
		for k := range to {
			sum := float32(0)
			const taps = 9
			for t := range taps {
				d := length * (float64(t)/(taps-1) - .5)
				sum += s.sample(k, float64(px)+d*dx, float64(py)+d*dy) / taps
			}
			to[k].V[i] += w * (sum - to[k].V[i])
		}
	})
	s.level = to
}

// run carries the paint of one side over the border: what lies so far behind is
// painted here, less and less.
func run(s *sheet) {
	x, y, dx, dy, a, b, ok := s.border()
	if !ok {
		return
	}
	depth, along := s.between(2.5, 7), s.between(6, 14)/2*(1+s.r.Float64()*.5)
	full := float32(s.between(.5, 1))
	phase, teeth := 7*s.r.Float64(), .4+.7*s.r.Float64()
	var to [3]*plane.Plane
	for k := range to {
		to[k] = s.level[k].Map(func(v float32) float32 { return v })
	}
	s.visit(func(i, px, py int) {
		if s.seg.Label[i] != b {
			return
		}
		u := float64(px-x)*dx + float64(py-y)*dy
		v := -float64(px-x)*dy + float64(py-y)*dx
		if math.Abs(v) > along || u < -4 || u > depth+2 {
			return
		}
		// A ragged front.
		front := depth * (1 - v*v/(along*along)) * (.75 + .25*math.Sin(phase+teeth*v))
		w := float32(max(0, min(1, (front-u)/1.8+.5))) * full
		if w == 0 {
			return
		}
		for back := 1.; back < 14; back++ {
			qx, qy := int(math.Round(float64(px)-back*dx)), int(math.Round(float64(py)-back*dy))
			if qx < 0 || qy < 0 || qx >= s.w || qy >= s.h {
				return
			}
			if j := qy*s.w + qx; s.seg.Label[j] == a && back > u+1 {
				for k := range to {
					to[k].V[i] += w * (s.level[k].V[j] - to[k].V[i])
				}
				return
			}
		}
	})
	s.level = to
}

// patch draws a soft blob on what is visible, of about this diameter.
func (s *sheet) patch(diameter float64) *plane.Plane {
	p := plane.New(s.w, s.h)
	for range 200 {
		x, y := s.r.IntN(s.w), s.r.IntN(s.h)
		if s.alpha.V[y*s.w+x] < .9 {
			continue
		}
		phase, lobes, stretch := 7*s.r.Float64(), float64(2+s.r.IntN(3)), .75+.5*s.r.Float64()
		s.visit(func(i, px, py int) {
			u, v := float64(px-x)*stretch, float64(py-y)/stretch
			edge := diameter / 2 * (1 + .25*math.Sin(lobes*math.Atan2(v, u)+phase))
			p.V[i] = float32(max(0, min(1, (edge-math.Hypot(u, v))/1.5+.5)))
		})
		return p
	}
	return p
}

// foreign replaces the detail in a patch, what is left of it without its
// smooth part, by that of another picture or by stripes or grain.
func foreign(s *sheet) {
	p := s.patch(s.between(10, 22))
	amount := float32(s.between(.35, 1))
	kind := s.r.IntN(3)
	ox, oy := s.r.IntN(s.w), s.r.IntN(s.h)
	sin, cos := math.Sincos(math.Pi * s.r.Float64())
	pitch := 2 * math.Pi / (3 + 4*s.r.Float64())
	amplitude := float32(.06 + .06*s.r.Float64())
	grain := plane.New(s.w, s.h)
	for i := range grain.V {
		grain.V[i] = float32(s.r.NormFloat64())
	}
	for k := range s.level {
		base := plane.Gaussian(s.level[k], 3)
		far := plane.Join(s.other[k], plane.Gaussian(s.other[k], 3), func(a, b float32) float32 { return a - b })
		s.visit(func(i, x, y int) {
			var detail float32
			switch kind {
			case 0:
				detail = far.V[(y+oy)%s.h*s.w+(x+ox)%s.w]
			case 1:
				detail = amplitude * float32(math.Sin(pitch*(float64(x)*cos+float64(y)*sin)))
			default:
				detail = amplitude * grain.V[i]
			}
			s.level[k].V[i] += p.V[i] * amount * (base.V[i] + detail - s.level[k].V[i])
		})
	}
}

func lose(s *sheet) {
	p, sigma := s.patch(s.between(12, 26)), s.between(1, 3)
	for k := range s.level {
		soft := plane.Gaussian(s.level[k], sigma)
		for i, w := range p.V {
			s.level[k].V[i] += w * (soft.V[i] - s.level[k].V[i])
		}
	}
}

// place is a patch, or everything.
func (s *sheet) place() *plane.Plane {
	if s.r.IntN(2) == 0 {
		return s.patch(18 + 14*s.r.Float64())
	}
	return plane.New(s.w, s.h).Map(func(float32) float32 { return 1 })
}

func checker(s *sheet) {
	p, amplitude := s.place(), float32(s.between(.012, .07))
	amplitude = max(amplitude, visible*1.05)
	period, kind := 1+s.r.IntN(2), s.r.IntN(3)
	s.visit(func(i, x, y int) {
		n := [3]int{x/period + y/period, x / period, y / period}[kind]
		d := amplitude * p.V[i]
		if n%2 == 1 {
			d = -d
		}
		for k := range s.level {
			s.level[k].V[i] += d
		}
	})
}

func gridLines(s *sheet) {
	p, amplitude := s.place(), float32(s.between(.028, .1))
	pitch, lines := 4*(1+s.r.IntN(2)), s.r.IntN(2) == 0
	var tile [1024]float32
	for i := range tile {
		tile[i] = float32(2*s.r.Float64() - 1)
	}
	s.visit(func(i, x, y int) {
		d := amplitude * p.V[i] * tile[(y/pitch*32+x/pitch)%len(tile)]
		if lines {
			d = 0
			if x%pitch == 0 || y%pitch == 0 {
				d = -amplitude * p.V[i]
			}
		}
		for k := range s.level {
			s.level[k].V[i] += d
		}
	})
}

func (s *sheet) visit(do func(i, x, y int)) {
	for y := range s.h {
		for x := range s.w {
			do(y*s.w+x, x, y)
		}
	}
}
