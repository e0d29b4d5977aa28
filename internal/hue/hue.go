// Package hue names colours as people roughly do.
package hue

// Names are the names of colours; greys come first.
var Names = [...]string{"black", "grey", "white", "red", "orange", "brown", "yellow", "green", "cyan", "blue", "purple", "pink"}

// Chromatic is the first of Names that is no grey.
const Chromatic = red

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

// Of sorts a colour of 8-bit levels by hue, saturation and value, as people roughly name
// them: what has little saturation is grey, dark orange and dull dark red are
// brown, light red is pink. It gives an index of Names.
func Of(r, g, b int) int {
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
