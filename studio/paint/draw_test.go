package paint

import (
	"bytes"
	"image"
	"image/color"
	"testing"

	"golang.org/x/image/webp"

	"github.com/limner-ai/limner/generate"
)

// quarter is a picture of 4×4, transparent green but for a corner of red.
func quarter() *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, 4, 4))
	for i := range 16 {
		m.SetNRGBA(i%4, i/4, color.NRGBA{0, 255, 0, 0})
		if i%4 < 2 && i/4 < 2 {
			m.SetNRGBA(i%4, i/4, red)
		}
	}
	return m
}

func TestEnlargement(t *testing.T) {
	sized := func(w, h int, ground *color.NRGBA) *image.NRGBA {
		t.Helper()
		m, err := resized(quarter(), image.Pt(w, h), ground)
		if err != nil || m.Rect != image.Rect(0, 0, w, h) {
			t.Fatal(m.Rect, err)
		}
		return m
	}
	if m := sized(4, 4, nil); !bytes.Equal(m.Pix, quarter().Pix) {
		t.Error("the same size is not the same picture")
	}
	for _, times := range []int{2, 3, 4} {
		m := sized(4*times, 4*times, nil)
		for y := range 4 * times {
			for x := range 4 * times {
				if m.NRGBAAt(x, y) != quarter().NRGBAAt(x/times, y/times) {
					t.Fatalf("×%d: %v at %d,%d", times, m.NRGBAAt(x, y), x, y)
				}
			}
		}
	}
	// Smoothly: the edge is soft, nothing of the hidden green shows, and what is
	// clear stays so.
	for _, side := range []int{40, 37, 3} {
		m := sized(side, side, nil)
		soft := false
		for i := 0; i < len(m.Pix); i += 4 {
			px := m.Pix[i:][:4]
			if px[1] != 0 || px[2] != 0 {
				t.Fatalf("side %d: %v", side, px)
			}
			soft = soft || px[3] > 20 && px[3] < 235
		}
		if !soft || m.NRGBAAt(side-1, side-1).A > 2 || m.NRGBAAt(0, 0).A < 250 {
			t.Errorf("side %d: soft %v, corners %v, %v", side, soft, m.NRGBAAt(0, 0), m.NRGBAAt(side-1, side-1))
		}
	}
	// Bars, not distortion.
	m := sized(16, 8, nil)
	if m.NRGBAAt(0, 0).A != 0 || m.NRGBAAt(4, 0) != red || m.NRGBAAt(7, 3) != red || m.NRGBAAt(8, 3).A != 0 {
		t.Error("the picture does not lie in the middle")
	}
	blue := color.NRGBA{0, 0, 255, 255}
	m = sized(16, 8, &blue)
	if m.NRGBAAt(0, 0) != blue || m.NRGBAAt(15, 7) != blue || m.NRGBAAt(4, 0) != red {
		t.Error("the ground does not lie under all")
	}
	for _, c := range [][6]int{{0, 0, 64, 32, 64, 32}, {128, 0, 64, 32, 128, 64}, {0, 64, 64, 32, 128, 64}, {5, 7, 64, 32, 5, 7}, {1, 0, 64, 2, 1, 1}, {0, 2048, 64, 8, 2048, 2048}} {
		if got := sizeOf(c[0], c[1], c[2], c[3]); got != image.Pt(c[4], c[5]) {
			t.Errorf("%v: %v", c, got)
		}
	}
}

func TestFormats(t *testing.T) {
	data, kind, err := encoded(quarter(), "webp", generate.Origin{})
	if err != nil || kind != "image/webp" {
		t.Fatal(kind, err)
	}
	m, err := webp.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 16 {
		if got, want := color.NRGBAModel.Convert(m.At(i%4, i/4)).(color.NRGBA), quarter().NRGBAAt(i%4, i/4); got.A != want.A || want.A > 0 && got != want {
			t.Errorf("pixel %d: %v, want %v", i, got, want)
		}
	}
	data, kind, err = encoded(quarter(), "jpeg", generate.Origin{})
	if err != nil || kind != "image/jpeg" || decoded(t, data).Rect.Dx() != 4 {
		t.Error(kind, err)
	}
	data, kind, err = encoded(quarter(), "", generate.Origin{Seed: 3, Version: "x"})
	if o, bad := generate.ReadOrigin(data); err != nil || bad != nil || kind != "image/png" || o.Seed != 3 {
		t.Error(kind, err, bad)
	}
	if _, _, err := encoded(quarter(), "gif", generate.Origin{}); err == nil {
		t.Error("there is a format gif")
	}
}
