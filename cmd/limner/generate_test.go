package main

import (
	"image"
	"image/color"
	"image/png"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// writeMask FILE WIDTH HEIGHT N makes a mask whose left N columns are white.
func writeMask(ts *testscript.TestScript, _ bool, args []string) {
	m := image.NewGray(image.Rect(0, 0, number(ts, args[1]), number(ts, args[2])))
	for y := range m.Rect.Dy() {
		for x := range number(ts, args[3]) {
			m.SetGray(x, y, color.Gray{Y: 255})
		}
	}
	f, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	ts.Check(png.Encode(f, m))
	ts.Check(f.Close())
}

// samePixels A B all|right compares two pictures of one extent, or their right
// halves.
func samePixels(ts *testscript.TestScript, neg bool, args []string) {
	a, b := decodePNG(ts, args[0]), decodePNG(ts, args[1])
	same := a.Bounds() == b.Bounds()
	for y := 0; same && y < a.Bounds().Dy(); y++ {
		for x := range a.Bounds().Dx() {
			if args[2] == "right" && x < a.Bounds().Dx()/2 {
				continue
			}
			same = same && color.NRGBAModel.Convert(a.At(x, y)) == color.NRGBAModel.Convert(b.At(x, y))
		}
	}
	if same == neg {
		ts.Fatalf("%s and %s: the same is %v", args[0], args[1], same)
	}
}

func decodePNG(ts *testscript.TestScript, name string) image.Image {
	f, err := os.Open(ts.MkAbs(name))
	ts.Check(err)
	defer f.Close()
	m, err := png.Decode(f)
	ts.Check(err)
	return m
}

func TestColours(t *testing.T) {
	for s, want := range map[string]color.NRGBA{"white": {255, 255, 255, 255}, "black": {A: 255}, "#0a80ff": {10, 128, 255, 255}} {
		if got, err := colour(s); err != nil || got != want {
			t.Errorf("%s is %v, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "#", "0a80ff", "#0a80f", "#0a80fg", "#0a80ff00", "red"} {
		if _, err := colour(s); err == nil {
			t.Errorf("%q was taken", s)
		}
	}
}
