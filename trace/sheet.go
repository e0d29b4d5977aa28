package trace

import (
	"fmt"
	"image"
	"image/color"
	"io"

	"golang.org/x/image/draw"

	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/internal/grid"
	"github.com/limner-ai/limner/trace/index"
)

const (
	sheetSide = 192 // pixels of a picture on a sheet
	sheetMost = 12  // lines of a sheet
)

// Sheet draws the picture beside its nearest training pictures as PNG, a line each,
// what matches framed. Where the set is not at hand, their thumbs are shown.
func (t *Tracer) Sheet(w io.Writer, m *image.NRGBA, r Report) error {
	if r.Nearest == nil {
		return fmt.Errorf("trace: there is nothing to draw: no index was searched")
	}
	x := t.index
	if x == nil {
		var err error
		if x, err = t.o.Sets.Find(r.Nearest.Set.Root); err != nil {
			return err
		}
	}
	lines := r.Nearest.Nearest
	for _, p := range r.Nearest.Parts {
		lines = append([]index.Match{*p.Nearest}, lines...)
	}
	lines = lines[:min(len(lines), sheetMost)]
	var pixels []float32
	var labels []string
	for _, match := range lines {
		theirs, err := x.Image(match.Index)
		if err != nil {
			return err
		}
		pixels = append(pixels, framed(m, match.Query)...)
		pixels = append(pixels, framed(theirs, match.At)...)
		labels = append(labels, fmt.Sprintf("%.3f  %s", match.Distance, match.Picture.Credit()))
	}
	return grid.Encode(w, tensor.From(pixels, 2*len(lines), sheetSide, sheetSide, 3), grid.Options{Columns: 2, Labels: labels, Margin: 6})
}

// framed is a picture over white, fitted into a square, with a frame around a
// region of it unless that is all of it.
func framed(m *image.NRGBA, at index.Region) []float32 {
	square := image.NewRGBA(image.Rect(0, 0, sheetSide, sheetSide))
	draw.Draw(square, square.Rect, image.NewUniform(color.RGBA{235, 235, 235, 255}), image.Point{}, draw.Src)
	w, h := m.Rect.Dx(), m.Rect.Dy()
	longer := max(w, h)
	w, h = max(1, w*sheetSide/longer), max(1, h*sheetSide/longer)
	place := image.Rect(0, 0, w, h).Add(image.Pt((sheetSide-w)/2, (sheetSide-h)/2))
	draw.Draw(square, place, image.White, image.Point{}, draw.Src)
	how := draw.Scaler(draw.CatmullRom)
	if longer <= sheetSide/2 {
		how = draw.NearestNeighbor // small pictures are seen as they are
	}
	how.Scale(square, place, m, m.Rect, draw.Over, nil)
	if at.Area() < 0.9 {
		frame(square, place, at)
	}
	out := make([]float32, 0, 3*sheetSide*sheetSide)
	for i := 0; i < len(square.Pix); i += 4 {
		for _, v := range square.Pix[i : i+3] {
			out = append(out, float32(v)/255)
		}
	}
	return out
}

// frame draws a line of two pixels, dark beside light, so that it is seen on
// anything.
func frame(m *image.RGBA, place image.Rectangle, at index.Region) {
	w, h := float64(place.Dx()), float64(place.Dy())
	r := image.Rect(int(at.X0*w), int(at.Y0*h), int(at.X1*w), int(at.Y1*h)).Add(place.Min)
	for i, c := range []color.RGBA{{220, 20, 60, 255}, {255, 255, 255, 255}} {
		in := r.Inset(i)
		for x := in.Min.X; x < in.Max.X; x++ {
			m.SetRGBA(x, in.Min.Y, c)
			m.SetRGBA(x, in.Max.Y-1, c)
		}
		for y := in.Min.Y; y < in.Max.Y; y++ {
			m.SetRGBA(in.Min.X, y, c)
			m.SetRGBA(in.Max.X-1, y, c)
		}
	}
}
