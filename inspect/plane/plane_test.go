package plane

import (
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"testing"
)

func random(w, h int) *Plane {
	r := rand.New(rand.NewPCG(5, 6))
	p := New(w, h)
	for i := range p.V {
		p.V[i] = r.Float32()
	}
	return p
}

func near(t *testing.T, what string, got, want, by float64) {
	t.Helper()
	if !(math.Abs(got-want) <= by) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func TestReading(t *testing.T) {
	m := image.NewNRGBA(image.Rect(0, 0, 4, 3))
	m.SetNRGBA(1, 0, color.NRGBA{255, 0, 0, 255})
	m.SetNRGBA(2, 1, color.NRGBA{0, 255, 128, 102})
	m.SetNRGBA(3, 2, color.NRGBA{188, 188, 188, 255})
	part := m.SubImage(image.Rect(1, 0, 4, 3)).(*image.NRGBA)
	luma := Luma(part, White)
	near(t, "luma of red", float64(luma.At(0, 0)), .299, 1e-6)
	near(t, "luma over white", float64(luma.At(1, 1)), .6+.4*(.587+.114*128/255), 1e-6)
	near(t, "luma of nothing", float64(luma.At(0, 2)), 1, 0)
	near(t, "alpha", float64(Alpha(part).At(1, 1)), .4, 1e-6)
	// 188 is close to half the light of white, and to 0.7379 of its level.
	near(t, "luminance", float64(Luminance(part, Black).At(2, 2)), .50289, 1e-4)
	near(t, "red light over white", float64(Light(part, White)[0].At(1, 1)), .6, 1e-6)
	near(t, "green level over black", float64(Levels(part, Black)[1].At(1, 1)), .4, 1e-6)
	for _, v := range []float32{0, .001, .04, .2, .7, 1} {
		near(t, "there and back", float64(Level(Linear(v))), float64(v), 1e-6)
	}
	own := Own(m)
	near(t, "own red", float64(own[0]), (255+0+188)/(255*2.4), 1e-6)
	if Own(image.NewNRGBA(image.Rect(0, 0, 2, 2))) != White {
		t.Error("nothing has a colour")
	}
}

// The filters against sums written out in another way.
func TestFilters(t *testing.T) {
	p := random(9, 7)
	sigma := 1.3
	sum, all := 0., 0.
	for dy := -6; dy <= 6; dy++ {
		for dx := -6; dx <= 6; dx++ {
			w := math.Exp(-float64(dx*dx+dy*dy) / (2 * sigma * sigma))
			flip := func(i, n int) int {
				for i < 0 || i >= n {
					if i < 0 {
						i = -1 - i
					} else {
						i = 2*n - 1 - i
					}
				}
				return i
			}
			sum += w * float64(p.At(flip(1+dx, 9), flip(5+dy, 7)))
			all += w
		}
	}
	near(t, "Gaussian", float64(Gaussian(p, sigma).At(1, 5)), sum/all, 1e-5)

	box := 0.
	for y := range 4 {
		for x := 5; x < 9; x++ {
			box += float64(p.At(x, y))
		}
	}
	near(t, "box", float64(Box(p, 2).At(7, 1)), box/16, 1e-6)

	flat := New(5, 5).Map(func(float32) float32 { return .3 })
	for _, q := range []*Plane{Gaussian(flat, 2), GaussianOf(flat, random(5, 5), 2), Half(flat), Resize(flat, 3, 8), Resize(flat, 11, 2)} {
		low, high := q.Range()
		near(t, "of one level", float64(low), .3, 1e-6)
		near(t, "of one level", float64(high), .3, 1e-6)
	}
	ramp := New(8, 8)
	for i := range ramp.V {
		ramp.V[i] = .1*float32(i%8) - .05*float32(i/8)
	}
	gx, gy := Gradient(ramp)
	near(t, "gradient along x", float64(gx.At(4, 4)), .1, 1e-6)
	near(t, "gradient along y", float64(gy.At(4, 4)), -.05, 1e-6)
	near(t, "magnitude", float64(Magnitude(gx, gy).At(3, 3)), math.Hypot(.1, .05), 1e-6)

	// What a mask hides does not leak.
	mask := New(9, 7)
	for i := range mask.V {
		if i%9 < 4 {
			mask.V[i] = 1
		}
	}
	a, b := p.Crop(0, 0, 9, 7), p.Crop(0, 0, 9, 7)
	for i := range b.V {
		if mask.V[i] == 0 {
			b.V[i] = 100
		}
	}
	x, y := GaussianOf(a, mask, 1.5), GaussianOf(b, mask, 1.5)
	for i := range x.V {
		near(t, "masked", float64(x.V[i]), float64(y.V[i]), 0)
	}
	if l := Largest(p, 3); l.At(0, 0) != func() (v float32) {
		for y := range 4 {
			for x := range 4 {
				v = max(v, p.At(x, y))
			}
		}
		return v
	}() {
		t.Error("the largest around the corner")
	}
}

func TestResample(t *testing.T) {
	p := random(12, 10)
	near(t, "mean shrunk", Resize(p, 5, 3).Mean(nil), p.Mean(nil), 1e-6)
	near(t, "a cell of area", float64(Resize(p, 6, 5).At(1, 1)), float64(p.At(2, 2)+p.At(3, 2)+p.At(2, 3)+p.At(3, 3))/4, 1e-6)
	near(t, "between", float64(Resize(p, 24, 10).At(5, 0)), float64(.75*p.At(2, 0)+.25*p.At(3, 0)), 1e-6)
	near(t, "one pixel", float64(Resize(New(1, 1).Map(func(float32) float32 { return 2 }), 4, 4).At(3, 3)), 2, 0)
	if s := Pyramid(New(64, 33), 9); len(s) != 4 || s[3].W != 8 || s[3].H != 5 {
		t.Errorf("a pyramid of %d", len(s))
	}
}

func TestEnlarged(t *testing.T) {
	small := image.NewNRGBA(image.Rect(0, 0, 16, 12))
	r := rand.New(rand.NewPCG(1, 2))
	for i := range small.Pix {
		small.Pix[i] = uint8(r.Uint32())
	}
	for _, k := range []int{1, 2, 3, 4, 6, 16} {
		big := image.NewNRGBA(image.Rect(0, 0, 16*k, 12*k))
		for y := range 12 * k {
			for x := range 16 * k {
				big.SetNRGBA(x, y, small.NRGBAAt(x/k, y/k))
			}
		}
		got, factor := Shrunk(big)
		if factor != k || got.Rect != small.Rect {
			t.Fatalf("enlarged %d times it is seen as %d", k, factor)
		}
		for i := range small.Pix {
			if got.Pix[i] != small.Pix[i] {
				t.Fatalf("enlarged %d times it comes back altered", k)
			}
		}
		if k > 1 {
			big.Pix[len(big.Pix)-1] ^= 64
			if Enlarged(big) == k {
				t.Errorf("one pixel of a tile differs and it is still enlarged %d times", k)
			}
		}
	}
	if Enlarged(image.NewNRGBA(image.Rect(0, 0, 64, 64))) != 1 || Enlarged(image.NewNRGBA(image.Rect(0, 0, 1, 1))) != 1 || Enlarged(image.NewNRGBA(image.Rectangle{})) != 1 {
		t.Error("what has one colour is of its own size")
	}
	if r := Grown(image.Rect(1, 2, 3, 4), 3, image.Pt(10, 20)); r != image.Rect(13, 26, 19, 32) {
		t.Errorf("grown to %v", r)
	}
}
