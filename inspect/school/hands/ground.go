package hands

import "math/rand/v2"

// ground is what lies behind a hand: white, one colour, a slope, or blots.
type ground struct {
	from, to [3]float64
	kind     int
	side     float64
	blots    [][6]float64 // x, y, radius², colour
}

func newGround(side int, rnd *rand.Rand) *ground {
	some := func() (c [3]float64) {
		for i := range c {
			c[i] = rnd.Float64()
		}
		return c
	}
	g := &ground{from: [3]float64{1, 1, 1}, kind: rnd.IntN(5), side: float64(side)}
	if g.kind < 2 {
		g.kind = 0 // white is what transparent pictures lie on
		return g
	}
	g.from, g.to = some(), some()
	if g.kind == 4 {
		for range 3 + rnd.IntN(12) {
			c := some()
			r := g.side * (.05 + .25*rnd.Float64())
			g.blots = append(g.blots, [6]float64{g.side * rnd.Float64(), g.side * rnd.Float64(), r * r, c[0], c[1], c[2]})
		}
	}
	return g
}

func (g *ground) at(x, y int) [3]float64 {
	c := g.from
	switch g.kind {
	case 3:
		f := (float64(x) + 2*float64(y)) / (3 * g.side)
		for i := range c {
			c[i] += f * (g.to[i] - c[i])
		}
	case 4:
		for _, b := range g.blots {
			dx, dy := float64(x)-b[0], float64(y)-b[1]
			if dx*dx+dy*dy < b[2] {
				c = [3]float64{b[3], b[4], b[5]}
			}
		}
	}
	return c
}

// shrunk is the share of marked pixels in each of a picture's.
func shrunk(mask []bool, side int) []float32 {
	out := make([]float32, side*side)
	big := side * oversample
	for k, on := range mask {
		if on {
			out[k/big/oversample*side+k%big/oversample] += 1. / (oversample * oversample)
		}
	}
	return out
}
