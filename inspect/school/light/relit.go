package light

import (
	"image"
	"math"
	"math/rand/v2"

	"github.com/limner-ai/limner/inspect/plane"
	"github.com/limner-ai/limner/inspect/school/solids"
	"github.com/limner-ai/limner/inspect/segment"
)

// relit lights an emoji: it is blown up like a cushion, as a whole or each of
// its regions by itself, and shaded. Where apart is not 0, one part gets its
// light from another side. A nil picture says that there was nothing to light.
func relit(m *image.NRGBA, r *rand.Rand, apart float64) (p *solids.Picture, azimuth float64) {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	within := func(a, b float64) float64 { return a + (b-a)*r.Float64() }
	alpha := plane.Alpha(m)
	levels := plane.Levels(m, plane.Own(m))
	seg := segment.Graph(append(levels[:], alpha), .6, 40)
	inside := func(i int) bool { return alpha.V[i] > .5 }
	whole := r.IntN(3) == 0
	part := partOf(seg, alpha, r)
	if part == nil {
		return nil, 0
	}
	// The cushion's ground plan: no step from a pixel to one of another region.
	joined := func(i, j int) bool {
		return inside(i) && inside(j) && (whole && part[i] == part[j] || seg.Label[i] == seg.Label[j])
	}
	u := cushion(w, h, joined, inside)
	azimuth = within(0, 360)
	elevation := within(12, 55) * math.Pi / 180
	ambient, diffuse := within(.25, .6), within(.5, 1)
	gloss, sharpness := max(0, within(-.2, .5)), math.Exp(within(1.5, 4))
	side := func(a float64) [3]float64 {
		a *= math.Pi / 180
		return [3]float64{math.Cos(a) * math.Cos(elevation), -math.Sin(a) * math.Cos(elevation), math.Sin(elevation)} // y is down
	}
	right, wrong := side(azimuth), side(azimuth+apart)
	p = &solids.Picture{Image: image.NewNRGBA(m.Rect), Solid: plane.New(w, h), Other: plane.New(w, h), Fault: plane.New(w, h)}
	copy(p.Image.Pix, m.Pix)
	for i := range alpha.V {
		if !inside(i) {
			continue
		}
		l := right
		if apart != 0 && part[i] {
			l, p.Other.V[i], p.Fault.V[i] = wrong, 1, 1
		} else {
			p.Solid.V[i] = 1
		}
		at := func(dx, dy int) float64 {
			x, y := i%w+dx, i/w+dy
			if x < 0 || y < 0 || x >= w || y >= h || !joined(i, y*w+x) {
				return 0
			}
			return u[y*w+x]
		}
		n := [3]float64{-(at(1, 0) - at(-1, 0)) / 4, -(at(0, 1) - at(0, -1)) / 4, math.Sqrt(max(u[i], 0)) + .3}
		length := math.Sqrt(n[0]*n[0] + n[1]*n[1] + n[2]*n[2])
		cosine, half := 0., 0.
		toHalf := math.Sqrt(l[0]*l[0] + l[1]*l[1] + (l[2]+1)*(l[2]+1))
		for k := range 3 {
			cosine += n[k] / length * l[k]
			half += n[k] / length * l[k] / toHalf
		}
		half += n[2] / length / toHalf
		spot := gloss * math.Pow(max(0, half), sharpness)
		for k := range 3 {
			c := float64(plane.Linear(float32(m.Pix[4*i+k]) / 255))
			c = c*(ambient+diffuse*max(0, cosine)) + spot
			p.Image.Pix[4*i+k] = uint8(255*plane.Level(float32(min(c, 1))) + .5)
		}
	}
	return p, azimuth
}

// partOf draws a part of what is visible: one region, or all on one side of a
// line. nil if there is too little.
func partOf(seg *segment.Map, alpha *plane.Plane, r *rand.Rand) []bool {
	var visible int
	for _, a := range alpha.V {
		if a > .5 {
			visible++
		}
	}
	if visible < 300 {
		return nil
	}
	part := make([]bool, len(alpha.V))
	for range 12 {
		kind, pick := r.IntN(2), r.IntN(len(seg.Size))
		sin, cos := math.Sincos(2 * math.Pi * r.Float64())
		off := float64(seg.W) * .25 * (2*r.Float64() - 1)
		n := 0
		for i, a := range alpha.V {
			x, y := float64(i%seg.W-seg.W/2), float64(i/seg.W-seg.H/2)
			part[i] = a > .5 && (kind == 0 && seg.Label[i] == pick || kind == 1 && x*cos+y*sin > off)
			if part[i] {
				n++
			}
		}
		if n > visible/6 && n < visible*3/5 {
			return part
		}
	}
	return nil
}

// cushion solves Δu = −4 over what is inside by successive over-relaxation,
// with u = 0 at all steps that joined does not allow: √u is a dome over each
// connected place, of a disc exactly a ball (as in package shapes).
func cushion(w, h int, joined func(i, j int) bool, inside func(int) bool) []float64 {
	const sweeps, omega = 60, 1.85
	u := make([]float64, w*h)
	open := make([][4]bool, w*h)
	steps := [4]int{-1, 1, -w, w}
	for i := range u {
		for k, d := range steps {
			j := i + d
			if j < 0 || j >= len(u) || k < 2 && j/w != i/w {
				continue
			}
			open[i][k] = joined(i, j)
		}
	}
	for range sweeps {
		for i := range u {
			if !inside(i) {
				continue
			}
			sum := 4.
			for k, d := range steps {
				if open[i][k] {
					sum += u[i+d]
				}
			}
			u[i] += omega * (sum/4 - u[i])
		}
	}
	return u
}
