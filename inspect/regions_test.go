package inspect

import (
	"image"
	"testing"
)

func TestRegions(t *testing.T) {
	h := &Heat{W: 8, H: 4, Value: make([]float32, 32)}
	for _, i := range []int{0, 1, 8} { // three cells at the top left
		h.Value[i] = .6
	}
	h.Value[7], h.Value[15] = .9, .7 // two on the right, at the end of a row
	h.Value[24] = .3
	got := h.Regions(image.Rect(10, 20, 26, 28), .5, 5)
	want := []Region{{Box: image.Rect(24, 20, 26, 24), Score: float64(float32(.9))}, {Box: image.Rect(10, 20, 14, 24), Score: float64(float32(.6))}}
	if len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("%v, want %v", got, want)
	}
	if got := h.Regions(image.Rect(0, 0, 16, 8), .2, 1); len(got) != 1 || got[0].Box != image.Rect(14, 0, 16, 4) {
		t.Errorf("the worst alone: %v", got)
	}
	if h.Regions(image.Rect(0, 0, 16, 8), .95, 5) != nil {
		t.Error("nothing is that hot")
	}
	if v := h.At(15, 0, 16, 8); v != .9 {
		t.Errorf("heat %v in the corner", v)
	}
	for where, r := range map[string]image.Rectangle{
		"at the top left": image.Rect(0, 0, 3, 3), "in the middle": image.Rect(40, 40, 60, 60),
		"at the bottom right": image.Rect(90, 90, 100, 100), "on the left": image.Rect(0, 0, 30, 100),
	} {
		if got := Place(r, image.Rect(0, 0, 100, 100)); got != where {
			t.Errorf("%v is %s, want %s", r, got, where)
		}
	}
}
