package index

import (
	"image"
	"math"
)

// raster is an opaque picture: red, green and blue from 0 to 1, rows from the
// top.
type raster struct {
	w, h int
	c    [3][]float32
}

func newRaster(w, h int) *raster {
	r := &raster{w: w, h: h}
	for k := range r.c {
		r.c[k] = make([]float32, w*h)
	}
	return r
}

// working is the longest side of a query that is looked at: twice what a thumb
// has of the whole, four times of a half.
const working = 128

// Grounds of grey on which pictures are laid.
const (
	white = float32(1)
	grey  = float32(0.5) // as in package copying
	black = float32(0)
)

// onGround lays a picture over a ground of grey and shrinks it to at most side
// pixels a side, each the mean of what it covers.
func onGround(m *image.NRGBA, side int, ground float32) *raster {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	longest := max(w, h)
	tw, th := w, h
	if longest > side {
		tw, th = max(1, (w*side+longest/2)/longest), max(1, (h*side+longest/2)/longest)
	}
	out := newRaster(tw, th)
	across, down := shares(w, tw), shares(h, th)
	sums := make([]float32, 3*tw)
	for y, part := range down {
		clear(sums)
		for sy := part.from; sy < part.to; sy++ {
			addRow(sums, m.Pix[m.PixOffset(m.Rect.Min.X, m.Rect.Min.Y+sy):], across, part.weight(sy), ground)
		}
		for x := range tw {
			for k := range 3 {
				out.c[k][y*tw+x] = min(max(sums[3*x+k], 0), 1)
			}
		}
	}
	return out
}

// addRow adds a row of straight-alpha pixels over a ground to the sums.
func addRow(sums []float32, row []uint8, across []share, weight, ground float32) {
	for x, part := range across {
		var r, g, b float32
		for sx := part.from; sx < part.to; sx++ {
			p := row[4*sx : 4*sx+4 : 4*sx+4]
			a := float32(p[3]) / 255
			v := part.weight(sx)
			r += v * (ground + a*(float32(p[0])/255-ground))
			g += v * (ground + a*(float32(p[1])/255-ground))
			b += v * (ground + a*(float32(p[2])/255-ground))
		}
		sums[3*x] += weight * r
		sums[3*x+1] += weight * g
		sums[3*x+2] += weight * b
	}
}

// over gives what the picture over white covers of its ground, 0 to 1, in all three
// channels: dark is the same over black.
func (r *raster) over(dark *raster) *raster {
	out := newRaster(r.w, r.h)
	for i := range out.c[0] {
		a := 1 - (r.c[1][i]-dark.c[1][i])/(white-black)
		for k := range out.c {
			out.c[k][i] = a
		}
	}
	return out
}

// share is the run of old pixels that a new one covers, with the weights of the
// ends and of those between, which add up to 1.
type share struct {
	from, to            int
	first, last, middle float32
}

func (s share) weight(i int) float32 {
	switch i {
	case s.from:
		return s.first
	case s.to - 1:
		return s.last
	}
	return s.middle
}

func shares(n, to int) []share {
	out := make([]share, to)
	step := float64(n) / float64(to)
	for i := range out {
		a, b := float64(i)*step, float64(i+1)*step
		s := share{from: int(a), to: min(int(math.Ceil(b-1e-9)), n), middle: float32(1 / step)}
		if s.first = float32((float64(s.from+1) - a) / step); s.to-s.from == 1 {
			s.first = 1
		}
		s.last = float32((b - float64(s.to-1)) / step)
		if s.to-s.from == 1 {
			s.last = 1
		}
		out[i] = s
	}
	return out
}

// box is a part of a picture in shares of its width and height.
type box struct{ x0, y0, x1, y1 float64 }

var whole = box{0, 0, 1, 1}

// within is the part that b is of a, where b is said in shares of a.
func (a box) within(b box) box {
	w, h := a.x1-a.x0, a.y1-a.y0
	return box{a.x0 + w*b.x0, a.y0 + h*b.y0, a.x0 + w*b.x1, a.y0 + h*b.y1}
}

// taps are the old pixels that make a new one along an axis, with their weights.
type taps struct {
	from   int
	weight []float32
}

// along looks at n old pixels from a to b, in shares of them, as side new ones:
// each the mean of as many bilinear samples as it covers old pixels. Beyond the
// edge is what lies at the edge.
func along(n int, a, b float64, side int) []taps {
	out := make([]taps, side)
	extent := (b - a) * float64(n)
	samples := max(1, int(math.Ceil(extent/float64(side)-1e-6)))
	reach := samples + 3
	store := make([]float32, side*reach)
	for i := range out {
		t := taps{from: -1, weight: store[i*reach : (i+1)*reach]}
		for s := range samples {
			x := a*float64(n) + (float64(i*samples+s)+.5)*extent/float64(side*samples) - .5
			x = min(max(x, 0), float64(n-1))
			low := int(x)
			share := float32(x - float64(low))
			if t.from < 0 {
				t.from = low
			}
			k := min(low-t.from, reach-2)
			t.weight[k] += (1 - share) / float32(samples)
			if share > 0 {
				t.weight[k+1] += share / float32(samples)
			}
		}
		t.weight = t.weight[:min(reach, n-t.from)]
		out[i] = t
	}
	return out
}

// cut looks at a part of the picture as side×side pixels.
func (r *raster) cut(b box, side int) *raster {
	across, down := along(r.w, b.x0, b.x1, side), along(r.h, b.y0, b.y1, side)
	first, last := r.h, 0
	for _, t := range down {
		first, last = min(first, t.from), max(last, t.from+len(t.weight))
	}
	out := newRaster(side, side)
	rows := make([]float32, (last-first)*side)
	for k := range out.c {
		for y := first; y < last; y++ {
			from, to := r.c[k][y*r.w:(y+1)*r.w], rows[(y-first)*side:][:side]
			for x, t := range across {
				sum := float32(0)
				for i, v := range from[t.from:][:len(t.weight)] {
					sum += t.weight[i] * v
				}
				to[x] = sum
			}
		}
		for y, t := range down {
			to := out.c[k][y*side:][:side]
			for i, weight := range t.weight {
				if weight == 0 {
					continue
				}
				from := rows[(t.from+i-first)*side:][:side]
				for x, v := range from {
					to[x] += weight * v
				}
			}
		}
	}
	return out
}

// mirrored is the picture with left and right exchanged.
func (r *raster) mirrored() *raster {
	out := newRaster(r.w, r.h)
	for k := range r.c {
		for y := range r.h {
			for x := range r.w {
				out.c[k][y*r.w+x] = r.c[k][y*r.w+r.w-1-x]
			}
		}
	}
	return out
}

// opposed turns red, green and blue into luma and two differences of colour
// (Rec. 601, full range).
func (r *raster) opposed() *raster {
	out := newRaster(r.w, r.h)
	for i := range r.c[0] {
		y := .299*r.c[0][i] + .587*r.c[1][i] + .114*r.c[2][i]
		out.c[0][i] = y
		out.c[1][i] = (r.c[2][i] - y) / 1.772
		out.c[2][i] = (r.c[0][i] - y) / 1.402
	}
	return out
}

// colours is the way back.
func (r *raster) colours() *raster {
	out := newRaster(r.w, r.h)
	for i := range r.c[0] {
		y, b, d := r.c[0][i], r.c[1][i], r.c[2][i]
		red, blue := y+1.402*d, y+1.772*b
		out.c[0][i] = min(max(red, 0), 1)
		out.c[2][i] = min(max(blue, 0), 1)
		out.c[1][i] = min(max((y-.299*red-.114*blue)/.587, 0), 1)
	}
	return out
}
