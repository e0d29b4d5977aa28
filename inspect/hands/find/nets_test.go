package find

import (
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"testing"

	"github.com/limner-ai/limner/model/trained"
)

func hand(t testing.TB) *image.NRGBA {
	t.Helper()
	f, err := os.Open("testdata/hand.png")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	m, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	return m.(*image.NRGBA)
}

// The networks on Limner's engine give what TensorFlow Lite's runtime gives;
// see testdata/golden.py.
func TestAsTheReference(t *testing.T) {
	text, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden map[string][]struct {
		Length, Step int
		Values       []float64
	}
	if err := json.Unmarshal(text, &golden); err != nil {
		t.Fatal(err)
	}
	engine := trained.NewCPU(1)
	defer engine.Close()
	m := hand(t)
	for name, file := range map[string][]byte{"palm": palmFile, "landmark": landmarkFile} {
		side := map[string]int{"palm": palmSide, "landmark": landmarkSide}[name]
		n, err := load(engine, file, side)
		if err != nil {
			t.Fatal(err)
		}
		enlarge(n.pixels(), m, side)
		if err := n.run(); err != nil {
			t.Fatal(err)
		}
		if len(golden[name]) == 0 {
			t.Fatalf("nothing to compare %s with", name)
		}
		for i, want := range golden[name] {
			got := n.output(i)
			if len(got) != want.Length {
				t.Fatalf("%s: output %d has %d numbers, want %d", name, i, len(got), want.Length)
			}
			worst := 0.
			for k, v := range want.Values {
				worst = max(worst, math.Abs(float64(got[k*want.Step])-v)/(1+math.Abs(v)))
			}
			if !(worst < 2e-4) {
				t.Errorf("%s: output %d is off by %v", name, i, worst)
			}
		}
	}
}

// enlarge lays a picture of 64×64 over white and repeats its pixels.
func enlarge(to []float32, m *image.NRGBA, side int) {
	for y := range side {
		for x := range side {
			c := m.NRGBAAt(x*64/side, y*64/side)
			for i, v := range [3]uint8{c.R, c.G, c.B} {
				over := color.NRGBA{v, v, v, c.A}
				// As Pillow composes: rounded to whole levels.
				to[(y*side+x)*3+i] = float32(math.Round((float64(over.R)*float64(c.A)+255*(255-float64(c.A)))/255)) / 255
			}
		}
	}
}

func BenchmarkNets(b *testing.B) {
	engine := trained.NewCPU(1)
	defer engine.Close()
	for name, file := range map[string][]byte{"palm": palmFile, "landmark": landmarkFile} {
		n, err := load(engine, file, map[string]int{"palm": palmSide, "landmark": landmarkSide}[name])
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if err := n.run(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
