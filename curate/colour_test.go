package curate

import (
	"image"
	"image/color"
	"testing"
)

func TestColourName(t *testing.T) {
	for want, colours := range map[string][]color.NRGBA{
		"black":  {{0, 0, 0, 255}, {20, 10, 30, 255}},
		"grey":   {{128, 128, 128, 255}, {90, 95, 92, 255}},
		"white":  {{255, 255, 255, 255}, {245, 240, 240, 255}},
		"red":    {{220, 30, 30, 255}, {139, 0, 0, 255}, {255, 0, 60, 255}},
		"orange": {{255, 140, 0, 255}},
		"brown":  {{139, 90, 43, 255}, {150, 100, 85, 255}, {92, 64, 51, 255}},
		"yellow": {{255, 200, 61, 255}, {250, 240, 20, 255}},
		"green":  {{0, 128, 0, 255}, {140, 220, 60, 255}},
		"cyan":   {{0, 200, 210, 255}},
		"blue":   {{30, 60, 220, 255}, {0, 120, 215, 255}},
		"purple": {{130, 60, 200, 255}},
		"pink":   {{255, 105, 180, 255}, {255, 182, 170, 255}, {255, 0, 255, 255}},
		"":       {{9, 9, 9, 0}},
	} {
		for _, c := range colours {
			m := drawn(4, 4, func(x, y int) color.NRGBA { return c })
			if got := colourName(m); got != want {
				t.Errorf("%v: %q, want %q", c, got, want)
			}
		}
	}
	// What is seen through counts by its part.
	m := drawn(2, 1, func(x, _ int) color.NRGBA {
		return []color.NRGBA{{255, 0, 0, 100}, {0, 0, 255, 120}}[x]
	})
	if got := colourName(m); got != "blue" {
		t.Error(got)
	}
	if got := colourName(image.NewNRGBA(image.Rectangle{})); got != "" {
		t.Error(got)
	}
}
