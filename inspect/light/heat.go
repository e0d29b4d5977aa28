package light

import (
	"image"
	"math"
	"math/cmplx"

	"github.com/limner-ai/limner/inspect"
	"github.com/limner-ai/limner/inspect/plane"
	"github.com/limner-ai/limner/inspect/segment"
)

// place is what the windows around a pixel, or a region, say of it together.
type place struct {
	toward  complex128 // sum of arrows by weight
	crossed float64
	told    float64 // sum of weights of what is told
	weight  float64
}

func (p *place) add(v *view, weight float64) {
	p.toward += v.toward * complex(weight, 0)
	p.crossed += weight * v.crossed
	p.told += weight * (1 - v.none)
	p.weight += weight
}

func (p *place) join(q place, by float64) {
	p.toward += q.toward * complex(by, 0)
	p.crossed += by * q.crossed
	p.told += by * q.told
	p.weight += by * q.weight
}

// heat is how far the light of each place points from the light of the whole:
// half of it by pixels, half by regions, by their own windows and outlines, so
// that it keeps to borders where there are any. Where windows see light from
// two sides, that counts if it is more. What is transparent has none.
func heat(c *Canvas, seg *segment.Map, list []view, whole complex128) *plane.Plane {
	pixels, regions := make([]place, Side*Side), make([]place, len(seg.Size))
	for i := range list {
		v := &list[i]
		if v.region >= 0 {
			own := ownWeight * float64(seg.Size[v.region])
			regions[v.region].add(v, own)
			regions[v.region].toward += v.outline * complex(own/2, 0)
			continue
		}
		v.spread(func(at int, weight float64) { pixels[at].add(v, weight) })
	}
	for i, p := range pixels {
		regions[seg.Label[i]].join(p, 1)
	}
	out := plane.New(Side, Side)
	for i := range out.V {
		p := pixels[i]
		r := &regions[seg.Label[i]]
		if n := seg.Size[seg.Label[i]]; n <= mostRegion && r.weight > 0 && p.weight > 0 {
			p.join(*r, p.weight/r.weight)
		}
		if p.weight == 0 || p.told == 0 {
			continue
		}
		h := max(p.against(whole), crossedShare*p.crossed/p.weight)
		if seg.Size[seg.Label[i]] > mostRegion {
			h *= groundShare
		}
		out.V[i] = float32(max(0, min(h, 1))) * c.Alpha.V[i]
	}
	return out
}

// crossedShare is how much of the chance of light from two sides counts: such
// windows hold both what is right and what is wrong.
const crossedShare = .6

// groundShare is how much the heat of grounds counts: what lies before them is
// to blame more often.
const groundShare = .5

// ownWeight is how much more a region's own window says of it than the others'.
const ownWeight = 16

// against is how far a place's light points from the whole's, (1 − cos Δ)/2, by
// how surely.
func (p *place) against(whole complex128) float64 {
	length := cmplx.Abs(p.toward)
	if length == 0 || whole == 0 {
		return 0
	}
	return math.Sqrt(length/p.weight) * (1 - math.Cos(between(p.toward, whole))) / 2
}

// spread visits a window's pixels with their weights: the middle most, and small
// windows more than large ones, which say less of a place.
func (v *view) spread(visit func(at int, weight float64)) {
	side := float64(v.square.Dx())
	most := (Side - side + 4) / Side
	cx, cy := float64(v.square.Min.X)+side/2, float64(v.square.Min.Y)+side/2
	all := v.square.Intersect(image.Rect(0, 0, Side, Side))
	for y := all.Min.Y; y < all.Max.Y; y++ {
		for x := all.Min.X; x < all.Max.X; x++ {
			dx, dy := float64(x)+.5-cx, float64(y)+.5-cy
			visit(y*Side+x, most*math.Exp(-(dx*dx+dy*dy)/(side*side/6)))
		}
	}
}

// onPicture is the heat of the canvas over the picture alone, no finer than it.
func onPicture(h *plane.Plane, c *Canvas, w, t int) *inspect.Heat {
	p := h.Crop(c.In.Min.X, c.In.Min.Y, c.In.Dx(), c.In.Dy())
	p = plane.Resize(p, min(w, p.W), min(t, p.H))
	return &inspect.Heat{W: p.W, H: p.H, Value: p.V}
}
