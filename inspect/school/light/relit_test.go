package light

import (
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/limner-ai/limner/inspect/light"
	"github.com/limner-ai/limner/inspect/plane"
	"github.com/limner-ai/limner/inspect/school/solids"
)

// face is a flat disc with eyes and a bar, as flat emoji are.
func face() *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, 64, 64))
	for y := range 64 {
		for x := range 64 {
			if math.Hypot(float64(x)-31.5, float64(y)-31.5) < 26 {
				c := color.NRGBA{220, 180, 60, 255}
				if y > 36 {
					c = color.NRGBA{60, 130, 190, 255}
				}
				m.SetNRGBA(x, y, c)
			}
		}
	}
	return m
}

// What is lit is brighter where the light comes from.
func TestRelit(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	m := face()
	for range 20 {
		p, azimuth := relit(m, r, 0)
		sin, cos := math.Sincos(azimuth * math.Pi / 180)
		var gain, along, n, twoSides float64
		for i, a := range p.Solid.V {
			if a == 0 {
				continue
			}
			before := plane.Linear(float32(m.Pix[4*i+1]) / 255)
			after := plane.Linear(float32(p.Image.Pix[4*i+1]) / 255)
			g := float64(after / before)
			d := (float64(i%64)-31.5)*cos - (float64(i/64)-31.5)*sin
			gain += g
			along += g * d
			twoSides += d
			n++
		}
		if n < 1500 || (along/n-gain/n*twoSides/n) < .3 {
			t.Errorf("light from %.0f° brightens its side by %.2f over %v pixels", azimuth, along/n-gain/n*twoSides/n, n)
		}
	}
	p, _ := relit(m, r, 150)
	both := 0
	for i := range p.Fault.V {
		if p.Solid.V[i] > 0 && p.Other.V[i] > 0 || p.Fault.V[i] != p.Other.V[i] {
			both++
		}
	}
	if both > 0 || p.Fault.Mean(nil) < .05 {
		t.Errorf("%d pixels have two lights, the mask's mean is %v", both, p.Fault.Mean(nil))
	}
	if p, _ := relit(image.NewNRGBA(image.Rect(0, 0, 64, 64)), r, 90); p != nil {
		t.Error("nothing was lit")
	}
}

// The cushion over a disc is a ball.
func TestCushion(t *testing.T) {
	inside := func(i int) bool { return math.Hypot(float64(i%64)-31.5, float64(i/64)-31.5) < 24 }
	u := cushion(64, 64, func(i, j int) bool { return inside(i) && inside(j) }, inside)
	for _, x := range []int{31, 24, 16} {
		d := float64(x) - 31.5
		want := 24*24 - d*d - .25
		if got := u[31*64+x]; math.Abs(got-want) > .08*24*24 {
			t.Errorf("height² at %v is %.0f, of a ball %.0f", d, got, want)
		}
	}
}

func TestClassOf(t *testing.T) {
	p := &solids.Picture{Solid: plane.New(64, 64), Other: plane.New(64, 64), Fault: plane.New(64, 64)}
	for i := range p.Solid.V {
		switch x := i % 64; {
		case x < 24:
			p.Solid.V[i] = 1
		case x >= 40:
			p.Other.V[i], p.Fault.V[i] = 1, 1
		}
	}
	s := &solids.Scene{Azimuth: 350, Apart: -100, Fault: solids.Pasted}
	for square, want := range map[image.Rectangle]string{
		image.Rect(0, 0, 30, 30):   "000",
		image.Rect(40, 10, 64, 34): "240",
		image.Rect(0, 0, 64, 64):   light.Crossed,
		image.Rect(25, 0, 39, 14):  light.None,
		image.Rect(11, 0, 41, 30):  "", // a little of the other
	} {
		if got := classOf(p, s, square); got != want {
			t.Errorf("the window %v is of the class %q, want %q", square, got, want)
		}
	}
	s.Fault = solids.Shadow
	p.Other = plane.New(64, 64)
	if got := classOf(p, s, image.Rect(0, 0, 64, 64)); got != light.Crossed {
		t.Errorf("a solid with a wrong shadow is %q", got)
	}
}

func TestDirection(t *testing.T) {
	for azimuth, want := range map[float64]string{0: "000", 14: "000", 16: "030", 346: "000", -20: "330", 700: "330", 181: "180"} {
		if got := direction(azimuth); got != want {
			t.Errorf("%v° is %q, want %q", azimuth, got, want)
		}
	}
}
