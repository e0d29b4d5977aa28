package frozen

import (
	"image"
	"image/color"
	"slices"
	"testing"

	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/dataset/settest"
)

// Four channels are the stored colours with straight alpha, bit for bit; what
// no one can see is 0.
func TestStraightAlpha(t *testing.T) {
	m := image.NewNRGBA(image.Rect(0, 0, 2, 2))
	copy(m.Pix, []uint8{200, 100, 50, 255, 200, 100, 50, 3, 9, 9, 9, 0, 255, 255, 255, 254})
	want := []uint8{200, 100, 50, 255, 200, 100, 50, 3, 0, 0, 0, 0, 255, 255, 255, 254}
	got := make([]uint8, 16)
	look{size: 2, channels: 4}.draw(got, m)
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// A picture shrinks on premultiplied values: green that is transparent does not
// bleed into the red beside it, and no colour rises above white.
func TestStraightAlphaShrinks(t *testing.T) {
	m := image.NewNRGBA(image.Rect(0, 0, 16, 16))
	for i := range 256 {
		c := color.NRGBA{255, 0, 0, 255}
		if i%16 >= 6 {
			c = color.NRGBA{0, 255, 0, 0}
		}
		m.Set(i%16, i/16, c)
	}
	l := look{size: 5, channels: 4}
	got := make([]uint8, l.length())
	l.draw(got, m)
	edge := false
	for i := 0; i < len(got); i += 4 {
		p := got[i : i+4]
		if p[3] > 0 && (p[0] < 250 || p[1] > 0 || p[2] > 0) || p[3] == 0 && p[0] > 0 {
			t.Errorf("pixel %d is %v", i/4, p)
		}
		edge = edge || p[3] > 20 && p[3] < 235
	}
	if !edge || got[3] < 250 || got[19] != 0 {
		t.Errorf("no soft edge between %v and %v", got[:4], got[16:20])
	}
}

func TestSetWithAlpha(t *testing.T) {
	c := fixture(t, 6)
	dir, _ := freeze(t, c.input())
	for _, size := range []int{0, 4} {
		s, err := Open(picture.Source{Path: dir, Split: picture.All, Channels: 4, Size: size})
		if err != nil {
			t.Fatal(err)
		}
		settest.Run(t, s)
		h, w, channels := s.Shape()
		pixels := make([]float32, h*w*channels)
		if _, err := s.Item(0, pixels); err != nil || channels != 4 {
			t.Fatal(channels, err)
		}
		if end := pixels[len(pixels)-4:]; pixels[3] != 1 || !slices.Equal(end, make([]float32, 4)) {
			t.Errorf("size %d: it begins with %v and ends with %v", h, pixels[:4], end)
		}
		s.Close()
	}
	if _, err := Open(picture.Source{Path: dir, Channels: 4, Background: "#ffffff"}); err == nil {
		t.Error("a background under pictures that keep their alpha was accepted")
	}
}
