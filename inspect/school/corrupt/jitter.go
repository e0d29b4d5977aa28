package corrupt

import (
	"image"
	"math"
	"math/rand/v2"

	"github.com/limner-ai/limner/inspect/plane"
)

// Jitter mirrors, turns, scales and moves a picture a little: sound pictures are
// resampled as spoilt ones are.
func Jitter(m *image.NRGBA, random *rand.Rand) *image.NRGBA {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	mirrored := random.IntN(2) == 0
	if random.Float64() < .3 {
		if !mirrored {
			return m
		}
		out := image.NewNRGBA(m.Rect)
		for y := range h {
			for x := range w {
				copy(out.Pix[y*out.Stride+4*x:][:4], m.Pix[y*m.Stride+4*(w-1-x):])
			}
		}
		return out
	}
	sin, cos := math.Sincos((random.Float64() - .5) * math.Pi / 9)
	scale := math.Exp(.25 * (random.Float64() - .5))
	dx, dy := 6*(random.Float64()-.5), 6*(random.Float64()-.5)
	levels := plane.Levels(m, plane.Black)
	from := [4]*plane.Plane{levels[0], levels[1], levels[2], plane.Alpha(m)}
	out := image.NewNRGBA(m.Rect)
	for y := range h {
		for x := range w {
			u, v := float64(x)-float64(w-1)/2-dx, float64(y)-float64(h-1)/2-dy
			u, v = scale*(u*cos+v*sin)+float64(w-1)/2, scale*(v*cos-u*sin)+float64(h-1)/2
			if mirrored {
				u = float64(w-1) - u
			}
			var px [4]float64
			for c, p := range from {
				px[c] = cubic(p, u, v)
			}
			if px[3] = min(px[3], 1); px[3] < .5/255 {
				continue
			}
			for c := range 3 {
				out.Pix[y*out.Stride+4*x+c] = uint8(255*max(0, min(px[c]/px[3], 1)) + .5)
			}
			out.Pix[y*out.Stride+4*x+3] = uint8(255*px[3] + .5)
		}
	}
	return out
}

// cubic interpolates by Catmull and Rom; beyond the edges lies nothing.
func cubic(p *plane.Plane, x, y float64) float64 {
	i, j := math.Floor(x), math.Floor(y)
	wx, wy := catmullRom(x-i), catmullRom(y-j)
	sum := 0.
	for b := range 4 {
		for a := range 4 {
			u, v := int(i)+a-1, int(j)+b-1
			if u >= 0 && v >= 0 && u < p.W && v < p.H {
				sum += wx[a] * wy[b] * float64(p.V[v*p.W+u])
			}
		}
	}
	return sum
}

func catmullRom(t float64) [4]float64 {
	return [4]float64{
		t * (-.5 + t*(1-.5*t)),
		1 + t*t*(-2.5+1.5*t),
		t * (.5 + t*(2-1.5*t)),
		t * t * (-.5 + .5*t),
	}
}
