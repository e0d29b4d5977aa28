package index

// orientation is how a query is held before it is looked at: turned clockwise by
// quarters, then mirrored, left and right exchanged.
type orientation struct {
	quarters int
	mirrored bool
}

// orientations are all eight, the query as it is first.
var orientations = []orientation{{}, {0, true}, {1, false}, {2, false}, {3, false}, {1, true}, {2, true}, {3, true}}

// of holds a picture so.
func (o orientation) of(r *raster) *raster {
	for range o.quarters {
		r = r.turned()
	}
	if o.mirrored {
		r = r.mirrored()
	}
	return r
}

// back is where a part of what is held so lies in the picture itself.
func (o orientation) back(b box) box {
	if o.mirrored {
		b.x0, b.x1 = 1-b.x1, 1-b.x0
	}
	for range o.quarters {
		b = box{b.y0, 1 - b.x1, b.y1, 1 - b.x0}
	}
	return b
}

// degrees is by how many the picture was turned clockwise, after it was mirrored if it
// was, where it has to be held so to be upright.
func (o orientation) degrees() int { return 90 * ((4 - o.quarters) % 4) }

// handicap makes what is the same in two orientations be found in the more usual one.
func (o orientation) handicap() float64 {
	h := 1.
	if o.mirrored {
		h *= flipped
	}
	if o.quarters > 0 {
		h *= rolled
	}
	return h
}

// turned is the picture turned clockwise by a quarter.
func (r *raster) turned() *raster {
	out := newRaster(r.h, r.w)
	for k := range r.c {
		for y := range r.h {
			for x := range r.w {
				out.c[k][x*r.h+r.h-1-y] = r.c[k][y*r.w+x]
			}
		}
	}
	return out
}
