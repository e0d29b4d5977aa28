package station

import (
	"bytes"
	"fmt"
	"image/color"
	"image/png"

	"github.com/limner-ai/limner/internal/hue"
)

const (
	maxPicture = 16 << 20 // bytes
	maxSide    = 2048
	lookAt     = 64 // pixels of a side that are looked at
)

// look tells what a picture turned out to be: light or dark, colourful or
// muted, and the colour that most of it has.
func look(data []byte) ([]Attribute, error) {
	if len(data) > maxPicture {
		return nil, fmt.Errorf("a picture of %d bytes is not looked at", len(data))
	}
	cfg, err := png.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("this picture is not looked at: %w", err)
	}
	if cfg.Width > maxSide || cfg.Height > maxSide {
		return nil, fmt.Errorf("a picture of %d×%d is not looked at", cfg.Width, cfg.Height)
	}
	m, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("this picture is not looked at: %w", err)
	}
	var counts [len(hue.Names)]int
	var light, chroma, seen float64
	b := m.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y += max(1, b.Dy()/lookAt) {
		for x := b.Min.X; x < b.Max.X; x += max(1, b.Dx()/lookAt) {
			c := color.NRGBAModel.Convert(m.At(x, y)).(color.NRGBA)
			if c.A < 128 {
				continue
			}
			r, g, b := int(c.R), int(c.G), int(c.B)
			counts[hue.Of(r, g, b)]++
			light += (.299*float64(r) + .587*float64(g) + .114*float64(b)) / 255
			chroma += float64(max(r, g, b)-min(r, g, b)) / 255
			seen++
		}
	}
	if seen == 0 {
		return []Attribute{attribute(kindLooks, "empty")}, nil
	}
	var out []Attribute
	say := func(is bool, word string) {
		if is {
			out = append(out, attribute(kindLooks, word))
		}
	}
	say(light/seen > .62, "light")
	say(light/seen < .38, "dark")
	say(chroma/seen > .5, "colourful")
	say(chroma/seen < .2, "muted")
	most := hue.Chromatic
	for i := hue.Chromatic; i < len(counts); i++ {
		if counts[i] > counts[most] {
			most = i
		}
	}
	say(float64(counts[most]) > .3*seen, "mostly "+hue.Names[most])
	return out, nil
}
