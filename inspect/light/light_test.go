package light

import (
	"context"
	"encoding/json"
	"image"
	"image/color"
	"math"
	"math/cmplx"
	"strings"
	"testing"

	"github.com/limner-ai/limner/inspect"
	"github.com/limner-ai/limner/inspect/inspecttest"
	"github.com/limner-ai/limner/inspect/plane"
	"github.com/limner-ai/limner/inspect/segment"
)

func TestConformance(t *testing.T) {
	inspecttest.Run(t, Kind, balls(64, 64, 30, 30), balls(128, 64, 45, 225), balls(300, 170, 200, 20))
}

// balls are two grey balls lit from these azimuths, on a mid ground.
func balls(w, h int, left, right float64) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	radius := .21 * float64(min(w, h*2))
	radius = min(radius, .42*float64(h))
	for y := range h {
		for x := range w {
			v := 110.
			for k, azimuth := range []float64{left, right} {
				cx := float64(w) * (.25 + .5*float64(k))
				u, q := (float64(x)+.5-cx)/radius, (float64(h)/2-float64(y)-.5)/radius
				if u*u+q*q > 1 {
					continue
				}
				sin, cos := math.Sincos(azimuth * math.Pi / 180)
				n := math.Sqrt(1 - u*u - q*q)
				lambert := max(0, .8*(u*cos+q*sin)+.6*n)
				v = 255 * math.Pow(.12+.75*lambert, 1/2.2)
			}
			c := uint8(min(v, 255))
			m.SetNRGBA(x, y, color.NRGBA{c, c, c, 255})
		}
	}
	return m
}

func inspected(t *testing.T, m *image.NRGBA) inspect.Finding {
	t.Helper()
	in, err := Kind.Open(inspect.Env{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	f, err := in.Inspect(context.Background(), m)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// Balls drawn here, by other code than what the network learnt from, are told
// apart when their lights oppose, and their light is named when it is one.
func TestBalls(t *testing.T) {
	for _, azimuth := range []float64{0, 80, 160, 250, 315} {
		f := inspected(t, balls(64, 64, azimuth, azimuth))
		if !f.Applies || f.Faulty {
			t.Errorf("light from %v: %+v", azimuth, f)
			continue
		}
		if off := math.Abs(math.Remainder(f.Measures["azimuth"]-azimuth, 360)); off > 25 {
			t.Errorf("light from %v seems to come from %.0f", azimuth, f.Measures["azimuth"])
		}
	}
	f := inspected(t, balls(64, 64, 20, 190))
	if !f.Applies || !f.Faulty || f.Probability < .8 {
		t.Errorf("opposed lights: %+v", f)
	}
}

// What has no shading is not judged.
func TestFlat(t *testing.T) {
	m := image.NewNRGBA(image.Rect(0, 0, 64, 64))
	for y := range 64 {
		for x := range 64 {
			c := color.NRGBA{230, 190, 40, 255}
			if math.Hypot(float64(x)-20, float64(y)-30) < 12 || x > 50 {
				c = color.NRGBA{30, 60, 160, 255}
			}
			m.SetNRGBA(x, y, c)
		}
	}
	if f := inspected(t, m); f.Faulty {
		t.Errorf("flat paint is called faulty: %+v", f)
	}
	for _, m := range []*image.NRGBA{image.NewNRGBA(image.Rect(0, 0, 15, 90)), image.NewNRGBA(image.Rect(0, 0, 64, 64))} {
		if f := inspected(t, m); f.Applies || f.Sentence == "" {
			t.Errorf("%v: %+v", m.Rect, f)
		}
	}
}

func TestCanvas(t *testing.T) {
	m := image.NewNRGBA(image.Rect(5, 5, 205, 105)).SubImage(image.Rect(5, 5, 205, 105)).(*image.NRGBA)
	for y := 5; y < 105; y++ {
		for x := 5; x < 205; x++ {
			m.SetNRGBA(x, y, color.NRGBA{255, 0, 0, 255})
		}
	}
	c := NewCanvas(m)
	if c.In != image.Rect(0, 16, 64, 48) {
		t.Errorf("a picture of 2:1 lies in %v", c.In)
	}
	if c.Level[0].At(30, 30) != 1 || c.Level[1].At(30, 30) != 0 || c.Level[1].At(30, 10) != .5 || c.Alpha.At(3, 3) != 0 {
		t.Error("the canvas has other levels than the picture or the grey around it")
	}
	got := make([]float32, 3*8*8)
	c.Look(got, 8, image.Rect(-16, 0, 16, 32))
	if got[0] != .5 || got[3*(7*8+7)] != 1 || got[3*(3*8+7)] != .5 {
		t.Errorf("the window is %v", got)
	}
}

func TestMeasure(t *testing.T) {
	at := func(x, y int, deg, sure float64) view {
		return view{square: image.Rect(x, y, x+32, y+32), region: -1, toward: cmplx.Rect(sure, deg*math.Pi/180)}
	}
	list := []view{at(0, 0, 10, .9), at(32, 0, 190, .8), at(0, 32, 10, .9), at(32, 32, 10, .9), at(16, 16, 190, .1)}
	s := measure(list)
	if math.Abs(s.pair-.8) > 1e-9 || s.from != 0 || s.to != 1 {
		t.Errorf("the pair is %v of %d and %d", s.pair, s.from, s.to)
	}
	if math.Abs(degrees(s.toward)-10) > 1e-6 {
		t.Errorf("most light comes from %v", degrees(s.toward))
	}
	seg := segment.Graph([]*plane.Plane{plane.New(Side, Side)}, 1, 1)
	c := &Canvas{Alpha: plane.New(Side, Side).Map(func(float32) float32 { return 1 })}
	c.Alpha.V[3*Side+60] = 0
	h := heat(c, seg, list, s.toward)
	// All is one region as large as a ground.
	if bad, good := h.At(58, 6), h.At(58, 58); bad < .3 || good > .1 || h.At(60, 3) != 0 {
		t.Errorf("heat %v in the window lit from behind, %v in one lit as the others", bad, good)
	}
	for deg, want := range map[float64]string{0: "the right", 91: "above", -88: "below", 180: "the left", 224: "the lower left", 355: "the right"} {
		if got := side(cmplx.Rect(1, deg*math.Pi/180)); got != want {
			t.Errorf("%v° is called %s", deg, got)
		}
	}
}

func TestScale(t *testing.T) {
	old := scale
	defer func() { scale = old }()
	for _, bad := range []string{"", "{}", `{"weights":[1,2]}`, strings.Replace(string(old), `"weights"`, `"w"`, 1)} {
		scale = []byte(bad)
		if in, err := Kind.Open(inspect.Env{Threads: 1}); err == nil {
			in.Close()
			t.Errorf("the scale %.20q was accepted", bad)
		}
	}
	var l learnt
	if err := json.Unmarshal(old, &l); err != nil || len(l.Record) == 0 {
		t.Errorf("the scale has no record: %v", err)
	}
}

// The law of the outline gives back the light of a ball drawn by it, whatever
// its paint, and nothing for a disc of one level.
func TestOutline(t *testing.T) {
	for _, azimuth := range []float64{10, 135, 200, 300} {
		p, in := plane.New(Side, Side), plane.New(Side, Side)
		for i := range p.V {
			u, v := (float64(i%Side)-30)/20, (31-float64(i/Side))/20
			if q := u*u + v*v; q < 1 {
				sin, cos := math.Sincos(azimuth * math.Pi / 180)
				p.V[i], in.V[i] = float32(.3+.25*(u*cos+v*sin)), 1
			}
		}
		seg := segment.Graph([]*plane.Plane{in}, .5, 10)
		ball := seg.Label[31*Side+30]
		z := outline(p, seg, ball)
		if off := math.Abs(math.Remainder(degrees(z)-azimuth, 360)); off > 3 || cmplx.Abs(z) < .9 {
			t.Errorf("light from %v: outline says %.1f, length %.2f", azimuth, degrees(z), cmplx.Abs(z))
		}
		if z := outline(in, seg, ball); cmplx.Abs(z) > .01 {
			t.Errorf("a flat disc is lit: %v", z)
		}
	}
}
