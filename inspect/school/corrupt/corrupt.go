// Package corrupt spoils clean pictures on purpose: by kind and strength, with
// the exact place. What inspectors learn from and are measured on is made here,
// so that nobody need mark faults by hand.
package corrupt

import (
	"fmt"
	"image"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/limner-ai/limner/inspect/plane"
)

// Kind is a way to spoil a picture.
type Kind struct {
	Name    string
	Summary string // what a strength of 0 and of 1 mean, for pictures of 64×64
	Whole   bool   // everywhere, not in a place
	spoil   func(*canvas)
}

// Result is a spoilt picture.
type Result struct {
	Image *image.NRGBA
	// Region is 1 where the fault was put, and Mask where the picture visibly
	// differs there: by more than 6 of 255 levels, a pixel around included.
	Region, Mask *plane.Plane
}

// Kinds lists the ways. Lengths grow with the picture's shorter side.
var Kinds = []Kind{
	{"blur", "Gaussian over everything, deviation 0.5 to 2.5 pixels", true, blur},
	{"blur-part", "Gaussian in a place, deviation 0.7 to 3 pixels", false, blur},
	{"melt", "a place flows: smooth displacement of 1.5 to 6 pixels", false, melt},
	{"tiles", "square tiles of 6 to 12 pixels change places", false, tiles},
	{"break", "a strip is shifted along itself by 2 to 7 pixels: edges end", false, breakEdges},
	{"twice", "a part appears a second time beside itself, of 12 to 24 pixels", false, twice},
	{"noise", "Gaussian noise on the levels, deviation 0.02 to 0.15", true, noise},
	{"jpeg", "JPEG of quality 45 down to 5", true, compress},
	{"checkerboard", "levels alternate by ±0.03 to ±0.12, every pixel or every second", true, checkerboard},
}

// Named finds kinds by name; all of them if there are no names.
func Named(names ...string) ([]Kind, error) {
	if len(names) == 0 {
		return Kinds, nil
	}
	var out []Kind
	for _, n := range names {
		i := slices.IndexFunc(Kinds, func(k Kind) bool { return k.Name == n })
		if i < 0 {
			var all []string
			for _, k := range Kinds {
				all = append(all, k.Name)
			}
			return nil, fmt.Errorf("corrupt: there is no %.40q; there are %s", n, strings.Join(all, ", "))
		}
		out = append(out, Kinds[i])
	}
	return out, nil
}

const (
	attempts = 12
	visible  = 6. / 255
	// A picture counts as spoilt if at least this share of the place's pixels, and
	// this share of its own, visibly changed.
	leastOfRegion  = .12
	leastOfPicture = .006
)

// Apply spoils a picture, which it leaves as it is, at a strength from 0 to 1.
// Each seed gives one result. Places are drawn until the picture visibly
// changes there; if it never does, as where all is flat, ok is false.
func (k Kind) Apply(m *image.NRGBA, strength float64, seed uint64) (r Result, ok bool) {
	if min(m.Rect.Dx(), m.Rect.Dy()) < 16 {
		return Result{}, false
	}
	random := rand.New(rand.NewPCG(seed, uint64(slices.IndexFunc(Kinds, func(x Kind) bool { return x.Name == k.Name }))))
	clean := newCanvas(m)
	for range attempts {
		c := clean.clone()
		c.random, c.strength = random, strength
		c.place(k.Whole)
		k.spoil(c)
		mask := clean.changed(c)
		all, area := 0., 0.
		for i, v := range mask.V {
			all += float64(v)
			area += float64(c.region.V[i])
		}
		if (k.Whole || all >= leastOfRegion*area) && all >= leastOfPicture*float64(len(mask.V)) {
			return Result{c.image(), c.region, plane.Largest(mask, 1)}, true
		}
		if k.Whole {
			break
		}
	}
	return Result{}, false
}

// canvas is a picture in sRGB levels times alpha, with alpha, all from 0 to 1.
type canvas struct {
	w, h     int
	side     float64 // the shorter, in units of 64 pixels
	ch       [4]*plane.Plane
	region   *plane.Plane // 1 inside, soft at its border
	box      image.Rectangle
	strength float64
	random   *rand.Rand
}

func newCanvas(m *image.NRGBA) *canvas {
	c := &canvas{w: m.Rect.Dx(), h: m.Rect.Dy()}
	c.side = float64(min(c.w, c.h)) / 64
	c.ch[3] = plane.Alpha(m)
	for i, p := range plane.Levels(m, plane.Black) {
		c.ch[i] = p
	}
	return c
}

func (c *canvas) clone() *canvas {
	out := *c
	for i, p := range c.ch {
		out.ch[i] = p.Crop(0, 0, c.w, c.h)
	}
	return &out
}

// between is a length or other number by strength.
func (c *canvas) between(low, high float64) float64 { return low + c.strength*(high-low) }

// place draws an ellipse that has its middle on something visible.
func (c *canvas) place(whole bool) {
	c.region = plane.New(c.w, c.h)
	if whole {
		for i := range c.region.V {
			c.region.V[i] = 1
		}
		c.box = image.Rect(0, 0, c.w, c.h)
		return
	}
	x, y := c.somewhere()
	short := float64(min(c.w, c.h))
	a, b := short*(.14+.14*c.random.Float64()), short*(.14+.14*c.random.Float64())
	angle := math.Pi * c.random.Float64()
	sin, cos := math.Sincos(angle)
	c.box = image.Rectangle{}
	for j := range c.h {
		for i := range c.w {
			dx, dy := float64(i)-x, float64(j)-y
			r := math.Hypot((dx*cos+dy*sin)/a, (dy*cos-dx*sin)/b)
			if r < 1 {
				c.region.V[j*c.w+i] = 1
				c.box = c.box.Union(image.Rect(i, j, i+1, j+1))
			}
		}
	}
}

// somewhere is the place of a visible pixel; the middle if nothing is.
func (c *canvas) somewhere() (x, y float64) {
	for range 200 {
		i := c.random.IntN(c.w * c.h)
		if c.ch[3].V[i] > .5 {
			return float64(i % c.w), float64(i / c.w)
		}
	}
	return float64(c.w) / 2, float64(c.h) / 2
}

// changed is 1 inside the region where the other canvas visibly differs.
func (c *canvas) changed(other *canvas) *plane.Plane {
	mask := plane.New(c.w, c.h)
	for k, p := range c.ch {
		for i, v := range p.V {
			if math.Abs(float64(v-other.ch[k].V[i])) > visible && other.region.V[i] > 0 {
				mask.V[i] = 1
			}
		}
	}
	return mask
}

// image is the canvas as bytes, with straight alpha.
func (c *canvas) image() *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, c.w, c.h))
	for i := range c.w * c.h {
		a := max(0, min(c.ch[3].V[i], 1))
		level := uint8(255*a + .5)
		if level == 0 {
			continue
		}
		for k := range 3 {
			out.Pix[4*i+k] = uint8(255*max(0, min(c.ch[k].V[i]/a, 1)) + .5)
		}
		out.Pix[4*i+3] = level
	}
	return out
}

// blend replaces what lies in the region; soft says over how many pixels the
// border fades.
func (c *canvas) blend(with [4]*plane.Plane, soft float64) {
	weight := c.region
	if soft > 0 {
		weight = plane.Gaussian(c.region, soft)
	}
	for k, p := range c.ch {
		for i := range p.V {
			if w := weight.V[i]; w > 0 {
				p.V[i] += w * (with[k].V[i] - p.V[i])
			}
		}
	}
	for i, w := range weight.V {
		c.region.V[i] = 0
		if w > .05 {
			c.region.V[i] = 1
		}
	}
}
