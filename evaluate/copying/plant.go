package copying

import (
	"bytes"
	"image"
	"image/jpeg"
	"math"

	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/engine/tensor"
)

// disturbance is something that a generator does to what it copies.
type disturbance struct {
	name string
	do   func(pixels []float32, h, w, c int, r *dice)
}

// disturbances are those that copies are planted with. Pictures are [h w c],
// colours multiplied by alpha.
var disturbances = []disturbance{
	{"none", func([]float32, int, int, int, *dice) {}},
	{"blur", func(p []float32, h, w, c int, r *dice) { blur(p, h, w, c, r.within(0.6, 1.1)*float64(max(h, w))/64) }},
	{"shift", func(p []float32, h, w, c int, r *dice) {
		warp(p, h, w, c, 1, r.sign()*r.within(1, 2), r.sign()*r.within(0, 2))
	}},
	{"scale", func(p []float32, h, w, c int, r *dice) { warp(p, h, w, c, 1+r.sign()*r.within(0.01, 0.05), 0, 0) }},
	{"colour", tint},
	{"noise", func(p []float32, h, w, c int, r *dice) { noise(p, c, r.within(0.02, 0.05), r) }},
	{"re-encoded", encode},
	{"several", func(p []float32, h, w, c int, r *dice) {
		blur(p, h, w, c, 0.7*float64(max(h, w))/64)
		warp(p, h, w, c, 1+r.sign()*0.02, r.sign(), r.sign())
		tint(p, h, w, c, r)
		noise(p, c, 0.02, r)
	}},
}

// plant disturbs a picture [h w c] with straight alpha.
func plant(pixels []float32, h, w, c int, d disturbance, r *dice) {
	if c == 4 {
		for i := 0; i < len(pixels); i += 4 {
			for k := range 3 {
				pixels[i+k] *= pixels[i+3]
			}
		}
	}
	d.do(pixels, h, w, c, r)
	for i := range pixels {
		pixels[i] = min(max(pixels[i], 0), 1)
	}
	if c == 4 {
		for i := 0; i < len(pixels); i += 4 {
			for k := range 3 {
				if a := pixels[i+3]; a > 0 {
					pixels[i+k] = min(pixels[i+k]/a, 1)
				}
			}
		}
	}
}

// warp enlarges and moves by pixels of a picture of 64×64.
func warp(p []float32, h, w, c int, scale, dx, dy float64) {
	side := max(h, w)
	out := make([]float32, side*side*c)
	resample(out, p, h, w, c, side, view{float32(scale), float32(dx / 64), float32(dy / 64)})
	for y := range h {
		for x := range w { // the square was stretched
			copy(p[(y*w+x)*c:][:c], out[((y*side/h)*side+x*side/w)*c:][:c])
		}
	}
}

// blur is a Gaussian of a deviation in pixels, along both axes.
func blur(p []float32, h, w, c int, sigma float64) {
	reach := int(math.Ceil(3 * sigma))
	kernel := make([]float64, 2*reach+1)
	sum := 0.
	for i := range kernel {
		kernel[i] = math.Exp(-float64((i-reach)*(i-reach)) / (2 * sigma * sigma))
		sum += kernel[i]
	}
	for _, axis := range []struct{ dy, dx int }{{0, 1}, {1, 0}} {
		src := append([]float32(nil), p...)
		for y := range h {
			for x := range w {
				for k := range c {
					v := 0.
					for i, weight := range kernel {
						yy := min(max(y+(i-reach)*axis.dy, 0), h-1)
						xx := min(max(x+(i-reach)*axis.dx, 0), w-1)
						v += weight * float64(src[(yy*w+xx)*c+k])
					}
					p[(y*w+x)*c+k] = float32(v / sum)
				}
			}
		}
	}
}

// tint changes each colour's contrast and brightness a little.
func tint(p []float32, _, _, c int, r *dice) {
	for k := range min(c, 3) {
		gain, bias := float32(1+r.sign()*r.within(0.02, 0.08)), float32(r.sign()*r.within(0, 0.02))
		for i := k; i < len(p); i += c {
			a := float32(1)
			if c == 4 {
				a = p[i-k+3]
			}
			p[i] = gain*p[i] + a*bias
		}
	}
}

// noise leaves alpha as it is.
func noise(p []float32, c int, deviation float64, r *dice) {
	for i := range p {
		if c == 4 && i%4 == 3 {
			continue
		}
		a := 1.
		if c == 4 {
			a = float64(p[i-i%4+3])
		}
		p[i] += float32(a * deviation * r.normal())
	}
}

// encode writes and reads the colours as JPEG of middling quality.
func encode(p []float32, h, w, c int, r *dice) {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	level := make([]uint8, len(p))
	picture.Bytes(level, p)
	for i := range h * w {
		for k := range 3 {
			m.Pix[4*i+k] = level[i*c+min(k, c-1)]
		}
		m.Pix[4*i+3] = 255
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: int(r.within(50, 90))}); err != nil {
		return // a buffer takes all that is written
	}
	back, err := jpeg.Decode(&b)
	if err != nil {
		return
	}
	for y := range h {
		for x := range w {
			red, green, blue, _ := back.At(x, y).RGBA()
			for k, v := range []uint32{red, green, blue}[:min(c, 3)] {
				p[(y*w+x)*c+k] = float32(v>>8) / 255
			}
		}
	}
}

// dice are random numbers in order.
type dice struct {
	tensor.Philox
	at uint64
}

// uniform is a number from 0 to 1.
func (d *dice) uniform() float64 {
	b := d.Block(d.at)
	d.at++
	return (float64(b[0]) + 0.5) / (1 << 32)
}

func (d *dice) within(from, to float64) float64 { return from + (to-from)*d.uniform() }

func (d *dice) sign() float64 { return math.Copysign(1, d.uniform()-0.5) }

// normal is by Box and Muller's transform.
func (d *dice) normal() float64 {
	return math.Sqrt(-2*math.Log(d.uniform())) * math.Cos(2*math.Pi*d.uniform())
}
