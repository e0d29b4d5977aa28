package corrupt

import (
	"bytes"
	"image"
	"image/color"
	"math"
	"slices"
	"testing"
)

// scene is a disc with stripes on nothing.
func scene(side int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			u, v := float64(x)/float64(side)-.5, float64(y)/float64(side)-.5
			if math.Hypot(u, v) < .42 {
				m.SetNRGBA(x, y, color.NRGBA{uint8(120 + 100*math.Sin(40*u)), uint8(100 + 80*math.Cos(30*v)), 90, 255})
			}
		}
	}
	return m
}

func TestApply(t *testing.T) {
	for _, side := range []int{64, 100} {
		m := scene(side)
		before := slices.Clone(m.Pix)
		for _, k := range Kinds {
			last := 0.
			for _, strength := range []float64{0, .5, 1} {
				r, ok := k.Apply(m, strength, 7)
				again, _ := k.Apply(m, strength, 7)
				other, _ := k.Apply(m, strength, 8)
				switch {
				case !ok:
					t.Errorf("%s at %v changes nothing", k.Name, strength)
					continue
				case !bytes.Equal(before, m.Pix):
					t.Fatalf("%s changed the picture", k.Name)
				case !bytes.Equal(r.Image.Pix, again.Image.Pix) || !slices.Equal(r.Mask.V, again.Mask.V):
					t.Errorf("%s gives another result the second time", k.Name)
				case (!k.Whole || k.Name == "noise") && bytes.Equal(r.Image.Pix, other.Image.Pix):
					t.Errorf("%s: another seed gives the same", k.Name)
				}
				inside, outside := 0., 0.
				for i := range side * side {
					for c := range 4 {
						d := math.Abs(level(r.Image, i, c) - level(m, i, c))
						if r.Region.V[i] > 0 {
							inside += d
						} else {
							outside = max(outside, d)
						}
					}
				}
				// Bytes are rounded from levels times alpha, and borders fade.
				if outside > 16 {
					t.Errorf("%s at %v: %v levels outside the region", k.Name, strength, outside)
				}
				if k.Whole && inside <= last {
					t.Errorf("%s at %v spoils no more than before", k.Name, strength)
				}
				last = inside
				if share := r.Mask.Mean(nil); share < leastOfPicture || !k.Whole && share > .7 {
					t.Errorf("%s at %v: a mask of %v of the picture", k.Name, strength, share)
				}
			}
		}
	}
}

// level is a channel of a pixel times its alpha.
func level(m *image.NRGBA, i, c int) float64 {
	v := float64(m.Pix[4*i+c])
	if c < 3 {
		v *= float64(m.Pix[4*i+3]) / 255
	}
	return v
}

func TestLeftAlone(t *testing.T) {
	flat := image.NewNRGBA(image.Rect(0, 0, 64, 64))
	for i := range flat.Pix {
		flat.Pix[i] = 128 | uint8(i%4/3*127)
	}
	for _, k := range Kinds {
		if k.Name == "noise" || k.Name == "checkerboard" {
			continue
		}
		if _, ok := k.Apply(flat, 1, 1); ok {
			t.Errorf("%s spoils what is flat", k.Name)
		}
		if _, ok := k.Apply(image.NewNRGBA(image.Rect(0, 0, 64, 64)), 1, 1); ok {
			t.Errorf("%s spoils nothing", k.Name)
		}
		if _, ok := k.Apply(scene(8), 1, 1); ok {
			t.Errorf("%s takes pictures of 8 pixels", k.Name)
		}
	}
	if _, err := Named("melt", "rot"); err == nil {
		t.Error("there is no rot")
	}
}
