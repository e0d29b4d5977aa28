package blur

import (
	"image"
	"math"
	"slices"

	"github.com/limner-ai/limner/inspect/plane"
)

// Features is how many numbers describe a cell.
const Features = 18

const (
	// LeastSide is the shortest side that can be judged, and MostSide the longest
	// at which it is: larger pictures are looked at smaller.
	LeastSide = 16
	MostSide  = 768

	leastCell = 4  // pixels
	mostCells = 64 // on each axis
)

// Cells is a picture as the judge sees it.
type Cells struct {
	Side int // of a cell in pixels of the picture that was looked at
	W, H int // cells
	// Has tells which cells have edges near, and Of describes each: Features
	// numbers, zeros where there are none.
	Has []bool
	Of  []float32

	width, steep float64 // means over all edges: deviation in pixels, share
	near         []float64
}

// Look describes a picture at its own scale; nil if it is too small or has no
// edge.
func Look(m *image.NRGBA) *Cells {
	own, _ := plane.Shrunk(m)
	if min(own.Rect.Dx(), own.Rect.Dy()) < LeastSide {
		return nil
	}
	ch := planes(own)
	if long := max(own.Rect.Dx(), own.Rect.Dy()); long > MostSide {
		w, h := max(1, own.Rect.Dx()*MostSide/long), max(1, own.Rect.Dy()*MostSide/long)
		for i, p := range ch {
			ch[i] = plane.Resize(p, w, h)
		}
	}
	return describe(ch)
}

func describe(ch [4]*plane.Plane) *Cells {
	fine := find(ch)
	if len(fine.at) < 4 {
		return nil
	}
	var halves [4]*plane.Plane
	for i, p := range ch {
		halves[i] = plane.Half(p)
	}
	coarse := find(halves)

	w, h := ch[0].W, ch[0].H
	side := max(leastCell, (max(w, h)+mostCells-1)/mostCells)
	c := &Cells{Side: side, W: (w + side - 1) / side, H: (h + side - 1) / side}
	c.Has = make([]bool, c.W*c.H)
	c.near = make([]float64, c.W*c.H)
	c.Of = make([]float32, c.W*c.H*Features)
	all := whole(fine)
	c.width, c.steep = alone(math.Exp(all.width)), all.steep
	a, b := newPool(fine, c, 1), newPool(coarse, c, 2)
	detail, rough := bands(ch)
	for y := range c.H {
		for x := range c.W {
			i := y*c.W + x
			near, far := a.window(x, y), b.window(x, y)
			if near.n == 0 {
				continue
			}
			c.Has[i] = true
			c.near[i] = alone(math.Exp(near.width / near.weight))
			box := image.Rect((x-1)*side, (y-1)*side, (x+2)*side, (y+2)*side)
			fineEnergy, roughEnergy := mean(detail, box), mean(rough, box)
			f := c.Of[i*Features:][:Features]
			copy(f, near.features())
			copy(f[7:], far.features()[1:5])
			f[11] = float32(math.Log((fineEnergy + 1e-5) / (roughEnergy + 1e-5)))
			f[12] = float32(mean(ch[3], box))
			f[13], f[14], f[15] = float32(all.sharpest), float32(all.width), float32(all.steep)
			f[16] = float32(near.width/near.weight - all.width)
			f[17] = float32(near.steep/near.weight - all.steep)
		}
	}
	return c
}

// alone is a deviation without what the pixel's square, 1/12, and the difference
// of neighbours, 4/12, add to its square.
func alone(sigma float64) float64 { return math.Sqrt(max(sigma*sigma-5./12, finest*finest)) }

// bands are how much fine and how much coarse detail there is at each pixel.
func bands(ch [4]*plane.Plane) (detail, rough *plane.Plane) {
	detail, rough = plane.New(ch[0].W, ch[0].H), plane.New(ch[0].W, ch[0].H)
	for _, p := range ch {
		one, two := plane.Gaussian(p, .7), plane.Gaussian(p, 2)
		for i, v := range p.V {
			detail.V[i] += abs(v - one.V[i])
			rough.V[i] += abs(one.V[i] - two.V[i])
		}
	}
	return detail, rough
}

func abs(v float32) float32 { return max(v, -v) }

func mean(p *plane.Plane, box image.Rectangle) float64 {
	box = box.Intersect(image.Rect(0, 0, p.W, p.H))
	sum := 0.
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for _, v := range p.V[y*p.W+box.Min.X : y*p.W+box.Max.X] {
			sum += float64(v)
		}
	}
	return sum / float64(max(1, box.Dx()*box.Dy()))
}

// summary is of all edges of a picture.
type summary struct{ sharpest, width, steep float64 }

func whole(e *edges) summary {
	var s summary
	all := 0.
	for i, c := range e.contrast {
		w := float64(c)
		s.width += w * float64(e.width[i])
		s.steep += w * float64(e.steep[i])
		all += w
	}
	s.width /= all
	s.steep /= all
	sorted := slices.Sorted(slices.Values(e.width))
	s.sharpest = float64(sorted[len(sorted)/10])
	return s
}
