package curate

import (
	"image"

	"github.com/limner-ai/limner/internal/hue"
)

// colourName names the colour of most of what is visible, "" if nothing is.
func colourName(m *image.NRGBA) string {
	var counts [len(hue.Names)]int64
	var all int64
	for i := 0; i < len(m.Pix); i += 4 {
		a := int64(m.Pix[i+3])
		counts[hue.Of(int(m.Pix[i]), int(m.Pix[i+1]), int(m.Pix[i+2]))] += a
		all += a
	}
	if all == 0 {
		return ""
	}
	best := 0
	for i, n := range counts {
		if n > counts[best] {
			best = i
		}
	}
	return hue.Names[best]
}
