package repair

import (
	"image"
	"slices"

	"github.com/limner-ai/limner/inspect"
)

// Shares of a picture's window that are painted anew at most, and of the
// greatest heat from which a place is.
const (
	maxShare = .6
	hot      = .5
)

// heat is where a verdict's findings point to at a pixel of a picture of w×h:
// the greatest heat, each weighted by how probable its fault is.
func (v Verdict) heat(x, y, w, h int) float64 {
	most := 0.
	for _, f := range v.Findings {
		if f.Heat != nil && f.Applies {
			most = max(most, f.Probability*float64(f.Heat.At(x, y, w, h)))
		}
	}
	return most
}

// Places is the rectangle around what the findings point to, empty if they
// point nowhere.
func (v Verdict) Places(size image.Point) image.Rectangle {
	var r image.Rectangle
	for _, f := range v.Findings {
		if !f.Applies || !f.Faulty {
			continue
		}
		for _, region := range f.Regions {
			r = r.Union(region.Box)
		}
	}
	if r.Empty() {
		r = v.around(size)
	}
	return r.Intersect(image.Rectangle{Max: size})
}

// around is the rectangle around what is hot, looked at on a grid of at most 64
// points a side.
func (v Verdict) around(size image.Point) image.Rectangle {
	step := max(1, max(size.X, size.Y)/64)
	most := 0.
	each := func(f func(x, y int, heat float64)) {
		for y := step / 2; y < size.Y; y += step {
			for x := step / 2; x < size.X; x += step {
				f(x, y, v.heat(x, y, size.X, size.Y))
			}
		}
	}
	each(func(_, _ int, heat float64) { most = max(most, heat) })
	var r image.Rectangle
	if most == 0 {
		return r
	}
	each(func(x, y int, heat float64) {
		if heat >= hot*most {
			r = r.Union(image.Rect(x-step/2, y-step/2, x+step-step/2, y+step-step/2))
		}
	})
	return r
}

// mask is 1 at the pixels of a window that are painted anew: what is hot, and
// its neighbours, but no more than maxShare of it. It is nil if nothing is hot.
func (v Verdict) mask(w window, size image.Point) []float32 {
	heat := make([]float64, w.model.X*w.model.Y)
	most := 0.
	for y := range w.model.Y {
		for x := range w.model.X {
			at := w.at(x, y)
			h := v.heat(at.X, at.Y, size.X, size.Y)
			heat[y*w.model.X+x] = h
			most = max(most, h)
		}
	}
	if most == 0 {
		return nil
	}
	for threshold := hot * most; ; threshold += most / 20 {
		mask, n := grown(heat, threshold, w.model)
		if float64(n) <= maxShare*float64(len(mask)) || threshold >= most {
			return mask
		}
	}
}

// grown marks what is at or above a threshold, and the eight neighbours of it.
func grown(heat []float64, threshold float64, size image.Point) (mask []float32, n int) {
	mask = make([]float32, len(heat))
	for y := range size.Y {
		for x := range size.X {
			if heat[y*size.X+x] < threshold {
				continue
			}
			for v := max(0, y-1); v <= min(y+1, size.Y-1); v++ {
				for u := max(0, x-1); u <= min(x+1, size.X-1); u++ {
					mask[v*size.X+u] = 1
				}
			}
		}
	}
	for _, m := range mask {
		if m > 0 {
			n++
		}
	}
	return mask, n
}

// pointless reports that no finding of a fault has a place.
func pointless(v Verdict) bool {
	return !slices.ContainsFunc(v.Findings, func(f inspect.Finding) bool { return f.Applies && f.Faulty && f.Heat != nil })
}
