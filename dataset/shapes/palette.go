package shapes

import "math"

// rgb is a colour in linear light, 1 the brightest a picture can show.
type rgb [3]float32

// tone is a named colour and the accent that its textures show.
type tone struct {
	name         string
	base, accent rgb
}

var colours = []tone{
	{"red", hex(0xd92b2b), hex(0xffc9b8)},
	{"orange", hex(0xf58a1a), hex(0xfff0c8)},
	{"yellow", hex(0xf7d22a), hex(0xa8700c)},
	{"green", hex(0x35a83c), hex(0xd8f7b0)},
	{"cyan", hex(0x22c3cf), hex(0xe8ffff)},
	{"blue", hex(0x2b57d9), hex(0xbcd8ff)},
	{"purple", hex(0x8436c4), hex(0xe6c8ff)},
	{"pink", hex(0xf478b4), hex(0xfff0f6)},
	{"brown", hex(0x7a4522), hex(0xe8c59a)},
	{"black", hex(0x2a2a30), hex(0xb4b4c0)},
}

// grounds are pale, so that any colour stands out against them.
var grounds = []tone{
	{name: "cream", base: hex(0xefe6d2)},
	{name: "sky", base: hex(0xcfe0ee)},
	{name: "mint", base: hex(0xd2e8d8)},
	{name: "lilac", base: hex(0xe0d8ec)},
	{name: "grey", base: hex(0xd8d8d6)},
}

// hex decodes an sRGB colour to linear light.
func hex(c uint32) rgb {
	return rgb{decode(c >> 16 & 255), decode(c >> 8 & 255), decode(c & 255)}
}

// decode is the sRGB transfer function (IEC 61966-2-1, 5.2) of a level.
func decode(level uint32) float32 {
	v := float64(level) / 255
	if v <= 0.04045 {
		return float32(v / 12.92)
	}
	return float32(math.Pow((v+0.055)/1.055, 2.4))
}

// levels is the inverse of decode, tabulated: at 4096 steps no two
// neighbours are more than one level apart.
var levels = func() (t [4096]uint8) {
	for i := range t {
		v := float64(i) / float64(len(t)-1)
		if v <= 0.0031308 {
			v *= 12.92
		} else {
			v = 1.055*math.Pow(v, 1/2.4) - 0.055
		}
		t[i] = uint8(v*255 + 0.5)
	}
	return t
}()

// encode is the sRGB level of a linear value.
func encode(v float32) uint8 {
	return levels[int(min(max(v, 0), 1)*float32(len(levels)-1)+0.5)]
}

// texture gives the share of the accent at (u, v) in the shape's frame; soft
// is the width of a pixel there.
type texture struct {
	name  string
	share func(u, v, soft float32) float32
}

var textures = []texture{
	{"plain", func(_, _, _ float32) float32 { return 0 }},
	{"striped", func(u, _, soft float32) float32 {
		const period = 0.58
		return band(u/period+0.25, soft/period)
	}},
	{"dotted", func(u, v, soft float32) float32 {
		const period, radius = 0.62, 0.31
		u, v = fraction(u/period)-0.5, fraction(v/period)-0.5
		d := float32(math.Sqrt(float64(u*u+v*v))) - radius
		return min(max(0.5-d*period/soft, 0), 1)
	}},
	{"checked", func(u, v, soft float32) float32 {
		const period = 0.92
		a, b := band(u/period, soft/period), band(v/period, soft/period)
		return a + b - 2*a*b
	}},
}

// band is a square wave of period 1 whose edges are soft wide: 1 on the
// first half of each period.
func band(t, soft float32) float32 {
	t = fraction(t)
	d := 0.25 - abs(t-0.25)
	if t > 0.75 {
		d = t - 1
	}
	return min(max(0.5+d/soft, 0), 1)
}

func fraction(t float32) float32 { return t - float32(math.Floor(float64(t))) }

func abs(v float32) float32 { return max(v, -v) }
