package resize

import (
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"testing"
)

func picture(w, h int, at func(x, y int) color.NRGBA) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.SetNRGBA(x, y, at(x, y))
		}
	}
	return m
}

func noise(w, h int, seed uint64) *image.NRGBA {
	r := rand.New(rand.NewPCG(seed, 1))
	return picture(w, h, func(int, int) color.NRGBA {
		v := r.Uint32()
		return color.NRGBA{uint8(v), uint8(v >> 8), uint8(v >> 16), uint8(v >> 24)}
	})
}

func square(t *testing.T, m *image.NRGBA, side int, fit Fit, ground *color.NRGBA) *image.NRGBA {
	t.Helper()
	out, err := Square(m, side, fit, ground)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// The same number must come out of every processor's math.Pow.
func TestTablesHaveMargin(t *testing.T) {
	for i := range 256 {
		v := 0xffff * light(float64(i))
		if d := math.Abs(v - math.Floor(v) - 0.5); d < 1e-6 {
			t.Errorf("level %d is %v", i, v)
		}
		v = 0xffff * light(float64(i)+0.5)
		if d := math.Abs(v - math.Round(v)); d < 1e-6 {
			t.Errorf("threshold %d is %v", i, v)
		}
	}
	for i := range 256 {
		if got := encoded()[linear()[i]]; int(got) != i {
			t.Errorf("level %d comes back as %d", i, got)
		}
	}
}

// A picture of the right size stays as it is, but for the colours of what
// cannot be seen.
func TestSameSize(t *testing.T) {
	m := noise(17, 17, 3)
	got := square(t, m, 17, Pad, nil)
	for i := 0; i < len(m.Pix); i += 4 {
		for c := range 4 {
			want := m.Pix[i+c]
			if m.Pix[i+3] == 0 {
				want = 0
			}
			if got.Pix[i+c] != want {
				t.Fatalf("pixel %d: %v became %v", i/4, m.Pix[i:i+4], got.Pix[i:i+4])
			}
		}
	}
}

// A chequerboard of black and white is half the light, which is level 188.
func TestLinearLight(t *testing.T) {
	m := picture(64, 64, func(x, y int) color.NRGBA {
		v := uint8((x + y) % 2 * 255)
		return color.NRGBA{v, v, v, 255}
	})
	for i, v := range square(t, m, 16, Pad, nil).Pix {
		if want := []uint8{188, 188, 188, 255}[i%4]; v != want {
			t.Fatalf("channel %d is %d", i, v)
		}
	}
}

// What is transparent has no colour to give.
func TestPremultiplied(t *testing.T) {
	m := picture(8, 8, func(x, y int) color.NRGBA {
		if x%2 == 0 {
			return color.NRGBA{200, 10, 60, 255}
		}
		return color.NRGBA{0, 255, 0, 0}
	})
	for i, v := range square(t, m, 4, Pad, nil).Pix {
		if want := []uint8{200, 10, 60, 128}[i%4]; v != want {
			t.Fatalf("channel %d is %d, want %d", i, v, want)
		}
	}
	// On white ground, half of the light is white's.
	got := square(t, m, 4, Pad, &color.NRGBA{255, 255, 255, 255})
	mean := func(level uint8) uint8 {
		l := (light(float64(level)) + 1) / 2
		return uint8(math.Round(255 * (1.055*math.Pow(l, 1/2.4) - 0.055)))
	}
	if c := got.NRGBAAt(1, 1); c != (color.NRGBA{mean(200), mean(10), mean(60), 255}) {
		t.Errorf("on white: %v", c)
	}
}

// Shrinking is compared with the mean computed in floating point.
func TestAreaIsTheMean(t *testing.T) {
	m := noise(37, 23, 9)
	const side = 8
	got := square(t, m, side, Cover, nil)
	left, n := (37-23)/2, 23
	for y := range side {
		for x := range side {
			var sum [4]float64
			for sy := range n {
				for sx := range n {
					part := overlap(sx, x, n, side) * overlap(sy, y, n, side)
					c := m.NRGBAAt(left+sx, sy)
					a := part * float64(c.A)
					for k, v := range []uint8{c.R, c.G, c.B} {
						sum[k] += a * light(float64(v))
					}
					sum[3] += a
				}
			}
			c := got.NRGBAAt(x, y)
			for k, v := range []uint8{c.R, c.G, c.B} {
				if d := math.Abs(light(float64(v))*sum[3] - sum[k]); d > 0.01*sum[3] {
					t.Errorf("(%d,%d) channel %d: %d, off by %v", x, y, k, v, d/sum[3])
				}
			}
			area := math.Pow(float64(n)/side, 2)
			if d := math.Abs(float64(c.A) - sum[3]/area); d > 0.6 {
				t.Errorf("(%d,%d) alpha %d, want %v", x, y, c.A, sum[3]/area)
			}
		}
	}
}

// overlap is how much of old pixel s lies in new pixel d.
func overlap(s, d, n, side int) float64 {
	ratio := float64(n) / float64(side)
	return math.Max(0, math.Min(float64(s+1), float64(d+1)*ratio)-math.Max(float64(s), float64(d)*ratio))
}

// Interpolation goes through ramps of light without a step, and keeps
// constant pictures.
func TestEnlarge(t *testing.T) {
	flat := square(t, picture(3, 3, func(int, int) color.NRGBA { return color.NRGBA{90, 5, 250, 77} }), 50, Pad, nil)
	for i, v := range flat.Pix {
		if want := []uint8{90, 5, 250, 77}[i%4]; v != want {
			t.Fatalf("channel %d is %d, want %d", i, v, want)
		}
	}
	for _, n := range []int{2, 3, 5, 64} {
		for m := 1; m <= n; m++ {
			for i, tp := range taps(m, n) {
				var sum int64
				for _, w := range tp.weights {
					sum += w
				}
				if sum != tp.sum || tp.from < 0 || tp.from+len(tp.weights) > m {
					t.Fatalf("%d of %d to %d: %+v", i, m, n, tp)
				}
			}
		}
	}
	// Far from the edges, the middle of gravity of a tap is the new pixel's
	// middle.
	for i, tp := range taps(20, 70) {
		middle := (float64(i)+0.5)*20/70 - 0.5
		if middle < 1 || middle > 18 {
			continue
		}
		var sum float64
		for k, w := range tp.weights {
			sum += float64(w) * float64(tp.from+k)
		}
		if d := math.Abs(sum/float64(tp.sum) - middle); d > 1.01/(2*steps) {
			t.Errorf("%d lies at %v, want %v", i, sum/float64(tp.sum), middle)
		}
	}
}

func TestFit(t *testing.T) {
	wide := picture(40, 10, func(x, _ int) color.NRGBA { return color.NRGBA{uint8(x), 0, 0, 255} })
	pad := square(t, wide, 20, Pad, nil)
	for y := range 20 {
		if got := pad.NRGBAAt(10, y).A; (got == 255) != (y >= 7 && y < 12) {
			t.Errorf("row %d has alpha %d", y, got)
		}
	}
	cover := square(t, wide, 10, Cover, nil)
	if got := cover.NRGBAAt(0, 0).R; got != 15 {
		t.Errorf("the middle begins at column 15, not %d", got)
	}
	line := square(t, picture(1000, 1, func(int, int) color.NRGBA { return color.NRGBA{9, 9, 9, 255} }), 10, Pad, nil)
	if line.NRGBAAt(5, 4).A != 255 && line.NRGBAAt(5, 5).A != 255 {
		t.Error("a thin line is gone")
	}
	// A view of a larger picture is what it shows.
	big := noise(50, 40, 5)
	view := big.SubImage(image.Rect(5, 7, 31, 33)).(*image.NRGBA)
	cut := picture(26, 26, func(x, y int) color.NRGBA { return big.NRGBAAt(5+x, 7+y) })
	a, b := square(t, view, 11, Pad, nil), square(t, cut, 11, Pad, nil)
	if string(a.Pix) != string(b.Pix) {
		t.Error("a view is scaled differently")
	}
	for _, bad := range []struct {
		m    *image.NRGBA
		side int
		fit  Fit
	}{{cut, 0, Pad}, {image.NewNRGBA(image.Rect(0, 0, 0, 4)), 8, Pad}, {cut, 8, "stretch"}} {
		if _, err := Square(bad.m, bad.side, bad.fit, nil); err == nil {
			t.Errorf("%v to %d, %s: no error", bad.m.Rect, bad.side, bad.fit)
		}
	}
}

func BenchmarkSquare(b *testing.B) {
	m := noise(256, 256, 1)
	for b.Loop() {
		if _, err := Square(m, 64, Pad, nil); err != nil {
			b.Fatal(err)
		}
	}
}
