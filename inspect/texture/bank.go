package texture

import (
	"image"
	"math"

	"github.com/limner-ai/limner/inspect/plane"
	"github.com/limner-ai/limner/inspect/segment"
)

// field is what is measured around each pixel of a picture.
type field struct {
	w, h  int
	seen  *plane.Plane         // alpha
	masks map[int]*plane.Plane // alpha pooled, by radius
	local []*plane.Plane       // of each local measure
	// whole are measures of the picture as a whole.
	whole []float64
}

// Windows are boxes laid over each other twice, by their radius: a deviation of 2,
// of 2.8 and of 5.3 pixels.
const (
	pool  = 2 // that energies are summed over
	tuned = 3 // that traces are
	about = 6 // a cell's surroundings
)

const faint = 1e-6

// pooled is the mean over windows of what is seen.
func (f *field) pooled(p *plane.Plane, radius int) *plane.Plane {
	if f.masks[radius] == nil {
		f.masks[radius] = window(f.seen, radius)
	}
	return mean(p, f.seen, f.masks[radius], radius)
}

// mean is the mean of p over windows weighed by a mask, of which the windows'
// own means are given; 0 where it shows nothing.
func mean(p, mask, all *plane.Plane, radius int) *plane.Plane {
	sum := window(plane.Join(p, mask, func(v, m float32) float32 { return v * m }), radius)
	return plane.Join(sum, all, func(v, m float32) float32 {
		if m < 1e-4 {
			return 0
		}
		return v / m
	})
}

func window(p *plane.Plane, radius int) *plane.Plane { return plane.Box(plane.Box(p, radius), radius) }

// measured fills a bank of filters' responses in. Energies are logarithms.
func measured(m *image.NRGBA) *field {
	ground := plane.Own(m)
	rgb := plane.Levels(m, ground)
	f := &field{w: m.Rect.Dx(), h: m.Rect.Dy(), seen: plane.Alpha(m), masks: map[int]*plane.Plane{}}
	luma := plane.Luma(m, ground)
	blue := plane.Join(rgb[2], luma, func(b, y float32) float32 { return .564 * (b - y) })
	red := plane.Join(rgb[0], luma, func(r, y float32) float32 { return .713 * (r - y) })

	f.gradients(luma, blue, red)
	fine := plane.Join(luma, plane.Gaussian(luma, .8), func(a, b float32) float32 { return a - b })
	f.peaks(fine)
	f.traces(fine)
	f.patterns(luma)
	f.borders(rgb, luma, blue, red)
	f.pooled(f.seen, pool)
	f.add(f.masks[pool])
	f.wholes(fine)
	return f
}

func (f *field) add(p *plane.Plane) { f.local = append(f.local, p) }

// energy adds the logarithm of the pooled mean of what is seen.
func (f *field) energy(p *plane.Plane) {
	f.add(f.pooled(p, pool).Map(func(v float32) float32 {
		return float32(math.Log(faint + float64(max(v, 0))))
	}))
}

func square(v float32) float32 { return v * v }

// gradients are energies of first and second derivatives of Gaussians at three
// scales, of luma and of the colour differences, how far one orientation rules
// (the structure tensor's coherence), and how luma and colour go together.
func (f *field) gradients(luma, blue, red *plane.Plane) {
	for _, sigma := range []float64{.6, 1.2, 2.4} {
		smooth := plane.Gaussian(luma, sigma)
		gx, gy := plane.Gradient(smooth)
		xx, yy := gx.Map(square), gy.Map(square)
		f.energy(plane.Join(xx, yy, func(a, b float32) float32 { return a + b }))
		bend := plane.New(f.w, f.h)
		for y := range f.h {
			for x := range f.w {
				bend.V[y*f.w+x] = square(smooth.At(x-1, y) + smooth.At(x+1, y) + smooth.At(x, y-1) + smooth.At(x, y+1) - 4*smooth.At(x, y))
			}
		}
		f.energy(bend)
		if sigma > 2 {
			continue
		}
		sx, sy := f.pooled(xx, pool), f.pooled(yy, pool)
		sxy := f.pooled(plane.Join(gx, gy, func(a, b float32) float32 { return a * b }), pool)
		coherence := plane.New(f.w, f.h)
		for i := range coherence.V {
			a, b, c := float64(sx.V[i]), float64(sy.V[i]), float64(sxy.V[i])
			coherence.V[i] = float32(math.Sqrt((a-b)*(a-b)+4*c*c) / (a + b + faint))
		}
		f.add(coherence)

		colour, along := plane.New(f.w, f.h), plane.New(f.w, f.h)
		for _, p := range []*plane.Plane{blue, red} {
			cx, cy := plane.Gradient(plane.Gaussian(p, sigma))
			for i := range colour.V {
				colour.V[i] += square(cx.V[i]) + square(cy.V[i])
				along.V[i] += float32(math.Abs(float64(cx.V[i]*gx.V[i] + cy.V[i]*gy.V[i])))
			}
		}
		f.energy(colour)
		f.energy(along)
	}
}

// peaks are the finest energy and how it is spread: few strong places or many
// weak ones.
func (f *field) peaks(fine *plane.Plane) {
	two := fine.Map(square)
	f.energy(two)
	mean := f.pooled(two, pool)
	four := f.pooled(two.Map(square), pool)
	f.add(plane.Join(mean, four, func(m, q float32) float32 {
		return float32(math.Log((float64(q) + faint*faint) / (float64(m)*float64(m) + faint*faint)))
	}))
	f.energy(plane.Largest(two, 2))
}

// waves are the frequencies, in radians a pixel, at which upsampling by factors
// of two leaves traces: periods of 2, 4 and 8 pixels (Odena and others,
// "Deconvolution and Checkerboard Artifacts", 2016).
var waves = [][2]float64{
	{math.Pi, math.Pi}, {math.Pi, 0}, {0, math.Pi},
	{math.Pi / 2, 0}, {0, math.Pi / 2}, {math.Pi / 2, math.Pi / 2},
	{math.Pi / 4, 0}, {0, math.Pi / 4},
}

// traces are the pooled energies at the waves: the windowed Fourier transform.
func (f *field) traces(fine *plane.Plane) {
	for _, wave := range waves {
		even, odd := plane.New(f.w, f.h), plane.New(f.w, f.h)
		for i, v := range fine.V {
			sin, cos := math.Sincos(wave[0]*float64(i%f.w) + wave[1]*float64(i/f.w))
			even.V[i], odd.V[i] = v*float32(cos), v*float32(sin)
		}
		even, odd = f.pooled(even, tuned), f.pooled(odd, tuned)
		f.add(plane.Join(even, odd, func(a, b float32) float32 {
			return float32(math.Log(faint + float64(a*a+b*b)))
		}))
	}
}

// patterns are the shares of local binary patterns that are flat, and that have
// more than two changes around (Ojala, Pietikäinen and Mäenpää, 2002).
func (f *field) patterns(luma *plane.Plane) {
	around := [8][2]int{{1, 0}, {1, 1}, {0, 1}, {-1, 1}, {-1, 0}, {-1, -1}, {0, -1}, {1, -1}}
	const step = .012
	flat, rough := plane.New(f.w, f.h), plane.New(f.w, f.h)
	for y := range f.h {
		for x := range f.w {
			var above, below [8]bool
			v, any := luma.At(x, y), false
			for k, d := range around {
				n := luma.At(x+d[0], y+d[1])
				above[k], below[k] = n > v+step, n < v-step
				any = any || above[k] || below[k]
			}
			changes := 0
			for k := range around {
				if above[k] != above[(k+1)%8] {
					changes++
				}
				if below[k] != below[(k+1)%8] {
					changes++
				}
			}
			if !any {
				flat.V[y*f.w+x] = 1
			}
			if changes > 4 {
				rough.V[y*f.w+x] = 1
			}
		}
	}
	f.add(f.pooled(flat, pool))
	f.add(f.pooled(rough, pool))
}

// borders are, between regions of about one colour, how many there are, how
// sharp, and how much goes on beside them.
func (f *field) borders(rgb [3]*plane.Plane, luma, blue, red *plane.Plane) {
	seg := segment.Graph(append(rgb[:], f.seen), .35, 12)
	line := plane.New(f.w, f.h)
	for y := range f.h {
		for x := range f.w {
			i := y*f.w + x
			if x+1 < f.w && seg.Label[i] != seg.Label[i+1] || y+1 < f.h && seg.Label[i] != seg.Label[i+f.w] {
				line.V[i] = 1
			}
		}
	}
	steep, wide := plane.New(f.w, f.h), plane.New(f.w, f.h)
	for _, p := range []*plane.Plane{luma, blue, red} {
		gx, gy := plane.Gradient(p)
		hx, hy := plane.Gradient(plane.Gaussian(p, 1.8))
		for i := range steep.V {
			steep.V[i] += square(gx.V[i]) + square(gy.V[i])
			wide.V[i] += square(hx.V[i]) + square(hy.V[i])
		}
	}
	both := func(p, q *plane.Plane) *plane.Plane {
		return plane.Join(p, q, func(a, b float32) float32 { return a * b })
	}
	within := func(p, mask *plane.Plane) *plane.Plane { return mean(p, mask, window(mask, pool), pool) }
	near := plane.Largest(line, 1)
	beside := near.Map(func(v float32) float32 { return 1 - v })
	f.add(f.pooled(line, pool))
	for _, p := range []*plane.Plane{
		within(steep, both(line, f.seen)), within(wide, both(line, f.seen)), within(steep, both(beside, f.seen)),
	} {
		f.add(p.Map(func(v float32) float32 { return float32(math.Log(faint + float64(v))) }))
	}
}

// wholes are, of the whole picture, the Fourier power at the waves beside that of
// the frequencies near by: peaks that nothing but a grid makes.
func (f *field) wholes(fine *plane.Plane) {
	power := func(u, v float64) float64 {
		var re, im float64
		column := make([]complex128, f.w)
		for x := range column {
			sin, cos := math.Sincos(u * float64(x))
			column[x] = complex(cos, sin)
		}
		for y := range f.h {
			var row complex128
			for x, c := range column {
				row += complex(float64(fine.V[y*f.w+x]*f.seen.V[y*f.w+x]), 0) * c
			}
			sin, cos := math.Sincos(v * float64(y))
			row *= complex(cos, sin)
			re += real(row)
			im += imag(row)
		}
		return re*re + im*im
	}
	du, dv := 4*math.Pi/float64(f.w), 4*math.Pi/float64(f.h)
	for _, wave := range waves {
		around := 0.
		for _, d := range [][2]float64{{-1, 0}, {1, 0}, {0, -1}, {0, 1}, {-1, -1}, {1, -1}, {-1, 1}, {1, 1}} {
			around += power(wave[0]+d[0]*du, wave[1]+d[1]*dv) / 8
		}
		quiet := 1e-4 * float64(f.w*f.h)
		f.whole = append(f.whole, math.Log((power(wave[0], wave[1])+quiet)/(around+quiet)))
	}
}
