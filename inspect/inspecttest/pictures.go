package inspecttest

import (
	"image"
	"image/color"
	"math"
	"math/rand/v2"
)

// Picture is one of the suite's pictures.
type Picture struct {
	Name  string
	Image *image.NRGBA
}

// Pictures are what inspectors must bear: of all sizes and of nothing.
func Pictures() []Picture {
	list := []Picture{
		{"one pixel", filled(1, 1, color.NRGBA{200, 30, 30, 255})},
		{"one clear pixel", filled(1, 1, color.NRGBA{})},
		{"a row", noise(77, 1, false)},
		{"a column", noise(1, 77, false)},
		{"two by three", noise(2, 3, true)},
		{"seven", noise(7, 7, false)},
		{"clear", filled(64, 64, color.NRGBA{})},
		{"clear but coloured", filled(64, 64, color.NRGBA{255, 0, 255, 0})},
		{"flat", filled(64, 64, color.NRGBA{120, 130, 140, 255})},
		{"white", filled(64, 64, color.NRGBA{255, 255, 255, 255})},
		{"half clear", filled(64, 64, color.NRGBA{120, 130, 140, 128})},
		{"one speck", speck(64)},
		{"grey", grey(64)},
		{"noise", noise(64, 64, false)},
		{"noise with alpha", noise(64, 64, true)},
		{"alpha noise", alphaNoise(64)},
		{"face", face(64)},
		{"enlarged face", enlarged(face(64), 4)},
		{"odd face", face(61)},
		{"wide", wide(200, 20)},
		{"tall", wide(20, 200)},
		{"photograph", wide(512, 384)},
		{"large", wide(2000, 1500)},
	}
	return list
}

func filled(w, h int, c color.NRGBA) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for i := 0; i < len(m.Pix); i += 4 {
		copy(m.Pix[i:], []uint8{c.R, c.G, c.B, c.A})
	}
	return m
}

func noise(w, h int, alpha bool) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	r := rand.New(rand.NewPCG(1, uint64(w*h)))
	for i := range m.Pix {
		m.Pix[i] = uint8(r.Uint32())
		if i%4 == 3 && !alpha {
			m.Pix[i] = 255
		}
	}
	return m
}

func alphaNoise(side int) *image.NRGBA {
	m := noise(side, side, true)
	for i := range m.Pix {
		if i%4 < 3 {
			m.Pix[i] = 90
		}
	}
	return m
}

func speck(side int) *image.NRGBA {
	m := filled(side, side, color.NRGBA{})
	m.SetNRGBA(side/2, side/3, color.NRGBA{255, 255, 255, 255})
	return m
}

func grey(side int) *image.NRGBA {
	m := face(side)
	for i := 0; i < len(m.Pix); i += 4 {
		m.Pix[i], m.Pix[i+2] = m.Pix[i+1], m.Pix[i+1]
	}
	return m
}

// face is a shaded disc with eyes and a mouth on nothing, as emoji have.
func face(side int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, side, side))
	const n = 4 // samples a pixel on each axis
	for y := range side {
		for x := range side {
			var sum [3]float64
			hits := 0.
			for j := range n * n {
				u := 2*(float64(x)+(float64(j%n)+.5)/n)/float64(side) - 1
				v := 2*(float64(y)+(float64(j/n)+.5)/n)/float64(side) - 1
				if u*u+v*v > .81 {
					continue
				}
				hits++
				c := [3]float64{255 - 40*v, 205 - 50*v, 60 - 30*v}
				eye := math.Hypot((math.Abs(u)-.32)/.12, (v+.2)/.2)
				if r := math.Hypot(u, v-.05); eye < 1 || v > .2 && r > .45 && r < .57 {
					c = [3]float64{90, 50, 20}
				}
				for k := range sum {
					sum[k] += c[k]
				}
			}
			if hits == 0 {
				continue
			}
			m.SetNRGBA(x, y, color.NRGBA{level(sum[0] / hits), level(sum[1] / hits), level(sum[2] / hits), uint8(255 * hits / (n * n))})
		}
	}
	return m
}

func level(v float64) uint8 { return uint8(max(0, min(v, 255))) }

func enlarged(m *image.NRGBA, k int) *image.NRGBA {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	out := image.NewNRGBA(image.Rect(0, 0, w*k, h*k))
	for y := range h * k {
		for x := range w * k {
			out.SetNRGBA(x, y, m.NRGBAAt(x/k, y/k))
		}
	}
	return out
}

// wide is an opaque scene: a sky, hills with some grain, and a round thing.
func wide(w, h int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	r := rand.New(rand.NewPCG(2, uint64(w*h)))
	for y := range h {
		for x := range w {
			u, v := float64(x)/float64(w), float64(y)/float64(h)
			grain := 6 * (r.Float64() - .5)
			c := [3]float64{120 + 60*v + grain, 160 + 50*v + grain, 230 - 20*v + grain}
			if v > .6+.1*math.Sin(9*u) {
				g := 30*math.Sin(80*u)*math.Sin(60*v) + grain
				c = [3]float64{70 + g, 120 + g - 40*v, 50 + g}
			}
			if math.Hypot((u-.7)*float64(w), (v-.35)*float64(h)) < .15*float64(min(w, h)) {
				c = [3]float64{230 - 90*v + grain, 80 + grain, 60 + grain}
			}
			m.SetNRGBA(x, y, color.NRGBA{level(c[0]), level(c[1]), level(c[2]), 255})
		}
	}
	return m
}
