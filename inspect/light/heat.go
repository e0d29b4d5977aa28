package light

import (
	"math"
	"math/cmplx"

	"github.com/limner-ai/limner/inspect"
	"github.com/limner-ai/limner/inspect/plane"
	"github.com/limner-ai/limner/inspect/segment"
)

// heat maps how far the light of each place differs from the light of the rest.
// A region's own window counts for its pixels; the others are laid over each
// other, softly. What is crossed counts where no direction is told.
func heat(c *Canvas, seg *segment.Map, list []view) *plane.Plane {
	sum, weight := plane.New(Side, Side), plane.New(Side, Side)
	for i := range list {
		v := &list[i]
		bad := wrong(list, i)
		if v.region >= 0 {
			for k, l := range seg.Label {
				if l == v.region {
					sum.V[k] += float32(3 * bad)
					weight.V[k] += 3
				}
			}
			continue
		}
		side := float64(v.square.Dx())
		// Small windows say more of a place than large ones.
		most := (Side - side + 8) / Side
		cx, cy := float64(v.square.Min.X)+side/2, float64(v.square.Min.Y)+side/2
		for y := v.square.Min.Y; y < v.square.Max.Y; y++ {
			for x := v.square.Min.X; x < v.square.Max.X; x++ {
				d := (math.Pow(float64(x)+.5-cx, 2) + math.Pow(float64(y)+.5-cy, 2)) / (side * side / 8)
				w := float32(most * math.Exp(-d/2))
				sum.V[y*Side+x] += w * float32(bad)
				weight.V[y*Side+x] += w
			}
		}
	}
	out := plane.New(Side, Side)
	for i, w := range weight.V {
		if w > 0 {
			out.V[i] = max(0, min(sum.V[i]/w, 1))
		}
	}
	return out
}

// wrong is how much a window's light differs from that of the windows that it
// hardly overlaps, from 0 to 1, or half of how surely it is crossed.
func wrong(list []view, i int) float64 {
	v := &list[i]
	var rest complex128
	for j := range list {
		if s := v.square.Intersect(list[j].square); j != i && 3*s.Dx()*s.Dy() <= min(area(v), area(&list[j])) {
			rest += list[j].toward
		}
	}
	bad := 0.
	if l := cmplx.Abs(rest); l > .3 && cmplx.Abs(v.toward) > .3 {
		bad = cmplx.Abs(v.toward) * (1 - math.Cos(between(v.toward, rest))) / 2
	}
	return max(bad, v.crossed/2)
}

// onPicture is the heat of the canvas over the picture alone, no finer than it.
func onPicture(h *plane.Plane, c *Canvas, w, t int) *inspect.Heat {
	p := h.Crop(c.In.Min.X, c.In.Min.Y, c.In.Dx(), c.In.Dy())
	p = plane.Resize(p, min(w, p.W), min(t, p.H))
	return &inspect.Heat{W: p.W, H: p.H, Value: p.V}
}
