package canvas

import (
	"fmt"
	"image"
	"math"
	"strconv"
	"strings"
)

// Fit says what becomes of a picture whose sides are in another proportion
// than the canvas's.
type Fit string

// The fits.
const (
	Crop    Fit = "crop"    // the middle fills the canvas
	Pad     Fit = "pad"     // all of it is seen, between bars
	Stretch Fit = "stretch" // all of it fills the canvas, distorted
)

// Margins are how much wider and higher than the picture a canvas is, in the
// picture's pixels or as shares of its width and height.
type Margins struct {
	Left, Right, Top, Bottom Length
}

// Length is a number of pixels, or a share.
type Length struct {
	Value float64
	Share bool
}

// of is the length in pixels where the whole is n of them.
func (l Length) of(n int) float64 {
	if l.Share {
		return l.Value * float64(n)
	}
	return l.Value
}

// maxMargin bounds margins, so that something can be seen of the picture: in
// pixels, and as a share.
const maxMargin, maxShare = 1 << 16, 16

// ParseMargins reads "left,right,top,bottom" or one number for all sides, in
// pixels or, with a per cent sign, of the picture's width and height.
func ParseMargins(s string) (Margins, error) {
	fields := strings.Split(s, ",")
	if len(fields) == 1 {
		fields = []string{s, s, s, s}
	}
	var l [4]Length
	bad := len(fields) != 4
	for i := range l {
		if bad {
			break
		}
		number, share := strings.CutSuffix(strings.TrimSpace(fields[i]), "%")
		v, err := strconv.ParseFloat(number, 64)
		if share {
			v /= 100
		}
		bad = err != nil || !(v >= 0) || share && v > maxShare || v > maxMargin
		l[i] = Length{v, share}
	}
	if bad {
		return Margins{}, fmt.Errorf("margins %q: want left,right,top,bottom or one number for all, each from 0 to %d pixels or 0%% to %d%%", s, maxMargin, 100*maxShare)
	}
	return Margins{l[0], l[1], l[2], l[3]}, nil
}

// Placement says which part of a picture lies where on a canvas.
type Placement struct {
	Source image.Point     // extent of the picture
	Canvas image.Point     // extent of the canvas
	From   image.Rectangle // part of the picture
	Onto   image.Rectangle // place on the canvas
}

// Place fits a picture on a canvas. With margins the canvas is that much larger
// than the picture, and all of it is seen (Pad), whatever the fit.
func Place(picture, canvas image.Point, fit Fit, margins *Margins) (Placement, error) {
	p := Placement{Source: picture, Canvas: canvas}
	if picture.X < 1 || picture.Y < 1 || canvas.X < 1 || canvas.Y < 1 {
		return p, fmt.Errorf("a picture of %d×%d cannot be fitted to %d×%d", picture.X, picture.Y, canvas.X, canvas.Y)
	}
	// The window [x0, x0+w) × [y0, y0+h) of the picture's plane fills the
	// canvas.
	var x0, y0 float64
	w, h := float64(picture.X), float64(picture.Y)
	if margins != nil {
		fit = Pad
		x0, y0 = -margins.Left.of(picture.X), -margins.Top.of(picture.Y)
		w += margins.Left.of(picture.X) + margins.Right.of(picture.X)
		h += margins.Top.of(picture.Y) + margins.Bottom.of(picture.Y)
	}
	ratio := float64(canvas.X) / float64(canvas.Y)
	wide, high := h*ratio, w/ratio
	switch fit {
	case Stretch:
		wide, high = w, h
	case Crop:
		wide, high = min(w, wide), min(h, high)
	case Pad:
		wide, high = max(w, wide), max(h, high)
	default:
		return p, fmt.Errorf("%q is no way to fit; want %s, %s or %s", fit, Crop, Pad, Stretch)
	}
	x0, y0 = x0+(w-wide)/2, y0+(h-high)/2
	p.From.Min.X, p.From.Max.X, p.Onto.Min.X, p.Onto.Max.X = along(x0, wide, picture.X, canvas.X)
	p.From.Min.Y, p.From.Max.Y, p.Onto.Min.Y, p.Onto.Max.Y = along(y0, high, picture.Y, canvas.Y)
	return p, nil
}

// along is what of n pixels lies in the window [at, at+length), and where that
// lies among the m pixels that the window fills: at least one pixel of each.
func along(at, length float64, n, m int) (from0, from1, onto0, onto1 int) {
	round := func(x float64) int { return int(math.Floor(x + .5)) }
	from0 = min(max(0, int(math.Floor(at))), n-1)
	from1 = min(max(from0+1, from0+round(min(length, float64(n)))), n)
	onto0 = min(max(0, round((float64(from0)-at)/length*float64(m))), m-1)
	onto1 = min(max(onto0+1, round((float64(from1)-at)/length*float64(m))), m)
	if at >= 0 && at+length <= float64(n) { // the window lies inside of the picture
		onto0, onto1 = 0, m
	}
	return from0, from1, onto0, onto1
}
