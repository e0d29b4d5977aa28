package watermark

import "math"

// finder correlates cells with the pilot.
type finder struct {
	*carrier
	unturn [area]complex128 // exp(-2πi·turn) at the pilot's places, else 0
	turned spectrum         // conjugate spectrum of the pilot
}

func newFinder(c *carrier) *finder {
	f := &finder{carrier: c}
	for i, t := range c.turn {
		if c.pilot[i] {
			sin, cos := math.Sincos(2 * math.Pi * float64(t) / (1 << 16))
			f.unturn[i] = complex(cos, -sin)
			f.turned[i] = complex(cos, sin)
		}
	}
	f.turned.transform()
	for i := range f.turned {
		f.turned[i] = conj(f.turned[i])
	}
	return f
}

func conj(c complex128) complex128 { return complex(real(c), -imag(c)) }

// moved is the place in the cell of the pilot's place p when it is moved by dx,
// dy units.
func moved(p, dx, dy int) int {
	return (p/side+dy)&(side-1)*side + (p+dx)&(side-1)
}

// score turns a cell's values back by what the pilot wants, with the pilot moved
// by dx, dy units, and returns their sum as a multiple of the root of the sum of
// their squares.
func (f *finder) score(cell *[area]complex128, dx, dy int) complex128 {
	var sum complex128
	squares := 0.0
	for p, u := range f.unturn {
		if u == 0 {
			continue
		}
		v := cell[moved(p, dx, dy)]
		squares += real(v)*real(v) + imag(v)*imag(v)
		sum += v * u
	}
	if squares == 0 {
		return 0
	}
	return sum / complex(math.Sqrt(squares), 0)
}

// best is the greatest real part of the score over the moves of the pilot, and
// the move: of those moves, four that differ in whether they are odd, where the
// sum is greatest.
func (f *finder) best(cell *[area]complex128) (t float64, dx, dy int) {
	z := spectrum(*cell)
	z.transform()
	for i, v := range z { // conjugates, so that the forward transform inverts
		z[i] = conj(v * f.turned[i])
	}
	z.transform()
	var most [4]float64
	var at [4]int
	for i, v := range z {
		if k := i&1 + i/side&1*2; real(v) > most[k] {
			most[k], at[k] = real(v), i
		}
	}
	for _, i := range at {
		if score := real(f.score(cell, i%side, i/side)); score > t {
			t, dx, dy = score, i%side, i/side
		}
	}
	return t, dx, dy
}
