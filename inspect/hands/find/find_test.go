package find

import (
	"context"
	"errors"
	"image"
	"image/color"
	"math"
	"testing"

	"github.com/limner-ai/limner/model/trained"
)

func near(a, b float64) bool { return math.Abs(a-b) < 1e-9 }

func TestSquare(t *testing.T) {
	s := Square{X: 10, Y: 20, Side: 8, Angle: math.Pi / 2}
	// Turned by a quarter to the right, up is to the right.
	if p := s.At(.5, 0); !near(p.X, 14) || !near(p.Y, 20) {
		t.Errorf("its top is at %v", p)
	}
	for _, uv := range [][2]float64{{0, 0}, {.3, .9}, {1, .2}} {
		if u, v := s.Place(s.At(uv[0], uv[1])); !near(u, uv[0]) || !near(v, uv[1]) {
			t.Errorf("%v comes back as %v %v", uv, u, v)
		}
	}
	if a := upright(Point{0, 10}, Point{0, 0}); !near(a, 0) {
		t.Errorf("upwards is %v", a)
	}
	if a := upright(Point{0, 0}, Point{5, 0}); !near(a, math.Pi/2) {
		t.Errorf("to the right is %v", a)
	}
	b := around([]Point{{1, 2}, {5, 3}}, 0)
	if !near(b.X, 3) || !near(b.Y, 2.5) || !near(b.Side, 4) {
		t.Errorf("around two points lies %v", b)
	}
}

func TestCrop(t *testing.T) {
	m := image.NewNRGBA(image.Rect(5, 5, 69, 37))
	for y := m.Rect.Min.Y; y < m.Rect.Max.Y; y++ {
		for x := m.Rect.Min.X; x < m.Rect.Max.X; x++ {
			m.SetNRGBA(x, y, color.NRGBA{uint8(4 * (x - 5)), uint8(8 * (y - 5)), 0, 255})
		}
	}
	m.SetNRGBA(5, 36, color.NRGBA{}) // nothing, so white
	p := NewPicture(m)
	if p.W != 64 || p.H != 32 {
		t.Fatalf("%d×%d", p.W, p.H)
	}
	same := make([]float32, 3*32*32)
	p.Crop(same, 32, Square{X: 16, Y: 16, Side: 32})
	for _, at := range [][2]int{{0, 0}, {7, 3}, {31, 20}} {
		v := same[3*(at[1]*32+at[0]):]
		if math.Abs(float64(v[0])*255-float64(4*at[0])) > 1e-3 || math.Abs(float64(v[1])*255-float64(8*at[1])) > 1e-3 {
			t.Errorf("at %v: %v", at, v[:3])
		}
	}
	if v := same[3*31*32:][:3]; v[0] != 1 || v[1] != 1 || v[2] != 1 {
		t.Errorf("what is transparent is %v", v)
	}
	// Seen at a quarter of its size, a slope stays one.
	small := make([]float32, 3*8*8)
	p.Crop(small, 8, Square{X: 32, Y: 16, Side: 32})
	for x := range 8 {
		if got, want := float64(small[3*(3*8+x)])*255, 4*(16+4*float64(x)+1.5); math.Abs(got-want) > 1e-2 {
			t.Errorf("small, at %d: %v, want %v", x, got, want)
		}
	}
	out := make([]float32, 3)
	p.Crop(out, 1, Square{X: -1e6, Y: 1e9, Side: 1e-3})
	if out[0] != 1 {
		t.Errorf("far outside lies %v", out)
	}
}

// Of boxes that overlap the best stays, and a palm's square lies around the hand.
func TestPalms(t *testing.T) {
	boxes, scores := make([]float32, len(anchors)*palmNumbers), make([]float32, len(anchors))
	for i := range scores {
		scores[i] = -20
	}
	put := func(i int, score float32, x, y, side float64) {
		b := boxes[i*palmNumbers:]
		b[0], b[1] = float32((x-anchors[i].X)*palmSide), float32((y-anchors[i].Y)*palmSide)
		b[2], b[3] = float32(side*palmSide), float32(side*palmSide/2)
		for k, v := range [][2]float64{{x, y + side/2}, {x, y}, {x, y - side/2}} {
			b[wristAt+2*k], b[wristAt+2*k+1] = float32((v[0]-anchors[i].X)*palmSide), float32((v[1]-anchors[i].Y)*palmSide)
		}
		scores[i] = score
	}
	put(100, 1, .3, .3, .2)
	put(700, 3, .31, .3, .2)
	put(1500, 2, .7, .7, .1)
	scores[9] = float32(math.NaN())
	got := palms(boxes, scores, .5, 4)
	if len(got) != 2 || math.Abs(got[0].middle.X-.31) > 1e-6 || math.Abs(got[1].middle.X-.7) > 1e-6 {
		t.Fatalf("%+v", got)
	}
	if len(palms(boxes, scores, .5, 1)) != 1 || len(palms(boxes, scores, .9999, 4)) != 0 {
		t.Error("the limits do not hold")
	}
	h := got[0].hand(Square{X: 50, Y: 50, Side: 100})
	if math.Abs(h.X-31) > 1e-4 || math.Abs(h.Y-20) > 1e-4 || math.Abs(h.Side-52) > 1e-4 || math.Abs(h.Angle) > 1e-6 {
		t.Errorf("the hand's square is %+v", h)
	}
}

// The open hand of an emoji is found upright, mirrored and on its side, its
// fingers stretched; what shows nothing has none.
func TestHands(t *testing.T) {
	engine := trained.NewCPU(0)
	defer engine.Close()
	f, err := New(engine)
	if err != nil {
		t.Fatal(err)
	}
	m := hand(t)
	side := image.NewNRGBA(m.Rect)
	for y := range 64 {
		for x := range 64 {
			side.SetNRGBA(63-y, x, m.NRGBAAt(x, y))
		}
	}
	for name, m := range map[string]*image.NRGBA{"upright": m, "on its side": side} {
		got, err := f.Hands(context.Background(), NewPicture(m))
		if err != nil || len(got) != 1 {
			t.Fatalf("%s: %d hands, %v", name, len(got), err)
		}
		if n := got[0].Stretched(); n != 5 {
			t.Errorf("%s: %d fingers are stretched", name, n)
		}
		want := map[string]float64{"upright": 0, "on its side": math.Pi / 2}[name]
		if a := got[0].Angle(); math.Abs(a-want) > .5 {
			t.Errorf("%s: it points to %v, want %v", name, a, want)
		}
		for i, p := range got[0].Points {
			if p.X < -8 || p.Y < -8 || p.X > 72 || p.Y > 72 {
				t.Errorf("%s: point %d lies at %v", name, i, p)
			}
		}
	}
	for _, size := range []int{1, 11, 40} {
		if got, err := f.Hands(context.Background(), NewPicture(image.NewNRGBA(image.Rect(0, 0, size, size)))); err != nil || len(got) != 0 {
			t.Errorf("%d hands in nothing of %d pixels, %v", len(got), size, err)
		}
	}
	ended, end := context.WithCancel(context.Background())
	end()
	if _, err := f.Hands(ended, NewPicture(m)); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end: %v", err)
	}
}
