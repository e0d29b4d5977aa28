package shapes

import (
	"fmt"
	"math"
)

// The one light of every picture stands at this height and is this strong.
const (
	elevation = 42 * math.Pi / 180
	ambient   = 0.30
	diffuse   = 0.95
	gloss     = 0.30
	slant     = 0.10 // how much brighter the ground is towards the light
	shade     = 0.50 // how dark the shadow is
	lift      = 0.34 // how far the shadow falls, in radii
	penumbra  = 0.42 // how wide its edge is, in radii
)

// Draw draws the picture that f describes, size×size with 1 (grey) or 3 (RGB)
// channels, as sRGB levels in HWC order into dst, which must just hold it.
func Draw(dst []uint8, f Factors, size, channels int) error {
	c, err := f.resolve()
	if err != nil {
		return err
	}
	if size < 1 || channels != 1 && channels != 3 || len(dst) != size*size*channels {
		return fmt.Errorf("shapes: %d bytes for a picture of %d×%d×%d", len(dst), size, size, channels)
	}
	c.draw(dst, size, channels)
	return nil
}

// draw shades in linear light: a ground a little brighter towards the light,
// the shape's soft shadow on it, and the shape, lit as a cushion (Lambert's
// cosine and Blinn's highlight), laid over with the share of the pixel that
// it covers.
func (c choice) draw(dst []uint8, size, channels int) {
	shape := &reliefs()[c.kind]
	paint, ground, mix := colours[c.colour], grounds[c.ground].base, textures[c.texture].share

	sinA, cosA := math.Sincos(c.azimuth * math.Pi / 180)
	lx, ly := float32(cosA*math.Cos(elevation)), float32(-sinA*math.Cos(elevation)) // y is down
	lz := float32(math.Sin(elevation))
	hx, hy, hz := halfway(lx, ly, lz)

	// Picture to shape: move, scale, turn back. The light turns with it.
	px := float32(c.radius) * float32(size) // pixels a radius
	sinT, cosT := math.Sincos(c.angle * math.Pi / 180)
	st, ct := float32(sinT), float32(cosT)
	turn := func(x, y float32) (float32, float32) { return ct*x + st*y, ct*y - st*x }
	ox, oy := turn(float32(-lift*cosA), float32(lift*sinA))
	lx2, ly2 := turn(lx, ly)
	hx2, hy2 := turn(hx, hy)
	// Beyond these distances from their centres, neither reaches a pixel.
	bodyReach, shadowReach := float32(shape.reach)+1/px, float32(shape.reach)+penumbra/2

	for y := range size {
		for x := range size {
			fx, fy := float32(x)+0.5, float32(y)+0.5
			u, v := turn((fx-float32(c.x)*float32(size))/px, (fy-float32(c.y)*float32(size))/px)

			lit := 1 + slant*2*((fx/float32(size)-0.5)*lx+(fy/float32(size)-0.5)*ly)
			if (u-ox)*(u-ox)+(v-oy)*(v-oy) < shadowReach*shadowReach {
				lit *= 1 - shade*step(shape.distance(u-ox, v-oy))
			}
			value := rgb{ground[0] * lit, ground[1] * lit, ground[2] * lit}
			if u*u+v*v < bodyReach*bodyReach {
				s := shape.at(u, v)
				if cover := min(max(0.5-s.distance*px, 0), 1); cover > 0 {
					nz := float32(math.Sqrt(float64(max(1-s.nx*s.nx-s.ny*s.ny, 0))))
					glow := ambient + diffuse*max(s.nx*lx2+s.ny*ly2+nz*lz, 0)
					spot := gloss * pow32(max(s.nx*hx2+s.ny*hy2+nz*hz, 0))
					share := mix(u, v, 1/px)
					for k := range value {
						albedo := paint.base[k] + share*(paint.accent[k]-paint.base[k])
						value[k] += cover * (albedo*glow + spot - value[k])
					}
				}
			}
			at := (y*size + x) * channels
			if channels == 3 {
				dst[at], dst[at+1], dst[at+2] = encode(value[0]), encode(value[1]), encode(value[2])
			} else {
				// Luminance (Rec. 709) of what the RGB picture shows.
				dst[at] = encode(0.2126*min(value[0], 1) + 0.7152*min(value[1], 1) + 0.0722*min(value[2], 1))
			}
		}
	}
}

// step is the share of the light that the shape takes from the ground at a
// signed distance from the shadow's outline.
func step(distance float32) float32 {
	t := min(max(0.5-distance/penumbra, 0), 1)
	return t * t * (3 - 2*t)
}

// halfway is the unit vector between the light and the viewer (0, 0, 1).
func halfway(x, y, z float32) (float32, float32, float32) {
	z++
	l := float32(math.Sqrt(float64(x*x + y*y + z*z)))
	return x / l, y / l, z / l
}

// pow32 is v to the 32nd power.
func pow32(v float32) float32 {
	for range 5 {
		v *= v
	}
	return v
}
