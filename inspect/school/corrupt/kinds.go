package corrupt

import (
	"bytes"
	"image"
	"image/jpeg"
	"math"

	"github.com/limner-ai/limner/inspect/plane"
)

func blur(c *canvas) {
	low, high, soft := .7, 3., 1.
	if c.box.Dx() == c.w && c.box.Dy() == c.h {
		low, high, soft = .5, 2.5, 0
	}
	sigma := c.between(low, high) * c.side
	var with [4]*plane.Plane
	for k, p := range c.ch {
		with[k] = plane.Gaussian(p, sigma)
	}
	c.blend(with, soft*c.side)
}

// melt moves what lies in the place by a smooth random field.
func melt(c *canvas) {
	field := func() *plane.Plane {
		p := plane.New(c.w, c.h)
		for i := range p.V {
			p.V[i] = float32(c.random.NormFloat64())
		}
		p = plane.Gaussian(p, 3*c.side)
		var sum float64
		for _, v := range p.V {
			sum += float64(v) * float64(v)
		}
		scale := float32(c.between(1.5, 6) * c.side / max(1e-9, math.Sqrt(sum/float64(len(p.V)))))
		return p.Map(func(v float32) float32 { return v * scale })
	}
	dx, dy := field(), field()
	var with [4]*plane.Plane
	for k, p := range c.ch {
		with[k] = plane.New(c.w, c.h)
		for i := range p.V {
			with[k].V[i] = sample(p, float32(i%c.w)+dx.V[i], float32(i/c.w)+dy.V[i])
		}
	}
	c.blend(with, 1*c.side)
}

// sample interpolates linearly.
func sample(p *plane.Plane, x, y float32) float32 {
	x0, y0 := math.Floor(float64(x)), math.Floor(float64(y))
	fx, fy := x-float32(x0), y-float32(y0)
	i, j := int(x0), int(y0)
	top := p.At(i, j)*(1-fx) + p.At(i+1, j)*fx
	bottom := p.At(i, j+1)*(1-fx) + p.At(i+1, j+1)*fx
	return top*(1-fy) + bottom*fy
}

// tiles exchanges square tiles around the place.
func tiles(c *canvas) {
	side := max(4, int(math.Round(c.between(6, 12)*c.side)))
	across, down := max(2, c.box.Dx()/side), max(2, c.box.Dy()/side)
	across, down = min(across, c.w/side), min(down, c.h/side)
	x0 := max(0, min(c.box.Min.X, c.w-across*side))
	y0 := max(0, min(c.box.Min.Y, c.h-down*side))
	order := c.random.Perm(across * down)
	old := c.clone()
	c.region = plane.New(c.w, c.h)
	for to, from := range order {
		if to == from {
			continue
		}
		c.copy(old, image.Pt(x0+from%across*side, y0+from/across*side), image.Pt(x0+to%across*side, y0+to/across*side), side, side)
	}
}

// copy puts a rectangle of another canvas at a place, and the place into the region.
func (c *canvas) copy(from *canvas, at, to image.Point, w, h int) {
	for y := range h {
		for x := range w {
			tx, ty := to.X+x, to.Y+y
			if tx < 0 || ty < 0 || tx >= c.w || ty >= c.h {
				continue
			}
			for k := range c.ch {
				c.ch[k].V[ty*c.w+tx] = from.ch[k].At(at.X+x, at.Y+y)
			}
			c.region.V[ty*c.w+tx] = 1
		}
	}
}

// breakEdges shifts a strip of the place along itself.
func breakEdges(c *canvas) {
	shift := float32(c.between(2, 7) * c.side)
	if c.random.IntN(2) == 0 {
		shift = -shift
	}
	sin, cos := math.Sincos(math.Pi * c.random.Float64())
	middle := image.Pt((c.box.Min.X+c.box.Max.X)/2, (c.box.Min.Y+c.box.Max.Y)/2)
	half := (3 + 4*c.random.Float64()) * c.side
	var with [4]*plane.Plane
	for k, p := range c.ch {
		with[k] = plane.New(c.w, c.h)
		for i := range p.V {
			with[k].V[i] = sample(p, float32(i%c.w)+shift*float32(cos), float32(i/c.w)+shift*float32(sin))
		}
	}
	for i, v := range c.region.V {
		dx, dy := float64(i%c.w-middle.X), float64(i/c.w-middle.Y)
		if v > 0 && math.Abs(dy*cos-dx*sin) > half {
			c.region.V[i] = 0
		}
	}
	c.blend(with, 0)
}

// twice pastes what lies in an ellipse a second time.
func twice(c *canvas) {
	size := c.between(12, 24) * c.side / 2
	x, y := float64(c.box.Min.X+c.box.Max.X)/2, float64(c.box.Min.Y+c.box.Max.Y)/2
	angle := 2 * math.Pi * c.random.Float64()
	distance := size * (1.1 + .8*c.random.Float64())
	dx, dy := distance*math.Cos(angle), distance*math.Sin(angle)
	c.region = plane.New(c.w, c.h)
	var with [4]*plane.Plane
	for k, p := range c.ch {
		with[k] = plane.New(c.w, c.h)
		for i := range p.V {
			with[k].V[i] = sample(p, float32(i%c.w)-float32(dx), float32(i/c.w)-float32(dy))
		}
	}
	for i := range c.region.V {
		// Only what is there can appear again.
		if math.Hypot(float64(i%c.w)-x-dx, float64(i/c.w)-y-dy) < size && with[3].V[i] > .5 {
			c.region.V[i] = 1
		}
	}
	c.blend(with, .5*c.side)
}

func noise(c *canvas) {
	deviation := c.between(.02, .15)
	for k := range 3 {
		for i := range c.ch[k].V {
			c.ch[k].V[i] += float32(deviation*c.random.NormFloat64()) * c.ch[3].V[i]
		}
	}
	c.clip()
}

// clip keeps levels between 0 and alpha.
func (c *canvas) clip() {
	for k := range 3 {
		for i, a := range c.ch[3].V {
			c.ch[k].V[i] = max(0, min(c.ch[k].V[i], a))
		}
	}
}

// compress goes through a JPEG file over white; alpha stays.
func compress(c *canvas) {
	m := c.image()
	over := image.NewRGBA(m.Rect)
	for i := 0; i < len(m.Pix); i += 4 {
		a := uint32(m.Pix[i+3])
		for k := range 3 {
			over.Pix[i+k] = uint8((uint32(m.Pix[i+k])*a + 255*(255-a) + 127) / 255)
		}
		over.Pix[i+3] = 255
	}
	var file bytes.Buffer
	if err := jpeg.Encode(&file, over, &jpeg.Options{Quality: int(math.Round(c.between(45, 5)))}); err != nil {
		return // a picture too large for JPEG stays as it is, and does not count as spoilt
	}
	back, err := jpeg.Decode(&file)
	if err != nil {
		return
	}
	for i := range c.ch[3].V {
		r, g, b, _ := back.At(i%c.w, i/c.w).RGBA()
		for k, v := range []uint32{r, g, b} {
			// Undo the white ground.
			c.ch[k].V[i] = float32(v)/0xffff - (1 - c.ch[3].V[i])
		}
	}
	c.clip()
}

func checkerboard(c *canvas) {
	amplitude := float32(c.between(.03, .12))
	period := 1 + c.random.IntN(2)
	for i := range c.ch[3].V {
		sign := float32(1)
		if (i%c.w/period+i/c.w/period)%2 == 1 {
			sign = -1
		}
		for k := range 3 {
			c.ch[k].V[i] += sign * amplitude * c.ch[3].V[i]
		}
	}
	c.clip()
}
