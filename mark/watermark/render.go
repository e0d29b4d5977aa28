package watermark

import (
	"image"
	"math"
)

// spread is the field of brightness that lattice values make over pixels, by
// cubic convolution (Keys, "Cubic convolution interpolation for digital image
// processing", 1981).
type spread struct {
	nx, ny int
	x, y   []taps // of each column and row of pixels
}

// taps are four neighbouring units and their weights.
type taps struct {
	unit   [4]int
	weight [4]float64
}

func newSpread(w, h, nx, ny int, unit float64) *spread {
	return &spread{nx, ny, tapsOf(w, nx, unit), tapsOf(h, ny, unit)}
}

func tapsOf(pixels, n int, unit float64) []taps {
	all := make([]taps, pixels)
	for i := range all {
		at := (float64(i)+0.5)/unit - 0.5
		first := math.Floor(at)
		t := at - first
		t2 := float64(t * t)
		t3 := float64(t2 * t)
		all[i].weight = [4]float64{
			float64(-0.5*t3) + t2 - float64(0.5*t),
			float64(1.5*t3) - float64(2.5*t2) + 1,
			float64(-1.5*t3) + float64(2*t2) + float64(0.5*t),
			float64(0.5*t3) - float64(0.5*t2),
		}
		for k := range 4 {
			all[i].unit[k] = min(max(int(first)-1+k, 0), n-1)
		}
	}
	return all
}

// row writes the field along row j of the pixels.
func (s *spread) row(dst []float64, v []float64, j int, scratch []float64) {
	t := &s.y[j]
	clear(scratch)
	for k, u := range t.unit {
		w := t.weight[k]
		for i, a := range v[u*s.nx : (u+1)*s.nx] {
			scratch[i] += float64(w * a)
		}
	}
	for i := range dst {
		t := &s.x[i]
		dst[i] = float64(t.weight[0]*scratch[t.unit[0]]) + float64(t.weight[1]*scratch[t.unit[1]]) +
			float64(t.weight[2]*scratch[t.unit[2]]) + float64(t.weight[3]*scratch[t.unit[3]])
	}
}

// render adds the field to the colours of m where it is visible; alpha and
// what is fully transparent stay.
func render(m *image.NRGBA, s *spread, v []float64) *image.NRGBA {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	out := image.NewNRGBA(image.Rect(0, 0, w, h))
	line, scratch := make([]float64, w), make([]float64, s.nx)
	for y := range h {
		s.row(line, v, y, scratch)
		src, dst := m.Pix[y*m.Stride:], out.Pix[y*out.Stride:]
		for x, d := range line {
			p, q := src[4*x:4*x+4], dst[4*x:4*x+4]
			copy(q, p)
			if p[3] == 0 {
				continue
			}
			add := int(math.Floor(d + 0.5))
			for k := range 3 {
				q[k] = uint8(min(max(int(p[k])+add, 0), 255))
			}
		}
	}
	return out
}
