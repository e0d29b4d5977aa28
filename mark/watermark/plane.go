package watermark

import (
	"image"
	"math"
)

// plane is luma in 1/256 grey levels.
type plane struct {
	w, h int
	y    []int32
}

const level = 256

// lumaOf is BT.601 luma of a colour in 1/256 levels.
func lumaOf(p []uint8) int32 {
	return 77*int32(p[0]) + 150*int32(p[1]) + 29*int32(p[2])
}

// meanGround asks for the mean luma of what is visible as the ground.
const meanGround = -1

// luma is the luma of m laid over a ground of one luma, 0 to 255·256, or over
// the mean of what is visible: then silhouettes make the faintest edges.
func luma(m *image.NRGBA, ground int32) plane {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	p := plane{w, h, make([]int32, w*h)}
	if ground == meanGround {
		var sum, weight int64
		for y := range h {
			row := m.Pix[y*m.Stride:]
			for x := range w {
				a := int64(row[4*x+3])
				sum += a * int64(lumaOf(row[4*x:]))
				weight += a
			}
		}
		ground = 0
		if weight > 0 {
			ground = int32(sum / weight)
		}
	}
	for y := range h {
		row, out := m.Pix[y*m.Stride:], p.y[y*w:(y+1)*w]
		for x := range out {
			v, a := lumaOf(row[4*x:]), int32(row[4*x+3])
			if a < 255 {
				v = (v*a + ground*(255-a) + 127) / 255
			}
			out[x] = v
		}
	}
	return p
}

// table holds the sums of a plane above and left of each corner of its pixels
// (Crow, "Summed-area tables for texture mapping", 1984), so that the mean of a
// rectangle with any real corners costs the same.
type table struct {
	w, h int     // of the finer plane
	fine float64 // its pixels a pixel of the picture
	sum  []int64 // (h+1)×(w+1)
}

// Planes are first made finer, so that units are many pixels: what a smaller
// copy of a picture lacks are then its fine details alone.
func newTable(p plane) *table {
	k := finer(p.w, p.h)
	if k > 1 {
		p = p.grown(k)
	}
	t := &table{p.w, p.h, float64(k), make([]int64, (p.w+1)*(p.h+1))}
	for y := range p.h {
		above, here := t.sum[y*(p.w+1):], t.sum[(y+1)*(p.w+1):]
		var row int64
		for x, v := range p.y[y*p.w : (y+1)*p.w] {
			row += int64(v)
			here[x+1] = above[x+1] + row
		}
	}
	return t
}

// fineSide is the longer side that planes are brought to at least.
const fineSide = 160

// finer is how many times finer a plane is made.
func finer(w, h int) int {
	return (fineSide + max(w, h) - 1) / max(w, h)
}

// grown is the plane k times larger, by cubic convolution.
func (p plane) grown(k int) plane {
	out := plane{k * p.w, k * p.h, make([]int32, k*k*p.w*p.h)}
	s := newSpread(out.w, out.h, p.w, p.h, float64(k))
	v := make([]float64, len(p.y))
	for i, y := range p.y {
		v[i] = float64(y)
	}
	line, scratch := make([]float64, out.w), make([]float64, p.w)
	for j := range out.h {
		s.row(line, v, j, scratch)
		for i, y := range line {
			out.y[j*out.w+i] = int32(math.Floor(y + 0.5))
		}
	}
	return out
}

// at is the sum above and left of the point (x, y), which is moved into the
// plane. Products are rounded before they are added, here and below, so that
// no machine fuses them: all give the same bits.
func (t *table) at(x, y float64) float64 {
	x, y = min(max(float64(x*t.fine), 0), float64(t.w)), min(max(float64(y*t.fine), 0), float64(t.h))
	i, j := min(int(x), t.w-1), min(int(y), t.h-1)
	fx, fy := x-float64(i), y-float64(j)
	s := t.sum[j*(t.w+1)+i:]
	r := t.sum[(j+1)*(t.w+1)+i:]
	a, b := float64(s[0]), float64(r[0])
	a += float64(fx * float64(s[1]-s[0]))
	b += float64(fx * float64(r[1]-r[0]))
	return a + float64(fy*(b-a))
}

// reduced is m made smaller by a whole factor until its longer side is at most
// most pixels; m itself if it is small enough.
func reduced(m *image.NRGBA, most int) *image.NRGBA {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	f := (max(w, h) + most - 1) / most
	if f <= 1 {
		return m
	}
	out := image.NewNRGBA(image.Rect(0, 0, max(1, w/f), max(1, h/f)))
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			var sum [4]uint64
			for j := y * f; j < min(h, (y+1)*f); j++ {
				for i := x * f; i < min(w, (x+1)*f); i++ {
					p := m.Pix[j*m.Stride+4*i:]
					a := uint64(p[3])
					sum[0] += a * uint64(p[0])
					sum[1] += a * uint64(p[1])
					sum[2] += a * uint64(p[2])
					sum[3] += a
				}
			}
			n := uint64(min(f, w-x*f) * min(f, h-y*f))
			q := out.Pix[y*out.Stride+4*x:]
			if sum[3] > 0 {
				for k := range 3 {
					q[k] = uint8((sum[k] + sum[3]/2) / sum[3])
				}
			}
			q[3] = uint8((sum[3] + n/2) / n)
		}
	}
	return out
}

// alpha is the opacity of m as a plane.
func alpha(m *image.NRGBA) plane {
	p := plane{m.Rect.Dx(), m.Rect.Dy(), make([]int32, m.Rect.Dx()*m.Rect.Dy())}
	for y := range p.h {
		for x := range p.w {
			p.y[y*p.w+x] = level * int32(m.Pix[y*m.Stride+4*x+3])
		}
	}
	return p
}
