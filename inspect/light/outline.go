package light

import (
	"math"
	"math/cmplx"

	"github.com/limner-ai/limner/inspect/plane"
	"github.com/limner-ai/limner/inspect/segment"
)

// outline estimates where the light on a region comes from by the method of
// Johnson and Farid, "Exposing Digital Forgeries by Detecting Inconsistencies in
// Lighting" (2005), section 2.2: along the outline of a solid its normals lie in
// the picture, so that Lambert's law I = A + L·N is linear in what is sought.
// The result points towards the light; its length, from 0 to 1, is the share of
// the variance that the law explains, less where the light varies by less than a
// tenth.
func outline(luminance *plane.Plane, seg *segment.Map, region int) complex128 {
	in := plane.New(seg.W, seg.H)
	for i, l := range seg.Label {
		if l == region {
			in.V[i] = 1
		}
	}
	soft := plane.Gaussian(in, 1.5)
	gx, gy := plane.Gradient(soft)
	// Normal equations of (A, Lx, Ly).
	var m [3][4]float64
	var n, sum, squares float64
	for i, v := range in.V {
		// A band a pixel or two inside the outline, off its mixed pixels.
		if v == 0 || soft.V[i] < .6 || soft.V[i] > .93 {
			continue
		}
		nx, ny := -float64(gx.V[i]), -float64(gy.V[i])
		length := math.Hypot(nx, ny)
		if length < 1e-3 {
			continue
		}
		row := [4]float64{1, nx / length, ny / length, float64(luminance.V[i])}
		for a := range 3 {
			for b := range 4 {
				m[a][b] += row[a] * row[b]
			}
		}
		n++
		sum += row[3]
		squares += row[3] * row[3]
	}
	spread := squares - sum*sum/max(n, 1)
	if n < leastOutline || spread < 1e-6 {
		return 0
	}
	law, ok := solve(m)
	if !ok {
		return 0
	}
	explained := law[0]*m[0][3] + law[1]*m[1][3] + law[2]*m[2][3] - sum*sum/n
	light := complex(law[1], -law[2]) // y is down
	strength := cmplx.Abs(light)
	if strength == 0 {
		return 0
	}
	sure := max(0, min(explained/spread, 1)) * min(1, strength/.1)
	return light * complex(sure/strength, 0)
}

const leastOutline = 24 // pixels

// solve solves three equations by Gauss's elimination with pivots.
func solve(m [3][4]float64) (x [3]float64, ok bool) {
	for c := range 3 {
		p := c
		for r := c + 1; r < 3; r++ {
			if math.Abs(m[r][c]) > math.Abs(m[p][c]) {
				p = r
			}
		}
		m[c], m[p] = m[p], m[c]
		if math.Abs(m[c][c]) < 1e-9 {
			return x, false
		}
		for r := range 3 {
			if r == c {
				continue
			}
			f := m[r][c] / m[c][c]
			for k := c; k < 4; k++ {
				m[r][k] -= f * m[c][k]
			}
		}
	}
	for c := range 3 {
		x[c] = m[c][3] / m[c][c]
	}
	return x, true
}
