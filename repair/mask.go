package repair

import "image"

// marked is the rectangle around what a mask marks.
func marked(mask *image.Alpha) (r image.Rectangle) {
	size := mask.Rect.Size()
	for y := range size.Y {
		for x := range size.X {
			if mask.AlphaAt(mask.Rect.Min.X+x, mask.Rect.Min.Y+y).A > 127 {
				r = r.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return r
}

// masked is a mask over the picture as one over the window; nil if it marks
// nothing there. A pixel is painted if anything that falls on it is marked.
func (w window) masked(mask *image.Alpha) []float32 {
	out := make([]float32, w.model.X*w.model.Y)
	any := false
	for y := range w.part.Dy() {
		for x := range w.part.Dx() {
			at := mask.Rect.Min.Add(w.part.Min).Add(image.Pt(x, y))
			if mask.AlphaAt(at.X, at.Y).A > 127 {
				out[y*w.model.Y/w.part.Dy()*w.model.X+x*w.model.X/w.part.Dx()] = 1
				any = true
			}
		}
	}
	// A part that is smaller than the model's pictures leaves gaps between.
	for y := range w.model.Y {
		for x := range w.model.X {
			at := mask.Rect.Min.Add(w.at(x, y))
			if mask.AlphaAt(at.X, at.Y).A > 127 {
				out[y*w.model.X+x] = 1
				any = true
			}
		}
	}
	if !any {
		return nil
	}
	return out
}

// union adds what a mask over the window marks to one over the picture.
func (w window) union(all *image.Alpha, mask []float32, size image.Point) *image.Alpha {
	out := image.NewAlpha(image.Rectangle{Max: size})
	if all != nil {
		copy(out.Pix, all.Pix)
	}
	for y := range w.part.Dy() {
		for x := range w.part.Dx() {
			if mask[y*w.model.Y/w.part.Dy()*w.model.X+x*w.model.X/w.part.Dx()] > 0 {
				out.Pix[out.PixOffset(w.part.Min.X+x, w.part.Min.Y+y)] = 255
			}
		}
	}
	return out
}
