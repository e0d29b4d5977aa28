package repair

import (
	"image"
	"image/draw"

	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/generate"
	"github.com/limner-ai/limner/generate/canvas"
)

// window is the part of a picture that a model paints on, and how it gets there
// and back.
type window struct {
	part  image.Rectangle // of the picture
	model image.Point     // extent of the model's pictures
	times int             // side of a pixel where a part of the model's was written larger, else 0
}

// windowFor is where a model works on the faulty places of a picture. A picture
// of the model's own extent, or one written larger with square pixels, is taken
// whole; of others the square around the places, with as much again around it.
func windowFor(m *image.NRGBA, faulty image.Rectangle, model image.Point) window {
	size := m.Rect.Size()
	if n := size.X / model.X; n >= 1 && size == model.Mul(n) && squared(m, n) {
		return window{image.Rectangle{Max: size}, model, n}
	}
	side := max(2*max(faulty.Dx(), faulty.Dy()), model.X)
	part := image.Rectangle{Max: image.Pt(min(side, size.X), min(side*model.Y/model.X, size.Y))}
	middle := faulty.Min.Add(faulty.Max).Div(2)
	at := middle.Sub(part.Size().Div(2))
	at.X = max(0, min(at.X, size.X-part.Dx()))
	at.Y = max(0, min(at.Y, size.Y-part.Dy()))
	return window{part.Add(at), model, 0}
}

// squared reports whether a picture is made of squares of n pixels.
func squared(m *image.NRGBA, n int) bool {
	for y := range m.Rect.Dy() {
		for x := range m.Rect.Dx() {
			if m.NRGBAAt(x, y) != m.NRGBAAt(x-x%n, y-y%n) {
				return false
			}
		}
	}
	return true
}

// in is what the model is shown.
func (w window) in(m *image.NRGBA, channels int) (*tensor.Tensor, error) {
	small := image.NewNRGBA(image.Rectangle{Max: w.model})
	if w.times > 0 {
		for y := range w.model.Y {
			for x := range w.model.X {
				small.SetNRGBA(x, y, m.NRGBAAt(x*w.times, y*w.times))
			}
		}
	} else {
		small = canvas.Placement{Source: m.Rect.Size(), Canvas: w.model, From: w.part, Onto: image.Rectangle{Max: w.model}}.Draw(m, nil)
	}
	return canvas.Tensor(small, channels)
}

// at is the pixel of the picture in the middle of the model's pixel (x, y).
func (w window) at(x, y int) image.Point {
	return w.part.Min.Add(image.Pt((2*x+1)*w.part.Dx()/(2*w.model.X), (2*y+1)*w.part.Dy()/(2*w.model.Y)))
}

// out is the picture with what the model painted inside of the mask. Pixels
// outside of it keep their bytes.
func (w window) out(m *image.NRGBA, painted *image.NRGBA, mask []float32) *image.NRGBA {
	large := painted
	if w.times != 1 {
		size := w.part.Size()
		large = canvas.Placement{Source: w.model, Canvas: size, From: image.Rectangle{Max: w.model}, Onto: image.Rectangle{Max: size}}.Draw(painted, nil)
	}
	out := image.NewNRGBA(m.Rect)
	draw.Draw(out, out.Rect, m, image.Point{}, draw.Src)
	for y := range w.part.Dy() {
		for x := range w.part.Dx() {
			u, v := x*w.model.X/w.part.Dx(), y*w.model.Y/w.part.Dy()
			if mask[v*w.model.X+u] == 0 {
				continue
			}
			c := large.NRGBAAt(x, y)
			if w.times > 0 {
				c = painted.NRGBAAt(u, v)
			}
			out.SetNRGBA(w.part.Min.X+x, w.part.Min.Y+y, c)
		}
	}
	return out
}

// picture is picture k of [n h w c] in [0, 1].
func picture(t *tensor.Tensor, k int) (*image.NRGBA, error) {
	m, err := generate.Look{}.Image(tensor.From(t.Row(k), append(tensor.S(1), t.Shape[1:]...)...))
	if err != nil {
		return nil, err
	}
	if n, ok := m.(*image.NRGBA); ok {
		return n, nil
	}
	out := image.NewNRGBA(image.Rectangle{Max: m.Bounds().Size()})
	draw.Draw(out, out.Rect, m, m.Bounds().Min, draw.Src)
	return out, nil
}
