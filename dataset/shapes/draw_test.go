package shapes

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/limner-ai/limner/dataset/picture"
)

var nan = math.NaN()

// linear draws f and decodes it to linear light, by the formula of the sRGB
// standard.
func linear(t *testing.T, f Factors, size int) [][3]float64 {
	t.Helper()
	levels := make([]uint8, size*size*3)
	if err := Draw(levels, f, size, 3); err != nil {
		t.Fatal(err)
	}
	out := make([][3]float64, size*size)
	for i, b := range levels {
		v := float64(b) / 255
		if v <= 0.04045 {
			v /= 12.92
		} else {
			v = math.Pow((v+0.055)/1.055, 2.4)
		}
		out[i/3][i%3] = v
	}
	return out
}

func luminance(p [3]float64) float64 { return 0.2126*p[0] + 0.7152*p[1] + 0.0722*p[2] }

// coverage is the share of each pixel that the shape covers: where a shape
// drawn in red and in blue differ, in proportion.
func coverage(t *testing.T, f Factors, size int) []float64 {
	t.Helper()
	f.Texture = "plain"
	f.Colour = "red"
	a := linear(t, f, size)
	f.Colour = "blue"
	b := linear(t, f, size)
	cover := make([]float64, len(a))
	for i := range a {
		red, blue := a[i][0]-b[i][0], b[i][2]-a[i][2]
		if red+blue > 0.02 {
			cover[i] = 1
		}
	}
	return cover
}

// moments are the sum and the centre of weights, in sides.
func moments(w []float64, size int) (sum, x, y float64) {
	for i, v := range w {
		sum += v
		x += v * (float64(i%size) + 0.5)
		y += v * (float64(i/size) + 0.5)
	}
	return sum, x / sum / float64(size), y / sum / float64(size)
}

func plain(kind string, azimuth float64) Factors {
	return Factors{Kind: kind, Colour: "red", Texture: "plain", Ground: "grey",
		Radius: 0.3, X: 0.48, Y: 0.53, Azimuth: azimuth}
}

func TestPlaceAndFrame(t *testing.T) {
	const size = 96
	s := open(t, picture.Source{Seed: 5, Count: 30})
	for i := range s.Len() {
		f := s.Factors(i)
		cover := coverage(t, f, size)
		sum, x, y := moments(cover, size)
		if math.Hypot(x-f.X, y-f.Y) > 0.012 {
			t.Errorf("%+v: centre of mass at (%.3f, %.3f)", f, x, y)
		}
		if r := math.Sqrt(sum/math.Pi) / size; r < 0.55*f.Radius || r > 1.1*f.Radius {
			t.Errorf("%+v: as much as a circle of radius %.3f", f, r)
		}
		for k := range size {
			if cover[k]+cover[size*(size-1)+k]+cover[k*size]+cover[k*size+size-1] > 0 {
				t.Errorf("%+v leaves the frame", f)
				break
			}
		}
	}
}

func TestColour(t *testing.T) {
	const size = 64
	for _, kind := range Kinds() {
		f := plain(kind, 100)
		cover := coverage(t, f, size)
		for _, want := range colours {
			f.Colour = want.name
			pixels := linear(t, f, size)
			// The medians are what an eye takes it for: highlight and shade
			// are the few at either end.
			var median [3]float64
			for k := range median {
				var all []float64
				for i, p := range pixels {
					if cover[i] > 0 {
						all = append(all, p[k])
					}
				}
				slices.Sort(all)
				median[k] = all[len(all)/2]
			}
			best, name := math.Inf(1), ""
			for _, c := range colours {
				d := 0.0
				for k := range median {
					e := math.Sqrt(median[k]) - math.Sqrt(float64(c.base[k])*0.85)
					d += e * e
				}
				if d < best {
					best, name = d, c.name
				}
			}
			if name != want.name {
				t.Errorf("a %s %s looks %s (%.3f %.3f %.3f)", want.name, kind, name, median[0], median[1], median[2])
			}
		}
	}
}

// Both tones of a texture show, each in a fair share; plain has one.
func TestTexture(t *testing.T) {
	const size = 64
	for _, kind := range Kinds() {
		f := plain(kind, 100)
		f.Radius = 0.25
		cover, base := coverage(t, f, size), linear(t, f, size)
		for _, c := range textures {
			f.Texture = c.name
			pixels := linear(t, f, size)
			n, _, _ := moments(cover, size)
			changed := 0.0
			for i := range pixels {
				if cover[i] > 0 && math.Abs(luminance(pixels[i])-luminance(base[i])) > 0.03 {
					changed++
				}
			}
			share := changed / n
			if c.name == "plain" && share > 0 || c.name != "plain" && (share < 0.15 || share > 0.75) {
				t.Errorf("%s %s: %.2f of it has the accent", c.name, kind, share)
			}
		}
	}
}

// The brighter side of the shape, and of the ground, faces the light, and
// the shadow falls away from it.
func TestLight(t *testing.T) {
	const size = 64
	for _, kind := range Kinds() {
		f := plain(kind, 0)
		f.X, f.Y, f.Radius = 0.5, 0.5, 0.25
		cover := coverage(t, f, size)
		for azimuth := 0.0; azimuth < 360; azimuth += 40 {
			f.Azimuth = azimuth
			sin, cos := math.Sincos(azimuth * math.Pi / 180)
			lx, ly := cos, -sin // rows run downward
			pixels := linear(t, f, size)
			dark := make([]float64, size*size)
			var ground float64
			for _, p := range pixels {
				ground = max(ground, luminance(p))
			}
			for i, p := range pixels {
				if cover[i] == 0 {
					dark[i] = max(ground*0.72-luminance(p), 0)
				}
			}
			bx, by := brightening(pixels, cover, size)
			if toward := (bx*lx + by*ly) / math.Hypot(bx, by); toward < 0.7 { // few-sided shapes answer in steps
				t.Errorf("%s at %v°: it grows brighter towards (%.3f, %.3f)", kind, azimuth, bx, by)
			}
			_, cx, cy := moments(cover, size)
			sum, dx, dy := moments(dark, size)
			if away := -((dx-cx)*lx + (dy-cy)*ly) / math.Hypot(dx-cx, dy-cy); sum < 5 || away < 0.85 {
				t.Errorf("%s at %v°: its shadow (%.1f) is (%.3f, %.3f) from the middle", kind, azimuth, sum, dx-cx, dy-cy)
			}
			corner := func(x, y float64) float64 {
				at := func(v float64) int { return int(math.Round((v/2 + 0.5) * (size - 1))) }
				return luminance(pixels[at(y)*size+at(x)])
			}
			if lit, far := corner(lx, ly), corner(-lx, -ly); lit < far*1.05 {
				t.Errorf("%s at %v°: the ground has %.3f towards the light and %.3f away", kind, azimuth, lit, far)
			}
		}
	}
}

// brightening is the mean gradient of the luminance inside the shape. Unlike
// a plane fitted to it, it does not confuse where the light comes from with
// where a bent shape, such as a crescent, has its body.
func brightening(pixels [][3]float64, cover []float64, size int) (gx, gy float64) {
	for i := range pixels {
		if i < size || i%size == 0 || i%size == size-1 || i+size >= len(cover) ||
			cover[i-1]*cover[i+1]*cover[i-size]*cover[i+size] == 0 {
			continue
		}
		gx += luminance(pixels[i+1]) - luminance(pixels[i-1])
		gy += luminance(pixels[i+size]) - luminance(pixels[i-size])
	}
	return gx, gy
}

// Angle turns clockwise: the tip of an arrow goes from the top to the right.
func TestAngle(t *testing.T) {
	const size = 128
	for _, kind := range []string{"arrow", "crescent", "heart"} {
		f := plain(kind, 90)
		f.X, f.Y, f.Angle = 0.5, 0.5, 0
		upright := coverage(t, f, size)
		f.Angle = 30
		turned := coverage(t, f, size)
		sin, cos := math.Sincos(30 * math.Pi / 180)
		var both, either float64
		for i := range turned {
			x, y := float64(i%size)+0.5-size/2, float64(i/size)+0.5-size/2
			// Where this place was before a clockwise turn, rows downward.
			ux, uy := int(cos*x+sin*y+size/2), int(-sin*x+cos*y+size/2)
			if ux < 0 || uy < 0 || ux >= size || uy >= size {
				continue
			}
			both += turned[i] * upright[uy*size+ux]
			either += max(turned[i], upright[uy*size+ux])
		}
		if both/either < 0.93 {
			t.Errorf("%s: overlap %.3f", kind, both/either)
		}
	}
}

// Edges are smooth: a small picture is what a large one shrinks to.
func TestSizesAgree(t *testing.T) {
	const small, by = 32, 8
	s := open(t, picture.Source{Seed: 6, Count: 20})
	for i := range s.Len() {
		f := s.Factors(i)
		a, b := linear(t, f, small), linear(t, f, small*by)
		var sum, worst float64
		for y := range small {
			for x := range small {
				var mean float64
				for k := range by * by {
					mean += luminance(b[(y*by+k/by)*small*by+x*by+k%by]) / (by * by)
				}
				d := math.Abs(mean - luminance(a[y*small+x]))
				sum += d / (small * small)
				worst = max(worst, d)
			}
		}
		if sum > 0.01 || worst > 0.3 {
			t.Errorf("%+v: differs by %.4f on average, %.3f at most", f, sum, worst)
		}
	}
}

func TestGreyIsLuminance(t *testing.T) {
	s := open(t, picture.Source{Seed: 7, Count: 20})
	for i := range s.Len() {
		f := s.Factors(i)
		grey := make([]uint8, 32*32)
		if err := Draw(grey, f, 32, 1); err != nil {
			t.Fatal(err)
		}
		for k, p := range linear(t, f, 32) {
			y := luminance(p)
			v := y * 12.92
			if y > 0.0031308 {
				v = 1.055*math.Pow(y, 1/2.4) - 0.055
			}
			if d := float64(grey[k]) - v*255; math.Abs(d) > 2 {
				t.Fatalf("%+v: grey %d, luminance %.1f", f, grey[k], v*255)
			}
		}
	}
}

// The cushion of a circle is a sphere, and distances are Euclid's.
func TestRelief(t *testing.T) {
	circle := &reliefs()[0]
	const r = 0.98
	for _, p := range []point{{0, 0}, {0.3, 0}, {0, -0.6}, {0.5, 0.5}, {-0.6, 0.5}, {0.9, 0}, {1.2, 0}, {-1, -1}} {
		c := circle.at(float32(p.x), float32(p.y))
		d := math.Hypot(p.x, p.y)
		if math.Abs(float64(c.distance)-(d-r)) > 0.025 {
			t.Errorf("%v: distance %v, want %v", p, c.distance, d-r)
		}
		if alone := circle.distance(float32(p.x), float32(p.y)); math.Abs(float64(alone-c.distance)) > 1e-6 {
			t.Errorf("%v: distance %v alone, %v with the rest", p, alone, c.distance)
		}
		if k := max(d, r); math.Abs(float64(c.nx)-p.x/k) > 0.03 || math.Abs(float64(c.ny)-p.y/k) > 0.03 {
			t.Errorf("%v: normal (%v, %v), want (%v, %v)", p, c.nx, c.ny, p.x/k, p.y/k)
		}
	}
	for _, o := range outlines() {
		o = o.centred()
		// The largest shape must still fit into the frame with some play.
		if d := o.reach(); d < 0.95 || d*sizes[len(sizes)-1].to+margin > 0.495 {
			t.Errorf("%s reaches %v", o.name, d)
		}
		if d := o.distance(point{1.7, 1.7}); d < 0.9 {
			t.Errorf("%s: the corner is %v away", o.name, d)
		}
	}
	square := outline{contours: [][]point{{{-1, -1}, {1, -1}, {1, 1}, {-1, 1}}, {{-.5, -.5}, {.5, -.5}, {.5, .5}, {-.5, .5}}}}
	for p, want := range map[point]float64{{0, 0}: 0.5, {0.7, 0}: -0.2, {0.9, 0.9}: -0.1, {2, 0}: 1, {4, 5}: 5, {0.2, 0.1}: 0.3} {
		if d := square.distance(p); math.Abs(d-want) > 1e-12 {
			t.Errorf("%v is %v from a frame, want %v", p, d, want)
		}
	}
}

func TestTransferFunction(t *testing.T) {
	for level := range uint32(256) {
		if got := encode(decode(level)); max(int(got)-int(level), int(level)-int(got)) > 1 {
			t.Errorf("level %d comes back as %d", level, got)
		}
	}
	for v, want := range map[float32]uint8{-1: 0, 0: 0, 1: 255, 3: 255, 0.2158605: 128} {
		if got := encode(v); got != want {
			t.Errorf("%v is level %d, want %d", v, got, want)
		}
	}
	if fmt.Sprint(hex(0xff0000)) != fmt.Sprint(rgb{1, 0, 0}) {
		t.Errorf("red is %v", hex(0xff0000))
	}
}
