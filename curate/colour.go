package curate

import "image"

// colourNames are the names of colourName; greys come first.
var colourNames = [...]string{"black", "grey", "white", "red", "orange", "brown", "yellow", "green", "cyan", "blue", "purple", "pink"}

const (
	black = iota
	grey
	white
	red
	orange
	brown
	yellow
	green
	cyan
	blue
	purple
	pink
)

// colourName names the colour of most of what is visible, "" if nothing is.
func colourName(m *image.NRGBA) string {
	var counts [len(colourNames)]int64
	var all int64
	for i := 0; i < len(m.Pix); i += 4 {
		a := int64(m.Pix[i+3])
		counts[colourOf(int(m.Pix[i]), int(m.Pix[i+1]), int(m.Pix[i+2]))] += a
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
	return colourNames[best]
}

// colourOf sorts a colour by hue, saturation and value, as people roughly name
// them: what has little saturation is grey, dark orange and dull dark red are
// brown, light red is pink.
func colourOf(r, g, b int) int {
	high, low := max(r, g, b), min(r, g, b)
	chroma := high - low
	switch {
	case high < 40:
		return black
	case chroma*100 < high*14:
		if high >= 230 {
			return white
		}
		return grey
	}
	var hue int // degrees
	switch high {
	case r:
		hue = 60 * (g - b) / chroma
	case g:
		hue = 120 + 60*(b-r)/chroma
	default:
		hue = 240 + 60*(r-g)/chroma
	}
	hue = (hue + 360) % 360
	switch {
	case hue < 14 || hue >= 345:
		switch dull := chroma*100 < high*60; {
		case dull && high > 200:
			return pink
		case dull && hue < 20:
			return brown
		}
		return red
	case hue < 40:
		if high < 200 {
			return brown
		}
		return orange
	case hue < 70:
		return yellow
	case hue < 165:
		return green
	case hue < 195:
		return cyan
	case hue < 255:
		return blue
	case hue < 295:
		return purple
	}
	return pink
}
