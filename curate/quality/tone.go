package quality

import (
	"image"
	"math"
)

// histogram returns the entropy of the luma's levels in bits, their mean and
// their standard deviation.
func (p *plane) histogram() (entropy, mean, deviation float64) {
	var counts [256]int64
	for _, v := range p.luma {
		counts[v]++
	}
	n := float64(len(p.luma))
	var sum, squares int64
	for v, c := range counts {
		sum += int64(v) * c
		squares += int64(v) * int64(v) * c
		if c > 0 {
			share := float64(c) / n
			entropy -= float64(share * math.Log2(share))
		}
	}
	mean = float64(sum) / n
	return entropy, mean, math.Sqrt(max(float64(squares)/n-float64(mean*mean), 0))
}

// colourfulness is M = sigma + 0.3 mu of the opponent colours R-G and
// (R+G)/2-B (Hasler and Suesstrunk, equation 3).
func colourfulness(m *image.NRGBA) float64 {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	var a, b moments // R-G, and twice the yellow-blue value
	for y := range h {
		for row := m.Pix[y*m.Stride:][:4*w]; len(row) > 0; row = row[4:] {
			r, g, bl := onWhite(row)
			a.add(int64(r) - int64(g))
			b.add(int64(r) + int64(g) - 2*int64(bl))
		}
	}
	n := float64(w) * float64(h)
	va, ma := a.of(n)
	vb, mb := b.of(n)
	vb, mb = vb/4, mb/2
	return math.Sqrt(va+vb) + float64(0.3*math.Sqrt(float64(ma*ma)+float64(mb*mb)))
}

type moments struct{ sum, squares int64 }

func (m *moments) add(v int64) { m.sum += v; m.squares += v * v }

func (m *moments) of(n float64) (variance, mean float64) {
	mean = float64(m.sum) / n
	return max(float64(m.squares)/n-float64(mean*mean), 0), mean
}

// flatness is how far a channel may be from the border's colour.
const flatness = 6

// border counts, from each side, the lines in which all pixels have nearly the
// colour of the picture's corner on that side.
func border(m *image.NRGBA) Border {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	at := func(x, y int) []uint8 { return m.Pix[y*m.Stride+4*x:][:4] }
	like := func(a, b []uint8) bool {
		if a[3] == 0 && b[3] == 0 {
			return true
		}
		for k := range 4 {
			if d := int(a[k]) - int(b[k]); d > flatness || d < -flatness {
				return false
			}
		}
		return true
	}
	lines := func(count, length int, pixel func(line, i int) []uint8) float64 {
		first := pixel(0, 0)
		for line := range count {
			for i := range length {
				if !like(pixel(line, i), first) {
					return float64(line) / float64(count)
				}
			}
		}
		return 1
	}
	return Border{
		Top:    lines(h, w, func(l, i int) []uint8 { return at(i, l) }),
		Right:  lines(w, h, func(l, i int) []uint8 { return at(w-1-l, i) }),
		Bottom: lines(h, w, func(l, i int) []uint8 { return at(i, h-1-l) }),
		Left:   lines(w, h, func(l, i int) []uint8 { return at(l, i) }),
	}
}
