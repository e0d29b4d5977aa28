package detail

import (
	"image"
	"math"
	"testing"

	"github.com/limner-ai/limner/engine/tensor"
)

// wave is a picture [1 h w 1] of one frequency in each direction.
func wave(h, w int, u, v, height float64) *tensor.Tensor {
	t := tensor.New(1, h, w, 1)
	for y := range h {
		for x := range w {
			t.Data[y*w+x] = float32(.5 + height*math.Cos(2*math.Pi*(u*float64(x)/float64(w)+v*float64(y)/float64(h))))
		}
	}
	return t
}

// A wave of height a has the energy a²/2 a pixel, all of it above half of
// Nyquist or none.
func TestFineDetailOfWaves(t *testing.T) {
	for _, c := range []struct {
		name       string
		h, w       int
		u, v       float64
		want, kept float64
	}{
		{"coarse", 16, 16, 4, 4, 0, 1},
		{"fine across", 16, 16, 5, 0, .02, .25},
		{"fine down", 16, 16, 0, 7, .02, .25},
		{"both", 16, 16, 5, 7, .02, .25},
		{"not square", 12, 20, 6, 0, .02, .25},
		{"odd", 15, 15, 4, 0, .02, .25},
	} {
		t.Run(c.name, func(t *testing.T) {
			var m Meter
			// Half the height is a quarter of the energy.
			if err := m.Add(wave(c.h, c.w, c.u, c.v, .2), wave(c.h, c.w, c.u, c.v, .1)); err != nil {
				t.Fatal(err)
			}
			r := m.Report()
			if math.Abs(r.High-c.want) > 1e-6 {
				t.Errorf("energy %v, want %v", r.High, c.want)
			}
			if c.want > 0 && math.Abs(r.Kept()-c.kept) > 1e-4 {
				t.Errorf("kept %v, want %v", r.Kept(), c.kept)
			}
			if want := .005; math.Abs(r.MSE-want) > 1e-6 { // (.1 cos)² is .005 on average
				t.Errorf("MSE %v, want %v", r.MSE, want)
			}
		})
	}
}

func TestColoursThatDoNotShowDoNotCount(t *testing.T) {
	real, made := tensor.New(1, 8, 8, 4), tensor.New(1, 8, 8, 4)
	for i := 0; i < len(made.Data); i += 4 {
		made.Data[i] = float32(i / 4 % 2) // under alpha 0
	}
	var m Meter
	if err := m.Add(real, made); err != nil {
		t.Fatal(err)
	}
	if r := m.Report(); r.MSE != 0 || r.Made != 0 || r.Kept() != 1 {
		t.Errorf("found %+v in nothing", r)
	}
	made.Data[3] = 1
	if err := m.Add(real, made); err != nil {
		t.Fatal(err)
	}
	if r := m.Report(); r.MSE == 0 || r.Made == 0 || r.N != 2 {
		t.Errorf("%+v does not see a pixel", r)
	}
	if err := m.Add(real, tensor.New(1, 8, 4, 4)); err == nil {
		t.Error("shapes that differ are compared")
	}
}

func TestCrop(t *testing.T) {
	const n = 16
	p := tensor.New(1, n, n, 4)
	for y := 10; y < 16; y++ {
		for x := 2; x < 4; x++ {
			copy(p.Data[(y*n+x)*4:], []float32{1, .5, float32(y) / n, 1})
		}
	}
	b := Box(p.Data, n, n, 4)
	if want := image.Rect(0, 10, 6, 16); b != want {
		t.Fatalf("box %v, want %v", b, want)
	}
	out := Crop(p, []image.Rectangle{b})
	for y := range n {
		if got, want := out.Data[(y*n+7)*4+2], float32(10+y*6/n)/n; got != want {
			t.Errorf("line %d: %v, want %v", y, got, want)
		}
	}
	small := tensor.New(1, n, n, 4)
	small.Data[3] = 1
	if got := Box(small.Data, n, n, 4); got != image.Rect(0, 0, 4, 4) {
		t.Errorf("box of a point %v", got)
	}
	if got := Box(make([]float32, n*n*4), n, n, 4); got != image.Rect(0, 0, n, n) {
		t.Errorf("box of nothing %v", got)
	}
}

func TestMissOfWhatShows(t *testing.T) {
	for _, c := range []struct {
		name string
		a, b []float32
		want float64
	}{
		{"a colour by a half", []float32{1, 0, .5, 1, 1, 1, 1, 0}, []float32{.5, 0, .5, 1, 0, 0, 0, 0}, .25 / 8},
		{"colours and alpha", []float32{1, 0, .5, 1, 1, 1, 1, 0}, []float32{.5, 0, .5, .5, 0, 0, 0, 0}, (.75*.75 + .25*.25 + .25) / 8},
		{"without alpha", []float32{1, 0, 1}, []float32{0, 0, 1}, 1. / 3},
	} {
		channels := min(4, len(c.a))
		w := len(c.a) / channels
		var m Meter
		if err := m.Add(tensor.From(c.a, 1, 1, w, channels), tensor.From(c.b, 1, 1, w, channels)); err != nil {
			t.Fatal(err)
		}
		if r := m.Report(); math.Abs(r.MSE-c.want) > 1e-7 || math.Abs(r.PSNR+10*math.Log10(c.want)) > 1e-4 {
			t.Errorf("%s: %+v, want an MSE of %v", c.name, r, c.want)
		}
	}
}
