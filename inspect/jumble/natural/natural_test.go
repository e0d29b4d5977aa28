package natural

import (
	"encoding/json"
	"image/color"
	"image/png"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/limner-ai/limner/inspect/plane"
)

func read(t *testing.T, name string) *plane.Plane {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name+".png"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	m, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	b := m.Bounds()
	p := plane.New(b.Dx(), b.Dy())
	for i := range p.V {
		p.V[i] = float32(m.At(i%p.W, i/p.W).(color.Gray).Y) / 255
	}
	return p
}

// The features and scores are those that OpenCV 4.10 computes
// (cv2.quality.QualityBRISQUE) of the pictures in testdata, with the model of
// which ours was made.
func TestBRISQUE(t *testing.T) {
	b, err := os.ReadFile("testdata/brisque.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden []struct {
		Name     string
		Score    float64
		Features []float64
	}
	if err := json.Unmarshal(b, &golden); err != nil {
		t.Fatal(err)
	}
	for _, g := range golden {
		p := read(t, g.Name)
		for i, v := range features(p) {
			// Shapes are found in steps of 0.001, and OpenCV rounds to float32 on the way.
			if math.Abs(v-g.Features[i]) > .0021+.002*math.Abs(g.Features[i]) {
				t.Errorf("%s: feature %d is %v, OpenCV's %v", g.Name, i, v, g.Features[i])
			}
		}
		got, err := BRISQUE(p)
		if err != nil || math.Abs(got-g.Score) > .1 {
			t.Errorf("%s: BRISQUE %v, %v, OpenCV's %v", g.Name, got, err, g.Score)
		}
	}
	for _, p := range []*plane.Plane{plane.New(16, 16), plane.New(64, 64).Map(func(float32) float32 { return 1 })} {
		if v, err := BRISQUE(p); err != nil || !(v >= 0 && v <= 100) {
			t.Errorf("of nothing: %v, %v", v, err)
		}
	}
}

// Samples of a generalised Gaussian have the shape that they were drawn with.
func TestShape(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	normal, laplace := make([]float64, 40000), make([]float64, 40000)
	for i := range normal {
		normal[i] = r.NormFloat64()
		laplace[i] = r.ExpFloat64()
		if r.IntN(3) > 0 {
			laplace[i] *= -2 // wider below, and so with more of the mass there
		}
	}
	if s, left, right := asymmetric(normal); math.Abs(s-2) > .07 || math.Abs(left-1) > .02 || math.Abs(right-1) > .02 {
		t.Errorf("normal: %v %v %v", s, left, right)
	}
	if s, left, right := asymmetric(laplace); math.Abs(s-1) > .05 || math.Abs(left/right-2) > .06 {
		t.Errorf("Laplace's: %v %v %v", s, left, right)
	}
	if s, left, right := asymmetric(make([]float64, 9)); s != 10 || left != 0 || right != 0 {
		t.Errorf("nothing: %v %v %v", s, left, right)
	}
}

func TestNIQE(t *testing.T) {
	g, err := Emoji()
	if err != nil {
		t.Fatal(err)
	}
	all := plane.New(160, 120).Map(func(float32) float32 { return 1 })
	p := read(t, "pink")
	d, ok := g.NIQE(p, all)
	if !ok || !(d > 0) {
		t.Errorf("%v, %v", d, ok)
	}
	// Against its own distribution a picture has no distance.
	f, _ := Patches(p, all)
	if d, ok := Fit(f).NIQE(p, all); !ok || d > 1e-6 {
		t.Errorf("from itself: %v, %v", d, ok)
	}
	if _, ok := g.NIQE(plane.New(64, 64), plane.New(64, 64)); ok {
		t.Error("nothing has a distance")
	}
	// With unit covariances the distance is Euclid's, here of 36 differences of 2.
	one := &Gaussian{make([]float64, Count), make([]float64, Count*Count)}
	two := Fit(f)
	for i := range Count {
		one.Mean[i] = two.Mean[i] + 2*math.Sqrt(two.Covariance[i*Count+i])
	}
	copy(one.Covariance, two.Covariance)
	if d, ok := one.NIQE(p, all); !ok || d < 2 {
		t.Errorf("two deviations away: %v, %v", d, ok)
	}
}
