package plane

import "math"

// Half is the plane at half its size, rounded up: blurred by 1 4 6 4 1 over 16
// and every second value taken (Burt and Adelson, 1983).
func Half(p *Plane) *Plane {
	b := Convolve(p, []float32{6. / 16, 4. / 16, 1. / 16})
	out := New((p.W+1)/2, (p.H+1)/2)
	for y := range out.H {
		for x := range out.W {
			out.V[y*out.W+x] = b.V[2*y*p.W+2*x]
		}
	}
	return out
}

// Pyramid is the plane and its halves, at most levels in all and none with a side
// below 4 but the first.
func Pyramid(p *Plane, levels int) []*Plane {
	out := []*Plane{p}
	for len(out) < levels && (min(p.W, p.H)+1)/2 >= 4 {
		p = Half(p)
		out = append(out, p)
	}
	return out
}

// Resize resamples to w×h, each axis apart: shrunk, a value is the mean of the
// area that it covers; enlarged, it is interpolated linearly.
func Resize(p *Plane, w, h int) *Plane {
	across := New(w, p.H)
	tx := taps(p.W, w)
	for y := range p.H {
		for x, t := range tx {
			sum := float32(0)
			for i, k := range t.weight {
				sum += k * p.V[y*p.W+t.from+i]
			}
			across.V[y*w+x] = sum
		}
	}
	out := New(w, h)
	for y, t := range taps(p.H, h) {
		for x := range w {
			sum := float32(0)
			for i, k := range t.weight {
				sum += k * across.V[(t.from+i)*w+x]
			}
			out.V[y*w+x] = sum
		}
	}
	return out
}

type tap struct {
	from   int
	weight []float32
}

func taps(n, to int) []tap {
	out := make([]tap, to)
	ratio := float64(n) / float64(to)
	for i := range out {
		if to >= n {
			at := max(0, min((float64(i)+.5)*ratio-.5, float64(n-1)))
			from := min(int(at), max(n-2, 0))
			f := float32(at - float64(from))
			out[i] = tap{from, []float32{1 - f, f}}
			if n == 1 {
				out[i] = tap{0, []float32{1}}
			}
			continue
		}
		begin, end := float64(i)*ratio, float64(i+1)*ratio
		from, until := int(begin), min(int(math.Ceil(end-1e-9)), n)
		t := tap{from: from}
		for j := from; j < until; j++ {
			part := min(end, float64(j+1)) - max(begin, float64(j))
			t.weight = append(t.weight, float32(part/ratio))
		}
		out[i] = t
	}
	return out
}
