package main

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"math"
	"math/rand/v2"

	"github.com/limner-ai/limner/mark/watermark"
	xdraw "golang.org/x/image/draw"
	"golang.org/x/image/math/f64"
)

type attack struct {
	name  string
	apply func(m *image.NRGBA, i int) *image.NRGBA
}

var (
	white = color.NRGBA{255, 255, 255, 255}
	black = color.NRGBA{0, 0, 0, 255}
)

var attacks = []attack{
	{"nothing", func(m *image.NRGBA, _ int) *image.NRGBA { return m }},
	{"laid over white", func(m *image.NRGBA, _ int) *image.NRGBA { return over(m, white) }},
	{"laid over black", func(m *image.NRGBA, _ int) *image.NRGBA { return over(m, black) }},
	{"laid over #3070c0", func(m *image.NRGBA, _ int) *image.NRGBA { return over(m, color.NRGBA{0x30, 0x70, 0xc0, 255}) }},
	{"JPEG 90", compress(90)},
	{"JPEG 70", compress(70)},
	{"JPEG 50", compress(50)},
	{"JPEG 30", compress(30)},
	{"resize 200 %", scale(2)},
	{"resize 75 %", scale(0.75)},
	{"resize 50 %", scale(0.5)},
	{"resize 37 %", scale(0.37)},
	{"crop to 80 % of the area", cut(math.Sqrt(0.8))},
	{"crop to 60 % of the area", cut(math.Sqrt(0.6))},
	{"crop to 60 % of each side", cut(0.6)},
	{"crop to 40 % of the area", cut(math.Sqrt(0.4))},
	{"crop to 40 % of each side", cut(0.4)},
	{"crop to 60 % of the area, resize 150 %", func(m *image.NRGBA, i int) *image.NRGBA { return scale(1.5)(cut(math.Sqrt(0.6))(m, i), i) }},
	{"brightness +20 %", tone(func(v float64) float64 { return v * 1.2 })},
	{"brightness -20 %", tone(func(v float64) float64 { return v * 0.8 })},
	{"brightness +40 %", tone(func(v float64) float64 { return v * 1.4 })},
	{"brightness -40 %", tone(func(v float64) float64 { return v * 0.6 })},
	{"contrast +30 %", tone(func(v float64) float64 { return (v-127.5)*1.3 + 127.5 })},
	{"contrast -30 %", tone(func(v float64) float64 { return (v-127.5)*0.7 + 127.5 })},
	{"gamma 0.7", tone(func(v float64) float64 { return 255 * math.Pow(v/255, 0.7) })},
	{"gamma 1.4", tone(func(v float64) float64 { return 255 * math.Pow(v/255, 1.4) })},
	{"grey", func(m *image.NRGBA, _ int) *image.NRGBA { return grey(m) }},
	{"blur, sigma 0.8 pixels", func(m *image.NRGBA, _ int) *image.NRGBA { return blur(m, 0.8) }},
	{"blur, sigma 1.5 pixels", func(m *image.NRGBA, _ int) *image.NRGBA { return blur(m, 1.5) }},
	{"noise, sigma 4", noise(4)},
	{"noise, sigma 8", noise(8)},
	{"mirror", func(m *image.NRGBA, _ int) *image.NRGBA { return mirror(m) }},
	{"turn by 1 degree", turn(1)},
	{"turn by 3 degrees", turn(3)},
	{"turn by 5 degrees", turn(5)},
	{"square pixels 4 times, JPEG 50", func(m *image.NRGBA, i int) *image.NRGBA { return compress(50)(blocks(m, 4), i) }},
	{"screenshot: white, 133 %, JPEG 80", func(m *image.NRGBA, i int) *image.NRGBA { return compress(80)(scale(1.33)(over(m, white), i), i) }},
	{"resize 50 %, JPEG 70", func(m *image.NRGBA, i int) *image.NRGBA { return compress(70)(scale(0.5)(m, i), i) }},
	{"crop to 60 % of the area, JPEG 70", func(m *image.NRGBA, i int) *image.NRGBA { return compress(70)(cut(math.Sqrt(0.6))(m, i), i) }},
	{"WebP 75", webp75},
	{"marked again with another key", func(m *image.NRGBA, i int) *image.NRGBA {
		again, err := watermark.Embed(m, key(i+1<<20), id(i+1))
		if err != nil {
			return nil
		}
		return again
	}},
}

func over(m *image.NRGBA, c color.Color) *image.NRGBA {
	out := image.NewNRGBA(m.Rect)
	draw.Draw(out, out.Rect, image.NewUniform(c), image.Point{}, draw.Src)
	draw.Draw(out, out.Rect, m, image.Point{}, draw.Over)
	return out
}

func compress(quality int) func(*image.NRGBA, int) *image.NRGBA {
	return func(m *image.NRGBA, _ int) *image.NRGBA {
		var b bytes.Buffer
		if err := jpeg.Encode(&b, over(m, white), &jpeg.Options{Quality: quality}); err != nil {
			return nil
		}
		out, err := jpeg.Decode(&b)
		if err != nil {
			return nil
		}
		return nrgba(out)
	}
}

func resize(m *image.NRGBA, w, h int) *image.NRGBA {
	rgba := image.NewRGBA(image.Rect(0, 0, w, h)) // premultiplied, so that what is transparent does not bleed
	xdraw.CatmullRom.Scale(rgba, rgba.Rect, m, m.Rect, draw.Src, nil)
	for i := 0; i < len(rgba.Pix); i += 4 {
		for k := range 3 {
			rgba.Pix[i+k] = min(rgba.Pix[i+k], rgba.Pix[i+3])
		}
	}
	return nrgba(rgba)
}

func scale(f float64) func(*image.NRGBA, int) *image.NRGBA {
	return func(m *image.NRGBA, _ int) *image.NRGBA {
		return resize(m, max(1, int(math.Round(f*float64(m.Rect.Dx())))), max(1, int(math.Round(f*float64(m.Rect.Dy())))))
	}
}

// cut keeps a share of each side, at a place that picture i draws.
func cut(f float64) func(*image.NRGBA, int) *image.NRGBA {
	return func(m *image.NRGBA, i int) *image.NRGBA {
		r := rand.New(rand.NewPCG(uint64(i), 7))
		w, h := int(math.Round(f*float64(m.Rect.Dx()))), int(math.Round(f*float64(m.Rect.Dy())))
		at := image.Pt(r.IntN(m.Rect.Dx()-w+1), r.IntN(m.Rect.Dy()-h+1))
		out := image.NewNRGBA(image.Rect(0, 0, w, h))
		draw.Draw(out, out.Rect, m, at, draw.Src)
		return out
	}
}

func tone(f func(float64) float64) func(*image.NRGBA, int) *image.NRGBA {
	return func(m *image.NRGBA, i int) *image.NRGBA {
		return each(m, func(_ int, v float64) float64 { return f(v) })
	}
}

// each changes the values of colours.
func each(m *image.NRGBA, f func(at int, v float64) float64) *image.NRGBA {
	out := image.NewNRGBA(m.Rect)
	for i, v := range m.Pix {
		if i%4 != 3 {
			v = uint8(math.Round(min(max(f(i, float64(v)), 0), 255)))
		}
		out.Pix[i] = v
	}
	return out
}

func noise(sigma float64) func(*image.NRGBA, int) *image.NRGBA {
	return func(m *image.NRGBA, i int) *image.NRGBA {
		r := rand.New(rand.NewPCG(uint64(i), 9))
		return each(m, func(_ int, v float64) float64 { return v + sigma*r.NormFloat64() })
	}
}

func grey(m *image.NRGBA) *image.NRGBA {
	out := image.NewNRGBA(m.Rect)
	for i := 0; i < len(m.Pix); i += 4 {
		y := color.GrayModel.Convert(color.NRGBA{m.Pix[i], m.Pix[i+1], m.Pix[i+2], 255}).(color.Gray).Y
		copy(out.Pix[i:], []uint8{y, y, y, m.Pix[i+3]})
	}
	return out
}

// blur lays the picture over white and convolves it with a Gaussian.
func blur(m *image.NRGBA, sigma float64) *image.NRGBA {
	kernel := &xdraw.Kernel{Support: 3 * sigma, At: func(t float64) float64 { return math.Exp(-t * t / (2 * sigma * sigma)) }}
	m = over(m, white)
	// A kernel of x/image reaches as far as its support where nothing is made
	// smaller; a scaler would not run at equal sizes.
	out := image.NewRGBA(m.Rect)
	kernel.Transform(out, f64.Aff3{1, 0, 1e-9, 0, 1, 1e-9}, m, m.Rect, draw.Src, nil)
	return nrgba(out)
}

func mirror(m *image.NRGBA) *image.NRGBA {
	out := image.NewNRGBA(m.Rect)
	for y := range m.Rect.Dy() {
		for x := range m.Rect.Dx() {
			out.SetNRGBA(m.Rect.Dx()-1-x, y, m.NRGBAAt(x, y))
		}
	}
	return out
}

// turn turns the picture about its middle in its frame, over white.
func turn(degrees float64) func(*image.NRGBA, int) *image.NRGBA {
	return func(m *image.NRGBA, _ int) *image.NRGBA {
		s, c := math.Sincos(degrees * math.Pi / 180)
		x, y := float64(m.Rect.Dx())/2, float64(m.Rect.Dy())/2
		out := image.NewRGBA(m.Rect)
		draw.Draw(out, out.Rect, image.NewUniform(white), image.Point{}, draw.Src)
		xdraw.CatmullRom.Transform(out, f64.Aff3{c, -s, x - c*x + s*y, s, c, y - s*x - c*y}, m, m.Rect, draw.Over, nil)
		return nrgba(out)
	}
}

func blocks(m *image.NRGBA, k int) *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, k*m.Rect.Dx(), k*m.Rect.Dy()))
	xdraw.NearestNeighbor.Scale(out, out.Rect, m, m.Rect, draw.Src, nil)
	return out
}
