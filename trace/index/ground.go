package index

// A training picture with transparent parts is described over white. A query may
// come over any ground, so a plain one is found at its border and made white.
const (
	plainShare = 0.35 // of the border that has one colour, to be a ground
	plainReach = 0.07 // that a channel may differ from it
)

// ground is the colour that most of the border has, and the share that has it.
func (r *raster) ground() (colour [3]float32, share float64) {
	var border [][3]float32
	add := func(x, y int) {
		border = append(border, [3]float32{r.c[0][y*r.w+x], r.c[1][y*r.w+x], r.c[2][y*r.w+x]})
	}
	for x := range r.w {
		add(x, 0)
		add(x, r.h-1)
	}
	for y := range r.h {
		add(0, y)
		add(r.w-1, y)
	}
	best := 0
	for i := 0; i < len(border); i += 3 {
		n := 0
		for _, c := range border {
			if apart(c, border[i]) <= plainReach {
				n++
			}
		}
		if n > best {
			best, colour = n, border[i]
		}
	}
	return colour, float64(best) / float64(len(border))
}

// apart is the largest difference of a channel.
func apart(a, b [3]float32) float32 {
	return max(max(a[0]-b[0], b[0]-a[0]), max(a[1]-b[1], b[1]-a[1]), max(a[2]-b[2], b[2]-a[2]))
}

func (r *raster) pixel(i int) [3]float32 { return [3]float32{r.c[0][i], r.c[1][i], r.c[2][i]} }

// outside marks what of the ground's colour is joined to the border.
func (r *raster) outside(colour [3]float32) []bool {
	out := make([]bool, r.w*r.h)
	var queue []int
	visit := func(x, y int) {
		if x < 0 || y < 0 || x >= r.w || y >= r.h {
			return
		}
		if i := y*r.w + x; !out[i] && apart(r.pixel(i), colour) <= plainReach {
			out[i] = true
			queue = append(queue, i)
		}
	}
	for x := range r.w {
		visit(x, 0)
		visit(x, r.h-1)
	}
	for y := range r.h {
		visit(0, y)
		visit(r.w-1, y)
	}
	for len(queue) > 0 {
		i := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		x, y := i%r.w, i/r.w
		visit(x-1, y)
		visit(x+1, y)
		visit(x, y-1)
		visit(x, y+1)
	}
	return out
}

// overWhite gives the picture with its ground made white: what of the ground's
// colour is joined to the border, and where that makes a difference, all of it,
// since a ground also shows through holes. It gives none if the picture has no
// plain ground, or a white one; colour is that of the ground.
func (r *raster) overWhite() (looks []*raster, colour [3]float32) {
	colour, share := r.ground()
	if share < plainShare || apart(colour, [3]float32{1, 1, 1}) <= plainReach {
		return nil, colour
	}
	joined := r.outside(colour)
	looks = append(looks, r.without(joined, colour))
	all, more := make([]bool, len(joined)), 0
	for i := range all {
		if all[i] = joined[i] || apart(r.pixel(i), colour) <= plainReach; all[i] && !joined[i] {
			more++
		}
	}
	if more*100 > len(all) {
		looks = append(looks, r.without(all, colour))
	}
	return looks, colour
}

// laid lays a picture over white on a ground of another colour: cover says for every
// pixel how much of its ground it hides.
func (r *raster) laid(cover []float32, colour [3]float32) *raster {
	out := newRaster(r.w, r.h)
	for k, g := range colour {
		for i, a := range cover {
			out.c[k][i] = min(max(r.c[k][i]-(white-g)*(1-a), 0), 1)
		}
	}
	return out
}

// without makes the ground white. Where it ends, pixels are mixtures: how much of
// them is ground is told by their neighbour further in.
func (r *raster) without(ground []bool, colour [3]float32) *raster {
	made := newRaster(r.w, r.h)
	for y := range r.h {
		for x := range r.w {
			i := y*r.w + x
			a := float32(1) // how much of the pixel is not ground
			if ground[i] {
				a = 0
			} else if inner, edge := r.inner(ground, x, y); edge {
				a = mixture(r.pixel(i), colour, r.pixel(inner))
			}
			for k := range 3 {
				made.c[k][i] = min(max(r.c[k][i]+(1-a)*(1-colour[k]), 0), 1)
			}
		}
	}
	return made
}

// inner gives the neighbour of a pixel that is furthest from the ground, if one
// of its neighbours is ground.
func (r *raster) inner(out []bool, x, y int) (at int, edge bool) {
	colour, found := [3]float32{}, false
	for j := max(y-1, 0); j <= min(y+1, r.h-1); j++ {
		for i := max(x-1, 0); i <= min(x+1, r.w-1); i++ {
			if k := j*r.w + i; out[k] {
				colour, found = r.pixel(k), true
			}
		}
	}
	if !found {
		return 0, false
	}
	at = y*r.w + x
	far := apart(r.pixel(at), colour)
	for j := max(y-1, 0); j <= min(y+1, r.h-1); j++ {
		for i := max(x-1, 0); i <= min(x+1, r.w-1); i++ {
			k := j*r.w + i
			if d := apart(r.pixel(k), colour); !out[k] && d > far {
				at, far = k, d
			}
		}
	}
	return at, true
}

// mixture is the share of the second colour in a mixture of two.
func mixture(mixed, first, second [3]float32) float32 {
	var along, length float32
	for k := range 3 {
		d := second[k] - first[k]
		along += (mixed[k] - first[k]) * d
		length += d * d
	}
	if length < 1e-4 {
		return 1
	}
	return min(max(along/length, 0), 1)
}

// content is the part of the picture that is not white ground, made square; the
// whole if there is little ground around.
func (r *raster) content() box {
	out := r.outside([3]float32{1, 1, 1})
	x0, y0, x1, y1 := r.w, r.h, 0, 0
	for i, ground := range out {
		if !ground {
			x, y := i%r.w, i/r.w
			x0, y0, x1, y1 = min(x0, x), min(y0, y), max(x1, x+1), max(y1, y+1)
		}
	}
	w, h := x1-x0, y1-y0
	const least = 8 // pixels
	if w < least || h < least || max(w, h)*max(w, h)*10 > r.w*r.h*7 {
		return whole
	}
	side := float64(max(w, h)) / 2
	cx, cy := float64(x0+x1)/2, float64(y0+y1)/2
	return box{(cx - side) / float64(r.w), (cy - side) / float64(r.h), (cx + side) / float64(r.w), (cy + side) / float64(r.h)}
}
