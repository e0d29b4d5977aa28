package jumble

import (
	"context"
	"image"
	"image/color"
	"math"
	"strings"
	"testing"

	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/inspect"
	"github.com/limner-ai/limner/inspect/calibrate"
	"github.com/limner-ai/limner/inspect/inspecttest"
)

func TestConformance(t *testing.T) { inspecttest.Run(t, Kind) }

// face is one of the suite's pictures.
func face(t *testing.T) *image.NRGBA {
	t.Helper()
	for _, p := range inspecttest.Pictures() {
		if p.Name == "face" {
			return p.Image
		}
	}
	t.Fatal("the suite has no face")
	return nil
}

// A face whose tiles change places scores above the face, and more there than
// elsewhere.
func TestTiles(t *testing.T) {
	in, err := Kind.Open(inspect.Env{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	sound := face(t)
	jumbled := image.NewNRGBA(sound.Rect)
	copy(jumbled.Pix, sound.Pix)
	const side = 9
	for k, to := range []int{3, 0, 4, 1, 5, 2} {
		from := image.Pt(16+k%3*side, 12+k/3*side)
		at := image.Pt(16+to%3*side, 12+to/3*side)
		for y := range side {
			for x := range side {
				jumbled.SetNRGBA(at.X+x, at.Y+y, sound.NRGBAAt(from.X+x, from.Y+y))
			}
		}
	}
	a, err := in.Inspect(context.Background(), sound)
	if err != nil {
		t.Fatal(err)
	}
	b, err := in.Inspect(context.Background(), jumbled)
	if err != nil {
		t.Fatal(err)
	}
	if a.Faulty || b.Score <= a.Score+1 || b.Probability <= a.Probability {
		t.Errorf("sound: %v (%v), jumbled: %v (%v)", a.Score, a.Faulty, b.Score, b.Faulty)
	}
	var inside, outside float64
	for i, v := range b.Heat.Value {
		x, y := i%b.Heat.W*Cell, i/b.Heat.W*Cell
		if image.Pt(x, y).In(image.Rect(16, 12, 43, 30)) {
			inside = max(inside, float64(v))
		} else if y > 40 {
			outside = max(outside, float64(v))
		}
	}
	if inside <= outside {
		t.Errorf("heat %v inside, %v far away", inside, outside)
	}
}

// Pictures of other sizes lie where they should in the network's square.
func TestFrame(t *testing.T) {
	for _, c := range []struct {
		w, h int
		want image.Rectangle
	}{{64, 64, image.Rect(0, 0, 64, 64)}, {40, 20, image.Rect(12, 22, 52, 42)}, {300, 150, image.Rect(0, 16, 64, 48)}, {2000, 125, image.Rect(0, 30, 64, 34)}} {
		m := image.NewNRGBA(image.Rect(0, 0, c.w, c.h))
		for y := range c.h {
			for x := range c.w {
				m.SetNRGBA(x, y, color.NRGBA{uint8(x), uint8(y), uint8(x * y), 255})
			}
		}
		v, err := frame(m)
		if err != nil || v.place != c.want {
			t.Errorf("%d×%d: %+v, %v", c.w, c.h, v, err)
			continue
		}
		for y := range Side {
			for x := range Side {
				if visible := v.picture.NRGBAAt(x, y).A > 0; visible != image.Pt(x, y).In(v.place) {
					t.Fatalf("%d×%d: pixel %d, %d is visible: %v", c.w, c.h, x, y, visible)
				}
			}
		}
		if h := v.heat(make([]float32, Grid*Grid)); h.W < 1 || h.H < 1 || h.At(0, 0, c.w, c.h) != .5 {
			t.Errorf("%d×%d: heat of %d×%d", c.w, c.h, h.W, h.H)
		}
	}
	if _, err := frame(image.NewNRGBA(image.Rect(0, 0, 3000, 100))); err == nil {
		t.Error("a picture of one colour has structure")
	}
}

// BRISQUE is said of large opaque pictures alone.
func TestMeasures(t *testing.T) {
	in, err := Kind.Open(inspect.Env{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	for _, p := range inspecttest.Pictures() {
		if p.Name != "face" && p.Name != "photograph" {
			continue
		}
		f, err := in.Inspect(context.Background(), p.Image)
		if err != nil {
			t.Fatal(err)
		}
		b, has := f.Measures["brisque"]
		if has != (p.Name == "photograph") || has && !(b >= 0 && b <= 100) {
			t.Errorf("%s: BRISQUE %v, %v", p.Name, b, has)
		}
		if n, has := f.Measures["niqe"]; !has || !(n > 0) || math.IsInf(n, 0) {
			t.Errorf("%s: NIQE %v, %v", p.Name, n, has)
		}
	}
}

func TestRefused(t *testing.T) {
	for _, b := range [][]byte{nil, []byte("nonsense"), file[:len(file)/2]} {
		if _, _, err := Read(b); err == nil {
			t.Errorf("%d bytes are a network", len(b))
		}
	}
	weights, _, err := Read(file)
	if err != nil {
		t.Fatal(err)
	}
	weights["in/w"] = tensor.New(1)
	if _, err := New(weights, calibrate.Scale{}, 1); err == nil || !strings.Contains(err.Error(), "in/w") {
		t.Errorf("error %v", err)
	}
	delete(weights, "in/w")
	if _, err := New(weights, calibrate.Scale{}, 1); err == nil {
		t.Error("weights are missing")
	}
}
