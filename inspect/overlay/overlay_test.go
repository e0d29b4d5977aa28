package overlay

import (
	"image"
	"image/color"
	"slices"
	"testing"

	"github.com/limner-ai/limner/inspect"
)

func TestDraw(t *testing.T) {
	whole := image.NewNRGBA(image.Rect(0, 0, 40, 40))
	for i := range whole.Pix {
		whole.Pix[i] = 200
	}
	m := whole.SubImage(image.Rect(4, 6, 36, 38)).(*image.NRGBA)
	before := slices.Clone(whole.Pix)
	h := &inspect.Heat{W: 2, H: 2, Value: []float32{0, 1, 0, 0}}
	list := []inspect.Finding{
		{Inspector: "one", Applies: true, Heat: h, Faulty: true, Fault: "spoilt", Sentence: "It is spoilt on the right and it takes many words to say so in a line.",
			Regions: []inspect.Region{{Box: image.Rect(20, 6, 36, 22), Score: 1}}},
		{Inspector: "two", Sentence: "Nothing to see."},
		{Inspector: "three", Applies: true, Sentence: "It is sound."},
	}
	out := Draw(m, list)
	again := Draw(m, list)
	if !slices.Equal(out.Pix, again.Pix) || !slices.Equal(before, whole.Pix) {
		t.Error("drawn twice it differs, or the picture was changed")
	}
	// Three panels of 256 pixels: the second is hot at its upper right.
	if w := out.Rect.Dx(); w != 2*margin+3*256+2*gap {
		t.Fatalf("width %d", w)
	}
	hot := out.NRGBAAt(margin+256+gap+240, margin+titleHigh+40)
	cold := out.NRGBAAt(margin+256+gap+20, margin+titleHigh+240)
	if int(hot.R)-int(hot.B) < 60 || int(cold.R)-int(cold.B) > 20 {
		t.Errorf("hot %v, cold %v", hot, cold)
	}
	if got := out.NRGBAAt(margin+256+gap+128+60, margin+titleHigh); got != frame {
		t.Errorf("the frame is %v", got)
	}
	for _, size := range []image.Point{{1, 1}, {2000, 3}, {3, 1500}, {300, 200}} {
		p := Draw(image.NewNRGBA(image.Rectangle{Max: size}), list[:1])
		if p.Rect.Dx() > 2*most+100 || p.Rect.Dy() > most+300 {
			t.Errorf("%v is drawn on %v", size, p.Rect)
		}
	}
	if Colour(-1) != Colour(0) || Colour(2) != Colour(1) || Colour(.5) == (color.NRGBA{}) {
		t.Error("colours beyond the ends")
	}
}
