package canvas

import (
	"hash/crc32"
	"image"
	"image/color"
	"slices"
	"testing"
)

func crc(b []byte) uint32 { return crc32.ChecksumIEEE(b) }

func drawn(t *testing.T, m *image.NRGBA, w, h int, fit Fit, ground *color.NRGBA) *image.NRGBA {
	t.Helper()
	p, err := Place(m.Rect.Size(), image.Pt(w, h), fit, nil)
	if err != nil {
		t.Fatal(err)
	}
	return p.Draw(m, ground)
}

// A picture of the right size stays as it is, but for the colours of what
// cannot be seen.
func TestSameSize(t *testing.T) {
	m := noise(17, 17)
	m.Pix[3], m.Pix[7] = 0, 9
	got := drawn(t, m, 17, 17, Crop, nil)
	want := slices.Clone(m.Pix)
	clear(want[:4])
	if !slices.Equal(got.Pix, want) {
		t.Error("bytes have changed")
	}
	// Resampling alone gives every level back too.
	for i := range 256 {
		c := color.NRGBA{uint8(i), uint8(255 - i), 7, 255}
		if got := coded(lit{filled(1, 1, func(int, int) color.NRGBA { return c })}.RGBA64At(0, 0)); got != c {
			t.Errorf("%v came back as %v", c, got)
		}
	}
}

// A chequerboard of black and white is half the light, which is level 188.
func TestLinearLight(t *testing.T) {
	m := filled(64, 64, func(x, y int) color.NRGBA {
		v := uint8((x + y) % 2 * 255)
		return color.NRGBA{v, v, v, 255}
	})
	for i, v := range drawn(t, m, 8, 8, Crop, nil).Pix {
		if i%4 < 3 && (v < 186 || v > 190) || i%4 == 3 && v != 255 {
			t.Fatalf("channel %d is %d", i, v)
		}
	}
}

// What is transparent has no colour to give.
func TestPremultiplied(t *testing.T) {
	m := filled(32, 32, func(x, y int) color.NRGBA {
		if x%2 == 0 {
			return color.NRGBA{200, 10, 60, 255}
		}
		return color.NRGBA{0, 255, 0, 0}
	})
	got := drawn(t, m, 4, 4, Crop, nil).NRGBAAt(1, 1)
	if max(got.R, 200)-min(got.R, 200) > 1 || max(got.G, 10)-min(got.G, 10) > 1 || max(got.A, 128)-min(got.A, 128) > 2 {
		t.Errorf("%v", got)
	}
	on := drawn(t, m, 4, 4, Crop, &color.NRGBA{255, 255, 255, 0}).NRGBAAt(1, 1)
	// Half of the light is white's: (200/255 and 1 in light, averaged, coded).
	if on.A != 255 || on.R < 228 || on.R > 233 || on.G < 186 || on.G > 192 {
		t.Errorf("on white: %v", on)
	}
}

func TestBarsAndGround(t *testing.T) {
	m := filled(8, 4, func(int, int) color.NRGBA { return color.NRGBA{9, 99, 199, 255} })
	clearBars := drawn(t, m, 8, 8, Pad, nil)
	if clearBars.NRGBAAt(3, 0) != (color.NRGBA{}) || clearBars.NRGBAAt(3, 3) != (color.NRGBA{9, 99, 199, 255}) {
		t.Errorf("bars %v", clearBars.Pix)
	}
	on := drawn(t, m, 8, 8, Pad, &color.NRGBA{1, 2, 3, 0})
	if on.NRGBAAt(3, 7) != (color.NRGBA{1, 2, 3, 255}) || on.NRGBAAt(3, 4) != (color.NRGBA{9, 99, 199, 255}) {
		t.Errorf("bars %v", on.Pix)
	}
}

func TestTensor(t *testing.T) {
	m := filled(2, 1, func(x, y int) color.NRGBA { return color.NRGBA{255, 51, uint8(x), 204} })
	for channels, want := range map[int][]float32{
		1: {106. / 255, 106. / 255}, // 0.299·255 + 0.587·51
		3: {1, .2, 0, 1, .2, 1. / 255},
		4: {1, .2, 0, .8, 1, .2, 1. / 255, .8},
	} {
		got, err := Tensor(m, channels)
		if err != nil || !slices.Equal(got.Data, want) || got.Shape[3] != channels || got.Shape[2] != 2 {
			t.Errorf("%v, %v", got, err)
		}
	}
	if _, err := Tensor(m, 2); err == nil {
		t.Error("two channels")
	}
}

func TestMasks(t *testing.T) {
	black := color.NRGBA{0, 0, 0, 255}
	white := color.NRGBA{255, 255, 255, 255}
	left := func(w, h int) *image.NRGBA {
		return filled(w, h, func(x, y int) color.NRGBA {
			if x < w/2 {
				return white
			}
			return black
		})
	}
	count := func(v []float32) (n int) {
		for _, x := range v {
			if x == 1 {
				n++
			}
		}
		return n
	}
	place := func(w, h int, fit Fit, margins *Margins) Placement {
		p, err := Place(image.Pt(w, h), image.Pt(8, 8), fit, margins)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	stroke := filled(64, 64, func(x, y int) color.NRGBA {
		if x == 33 {
			return white
		}
		return black
	})
	dim := filled(8, 8, func(x, y int) color.NRGBA { return color.NRGBA{127, 127, 127, 255} })
	faint := filled(8, 8, func(x, y int) color.NRGBA { return color.NRGBA{255, 255, 255, 100} })
	for name, c := range map[string]struct {
		p    Placement
		m    Mask
		bars bool
		want int
	}{
		"same size":           {place(8, 8, Crop, nil), Marked(left(8, 8)), false, 32},
		"larger":              {place(8, 8, Crop, nil), Marked(left(64, 64)), false, 32},
		"smaller":             {place(64, 64, Crop, nil), Marked(left(4, 4)), false, 32},
		"picture larger":      {place(64, 64, Crop, nil), Marked(left(64, 64)), false, 32},
		"thin stroke":         {place(64, 64, Crop, nil), Marked(stroke), false, 8},
		"cropped":             {place(16, 8, Crop, nil), Marked(left(16, 8)), false, 32},
		"padded":              {place(16, 8, Pad, nil), Marked(left(32, 16)), false, 16},
		"padded, bars":        {place(16, 8, Pad, nil), Marked(left(32, 16)), true, 16 + 32},
		"stretched":           {place(16, 8, Stretch, nil), Marked(left(16, 8)), false, 32},
		"rounded proportions": {place(1023, 683, Stretch, nil), Marked(left(512, 342)), false, 32},
		"dark grey":           {place(8, 8, Crop, nil), Marked(dim), false, 0},
		"faint":               {place(8, 8, Crop, nil), Marked(faint), false, 0},
		"alpha":               {place(8, 8, Crop, nil), Cleared(faint), false, 64},
		"opaque":              {place(8, 8, Crop, nil), Cleared(dim), false, 0},
	} {
		got, err := c.p.Mask(c.m, c.bars)
		if err != nil || count(got) != c.want {
			t.Errorf("%s: %d painted, want %d, %v: %v", name, count(got), c.want, err, got)
		}
	}
	if _, err := place(16, 8, Crop, nil).Mask(Marked(left(8, 8)), false); err == nil {
		t.Error("a mask of other proportions was taken")
	}
	if got := count(place(16, 8, Crop, &Margins{}).Bars()); got != 32 {
		t.Errorf("%d bars", got)
	}
}
