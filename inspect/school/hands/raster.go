package hands

import (
	"math"

	"gonum.org/v1/gonum/spatial/r3"
)

// view is where a hand is seen from: turned, then put on the picture, in
// pixels, with y downwards. Without distance it is orthographic.
type view struct {
	turn   r3.Rotation
	scale  float64
	x, y   float64
	mirror bool
	near   float64 // strength of the perspective: hand lengths over distance
}

func (v view) project(p r3.Vec) (x, y, z float64) {
	p = v.turn.Rotate(r3.Sub(p, r3.Vec{Y: .5}))
	if v.mirror {
		p.X = -p.X
	}
	k := v.scale / (1 - v.near*p.Z)
	return v.x + k*p.X, v.y - k*p.Y, p.Z
}

// raster is what is seen at each pixel.
type raster struct {
	w, h   int
	depth  []float64 // -Inf: nothing
	normal []r3.Vec
	part   []int8
	mark   []bool
}

func newRaster(w, h int) *raster {
	t := &raster{w, h, make([]float64, w*h), make([]r3.Vec, w*h), make([]int8, w*h), make([]bool, w*h)}
	for i := range t.depth {
		t.depth[i], t.part[i] = math.Inf(-1), -1
	}
	return t
}

// draw fills the raster with a mesh: a z-buffer, normals interpolated between
// those of the points.
func (t *raster) draw(m *mesh, v view) {
	type corner struct{ x, y, z float64 }
	at := make([]corner, len(m.points))
	for i, p := range m.points {
		x, y, z := v.project(p)
		at[i] = corner{x, y, z}
	}
	normals := make([]r3.Vec, len(m.points))
	for _, f := range m.faces {
		a, b, c := at[f[0]], at[f[1]], at[f[2]]
		// Of the picture's frame, y up, by area.
		n := r3.Cross(r3.Vec{X: b.x - a.x, Y: a.y - b.y, Z: (b.z - a.z) * v.scale}, r3.Vec{X: c.x - a.x, Y: a.y - c.y, Z: (c.z - a.z) * v.scale})
		for _, i := range f {
			normals[i] = r3.Add(normals[i], n)
		}
	}
	for i, n := range normals {
		if l := r3.Norm(n); l > 0 {
			normals[i] = r3.Scale(1/l, n)
		}
	}
	for i, f := range m.faces {
		a, b, c := at[f[0]], at[f[1]], at[f[2]]
		area := (b.x-a.x)*(c.y-a.y) - (b.y-a.y)*(c.x-a.x)
		if math.Abs(area) < 1e-9 {
			continue
		}
		x0, x1 := max(0, int(min(a.x, b.x, c.x))), min(t.w-1, int(max(a.x, b.x, c.x)))
		y0, y1 := max(0, int(min(a.y, b.y, c.y))), min(t.h-1, int(max(a.y, b.y, c.y)))
		for y := y0; y <= y1; y++ {
			for x := x0; x <= x1; x++ {
				px, py := float64(x)+.5, float64(y)+.5
				wb := ((px-a.x)*(c.y-a.y) - (py-a.y)*(c.x-a.x)) / area
				wc := ((b.x-a.x)*(py-a.y) - (b.y-a.y)*(px-a.x)) / area
				wa := 1 - wb - wc
				if wa < 0 || wb < 0 || wc < 0 {
					continue
				}
				z := wa*a.z + wb*b.z + wc*c.z
				k := y*t.w + x
				if z <= t.depth[k] {
					continue
				}
				n := r3.Add(r3.Add(r3.Scale(wa, normals[f[0]]), r3.Scale(wb, normals[f[1]])), r3.Scale(wc, normals[f[2]]))
				if n.Z < 0 { // both sides of a face are drawn
					n = r3.Scale(-1, n)
				}
				t.depth[k], t.normal[k], t.part[k], t.mark[k] = z, n, int8(m.part[i]), m.mark[i]
			}
		}
	}
}

// seen reports whether something is drawn at a pixel.
func (t *raster) seen(k int) bool { return t.part[k] >= 0 }

// crease reports whether an edge of the drawing runs through a pixel: of its
// outline, or where one finger lies before another.
func (t *raster) crease(x, y, reach int, step float64) bool {
	k := y*t.w + x
	for _, d := range [4][2]int{{reach, 0}, {-reach, 0}, {0, reach}, {0, -reach}} {
		u, v := x+d[0], y+d[1]
		if u < 0 || v < 0 || u >= t.w || v >= t.h {
			continue
		}
		o := v*t.w + u
		if !t.seen(o) || t.depth[k]-t.depth[o] > step || t.part[o] != t.part[k] && math.Abs(t.depth[k]-t.depth[o]) > step/3 {
			return true
		}
	}
	return false
}
