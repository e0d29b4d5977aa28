package quality

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math"
	"math/rand/v2"
	"testing"

	"codeberg.org/go-fonts/liberation/liberationsansbold"
	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// painted is w×h pixels of a colour each.
func painted(w, h int, colour func(x, y int) color.NRGBA) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.SetNRGBA(x, y, colour(x, y))
		}
	}
	return m
}

func grey(v int) color.NRGBA { return color.NRGBA{uint8(v), uint8(v), uint8(v), 255} }

// edge is black left and white right, with a ramp of n levels between.
func edge(w, h, n int) *image.NRGBA {
	return painted(w, h, func(x, y int) color.NRGBA { return grey(min(max((x-w/2+1)*255/(n+1), 0), 255)) })
}

func near(a, b, by float64) bool { return math.Abs(a-b) <= by }

func TestFlat(t *testing.T) {
	got := Measure(painted(40, 30, func(x, y int) color.NRGBA { return grey(77) }))
	want := Measures{Width: 40, Height: 30, Coverage: 1, Brightness: 77, Border: Border{1, 1, 1, 1}}
	if got != want {
		t.Errorf("%+v", got)
	}
	for _, r := range []image.Rectangle{{}, image.Rect(0, 0, 0, 5), image.Rect(0, 0, 1, 1), image.Rect(0, 0, 2, 300)} {
		got := Measure(image.NewNRGBA(r))
		if got.Sharpness != 0 || got.EdgeWidth != 0 || got.Overlay != 0 || math.IsNaN(got.Coverage) {
			t.Errorf("%v: %+v", r, got)
		}
	}
}

func TestSharpness(t *testing.T) {
	// One bright pixel of value v in the middle of 5×5 black ones. Of the nine
	// inner pixels the Laplacian is -4v in one, v in four, 0 in four.
	m := painted(5, 5, func(x, y int) color.NRGBA { return grey(0) })
	m.SetNRGBA(2, 2, grey(90))
	if got, want := Measure(m).Sharpness, 90*90*20.0/9; !near(got, want, 1e-9) {
		t.Errorf("%v, want %v", got, want)
	}
	// A steady slope has no Laplacian.
	if got := Measure(painted(30, 30, func(x, y int) color.NRGBA { return grey(3*x + 4*y) })).Sharpness; got != 0 {
		t.Errorf("a slope: %v", got)
	}
	last := math.Inf(1)
	for _, n := range []int{0, 2, 5, 9, 17} {
		got := Measure(edge(64, 20, n)).Sharpness
		if got >= last {
			t.Errorf("with a ramp of %d levels: %v, before %v", n, got, last)
		}
		last = got
	}
}

func TestEdgeWidth(t *testing.T) {
	for _, n := range []int{0, 1, 4, 9, 16} {
		if got := Measure(edge(64, 20, n)).EdgeWidth; !near(got, float64(n+2), 1e-9) {
			t.Errorf("a ramp of %d levels: %v", n, got)
		}
	}
	// The subject does not matter: many hard edges are as wide as one, and
	// small ripples are no edges.
	if got := Measure(painted(64, 64, func(x, y int) color.NRGBA { return grey((x/4 + y/4) % 2 * 200) })).EdgeWidth; got != 2 {
		t.Errorf("a check: %v", got)
	}
	if got := Measure(painted(64, 64, func(x, y int) color.NRGBA { return grey(100 + x%2*20) })).EdgeWidth; got != 0 {
		t.Errorf("ripples: %v", got)
	}
}

func TestTone(t *testing.T) {
	for bits := 0; bits <= 8; bits++ {
		levels := 1 << bits
		got := Measure(painted(256, 4, func(x, y int) color.NRGBA { return grey(x % levels) })).Entropy
		if !near(got, float64(bits), 1e-9) {
			t.Errorf("%d levels: %v bits", levels, got)
		}
	}
	// A quarter red, whose luma is 76, on three quarters of nothing, which is white.
	if got := Measure(painted(10, 10, func(x, y int) color.NRGBA {
		return color.NRGBA{255, 0, 0, uint8(255 * (x % 2) * (y % 2))}
	})).Brightness; !near(got, (76+3*255)/4., 1e-9) {
		t.Errorf("brightness %v", got)
	}
	if got := Measure(painted(10, 10, func(x, y int) color.NRGBA { return grey(x % 2 * 255) })).Contrast; !near(got, 127.5, 1e-9) {
		t.Errorf("contrast %v", got)
	}
	if got := Measure(painted(10, 10, func(x, y int) color.NRGBA { return grey(25 * x) })).Colourfulness; got != 0 {
		t.Errorf("greys: %v", got)
	}
	// Half red, half blue: R-G is 255 or 0, and (R+G)/2-B is 127.5 or -255.
	got := Measure(painted(10, 10, func(x, y int) color.NRGBA {
		return []color.NRGBA{{255, 0, 0, 255}, {0, 0, 255, 255}}[x%2]
	})).Colourfulness
	if want := math.Hypot(127.5, 191.25) + 0.3*math.Hypot(127.5, 63.75); !near(got, want, 1e-6) {
		t.Errorf("red and blue: %v, want %v", got, want)
	}
}

func TestCoverageAndBorder(t *testing.T) {
	// An opaque square of 20×10 within 50×40, 5 from the left and 8 from the top.
	m := image.NewNRGBA(image.Rect(0, 0, 50, 40))
	draw.Draw(m, image.Rect(5, 8, 25, 18), image.NewUniform(color.NRGBA{9, 200, 30, 255}), image.Point{}, draw.Src)
	got := Measure(m)
	if !near(got.Coverage, 200.0/2000, 1e-12) || got.Border != (Border{Top: 8. / 40, Right: 25. / 50, Bottom: 22. / 40, Left: 5. / 50}) {
		t.Errorf("%+v", got)
	}
	// A letterbox with a little noise in its bars is one; a gradient is none.
	r := rand.New(rand.NewPCG(1, 1))
	got = Measure(painted(60, 60, func(x, y int) color.NRGBA {
		if y < 10 || y >= 54 {
			return grey(r.IntN(4))
		}
		return grey(40 + 3*x)
	}))
	if got.Border != (Border{Top: 10. / 60, Bottom: 6. / 60}) {
		t.Errorf("letterbox: %+v", got.Border)
	}
	// What is transparent has no colour.
	got = Measure(painted(20, 20, func(x, y int) color.NRGBA { return color.NRGBA{uint8(x * 9), uint8(y * 9), 3, 0} }))
	if got.Coverage != 0 || got.Border.Top != 1 || got.Entropy != 0 {
		t.Errorf("nothing: %+v", got)
	}
}

// A view of a larger picture measures as what it shows.
func TestView(t *testing.T) {
	big := painted(80, 70, func(x, y int) color.NRGBA {
		return color.NRGBA{uint8(x * y), uint8(x*x + 7*y), uint8(5*x + y*y), uint8(255 - x)}
	})
	r := image.Rect(11, 13, 61, 53)
	cut := image.NewNRGBA(image.Rect(0, 0, r.Dx(), r.Dy()))
	for y := range r.Dy() {
		for x := range r.Dx() {
			cut.SetNRGBA(x, y, big.NRGBAAt(x+11, y+13))
		}
	}
	if a, b := Measure(cut), Measure(big.SubImage(r).(*image.NRGBA)); a != b {
		t.Errorf("%+v and %+v", a, b)
	}
}

// write sets a line of text in m, size pixels high, in a colour.
func write(t *testing.T, m draw.Image, text string, x, y int, size float64, c color.Color) {
	t.Helper()
	f, err := opentype.Parse(liberationsansbold.TTF)
	if err != nil {
		t.Fatal(err)
	}
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: size, DPI: 72})
	if err != nil {
		t.Fatal(err)
	}
	d := font.Drawer{Dst: m, Src: image.NewUniform(c), Face: face, Dot: fixed.P(x, y)}
	d.DrawString(text)
}

func TestOverlay(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 3))
	backgrounds := map[string]func() *image.NRGBA{
		"sky": func() *image.NRGBA {
			return painted(320, 240, func(x, y int) color.NRGBA { return color.NRGBA{60, uint8(90 + y/3), uint8(220 - y/3), 255} })
		},
		"ball": func() *image.NRGBA {
			return painted(320, 240, func(x, y int) color.NRGBA {
				d := math.Hypot(float64(x-150), float64(y-120))
				if d > 90 {
					return grey(190)
				}
				return color.NRGBA{uint8(240 - d), uint8(100 - d/2), 40, 255}
			})
		},
		"grain": func() *image.NRGBA {
			return painted(320, 240, func(x, y int) color.NRGBA { return grey(110 + r.IntN(10) + y/8) })
		},
	}
	for name, background := range backgrounds {
		if got := Measure(background()).Overlay; got > 0.05 {
			t.Errorf("%s alone: %v", name, got)
		}
		for _, size := range []float64{14, 20, 32} {
			for ink, c := range map[string]color.Color{"white": color.White, "translucent": color.NRGBA{255, 255, 255, 90}} {
				m := background()
				write(t, m, "© example stock photo", 10, 130, size, c)
				if got := Measure(m).Overlay; got < 0.4 {
					t.Errorf("%s with %s text of %v pixels: %v", name, ink, size, got)
				}
			}
		}
	}
	for name, colour := range map[string]func(x, y int) color.NRGBA{
		"check":      func(x, y int) color.NRGBA { return grey((x/6 + y/6) % 2 * 255) },
		"stripes":    func(x, y int) color.NRGBA { return grey(x / 4 % 2 * 200) },
		"lying":      func(x, y int) color.NRGBA { return grey(y / 4 % 2 * 200) },
		"noise":      func(x, y int) color.NRGBA { return grey(r.IntN(256)) },
		"rings":      func(x, y int) color.NRGBA { return grey(int(math.Hypot(float64(x-160), float64(y-120))) / 9 % 2 * 180) },
		"slanting":   func(x, y int) color.NRGBA { return grey((x + y) / 7 % 2 * 180) },
		"two blocks": func(x, y int) color.NRGBA { return grey((x / 107) % 2 * (y / 80) % 2 * 255) },
	} {
		if got := Measure(painted(320, 240, colour)).Overlay; got > 0.25 {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func ExampleMeasure() {
	m := painted(64, 48, func(x, y int) color.NRGBA { return grey(x / 32 * 255) })
	q := Measure(m)
	fmt.Printf("%d×%d, edges %.0f pixels wide, %.0f bit\n", q.Width, q.Height, q.EdgeWidth, q.Entropy)
	// Output: 64×48, edges 2 pixels wide, 1 bit
}
