package jumble

import (
	"fmt"
	"image"

	"github.com/limner-ai/limner/curate/resize"
	"github.com/limner-ai/limner/inspect"
	"github.com/limner-ai/limner/inspect/jumble/natural"
	"github.com/limner-ai/limner/inspect/plane"
)

const (
	leastSide = 16
	// BRISQUE was made for opaque photographs of this many pixels on the longer
	// side; larger ones are shrunk to it, those with a side below leastPhoto and
	// pictures with transparent parts are not measured.
	photo      = 768
	leastPhoto = 192
)

// reason says why a picture cannot be judged.
type reason string

func (r reason) Error() string { return string(r) }

// view is a picture as the network sees it.
type view struct {
	own     *image.NRGBA    // at its own scale
	picture *image.NRGBA    // 64×64
	place   image.Rectangle // of the picture in it
}

// frame brings a picture into a square of 64 pixels: shrunk by area if it is
// larger, in the middle as it is if it is smaller.
func frame(m *image.NRGBA) (*view, error) {
	own, _ := plane.Shrunk(m)
	w, h := own.Rect.Dx(), own.Rect.Dy()
	if min(w, h) < leastSide {
		return nil, reason(fmt.Sprintf("The picture is too small to see structure in it: it wants %d pixels on each side.", leastSide))
	}
	if flat(own) {
		return nil, reason("There is nothing in the picture that could be out of place.")
	}
	v := &view{own: own}
	if max(w, h) > Side {
		p, err := resize.Square(own, Side, resize.Pad, nil)
		if err != nil {
			return nil, err
		}
		// As resize places it.
		pw, ph := max(1, (2*w*Side+max(w, h))/(2*max(w, h))), max(1, (2*h*Side+max(w, h))/(2*max(w, h)))
		v.picture, v.place = p, image.Rect(0, 0, pw, ph).Add(image.Pt((Side-pw)/2, (Side-ph)/2))
		if min(pw, ph) < Cell {
			return nil, reason("The picture is too narrow to see structure in it.")
		}
		return v, nil
	}
	v.place = image.Rect(0, 0, w, h).Add(image.Pt((Side-w)/2, (Side-h)/2))
	v.picture = image.NewNRGBA(image.Rect(0, 0, Side, Side))
	for y := range h {
		copy(v.picture.Pix[v.picture.PixOffset(v.place.Min.X, v.place.Min.Y+y):], own.Pix[y*own.Stride:][:4*w])
	}
	return v, nil
}

// flat tells whether all that is visible has one colour and nothing an outline.
func flat(m *image.NRGBA) bool {
	for _, p := range append(levels(m), plane.Alpha(m)) {
		if low, high := p.Range(); high-low > 2./255 {
			return false
		}
	}
	return true
}

func levels(m *image.NRGBA) []*plane.Plane {
	l := plane.Levels(m, plane.Black)
	return l[:]
}

// heat is what the network says of the cells, as far as the picture reaches.
func (v *view) heat(cells []float32) *inspect.Heat {
	all := inspect.Heat{W: Grid, H: Grid, Value: make([]float32, Grid*Grid)}
	for i, z := range cells {
		all.Value[i] = float32(logistic(z))
	}
	h := &inspect.Heat{W: v.place.Dx() / Cell, H: v.place.Dy() / Cell}
	h.Value = make([]float32, h.W*h.H)
	for y := range h.H {
		for x := range h.W {
			px := v.place.Min.X + (2*x+1)*v.place.Dx()/(2*h.W)
			py := v.place.Min.Y + (2*y+1)*v.place.Dy()/(2*h.H)
			h.Value[y*h.W+x] = all.At(px, py, Side, Side)
		}
	}
	return h
}

// measure adds the distances from photographs and from the training pictures,
// where they mean something.
func (v *view) measure(to map[string]float64) error {
	g, err := natural.Emoji()
	if err != nil {
		return err
	}
	if d, ok := g.NIQE(plane.Luma(v.picture, plane.Own(v.picture)), plane.Alpha(v.picture)); ok {
		to["niqe"] = d
	}
	w, h := v.own.Rect.Dx(), v.own.Rect.Dy()
	alpha, _ := plane.Alpha(v.own).Range()
	if min(w, h) < leastPhoto || alpha < 1 {
		return nil
	}
	luma := plane.Luma(v.own, plane.White)
	if long := max(w, h); long > photo {
		luma = plane.Resize(luma, max(natural.LeastSide, w*photo/long), max(natural.LeastSide, h*photo/long))
	}
	to["brisque"], err = natural.BRISQUE(luma)
	return err
}
