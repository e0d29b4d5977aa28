package watermark

import "math"

// spectrum is a complex cell in frequencies or places, row by row.
type spectrum [area]complex128

// roots are exp(-2πi·k/side).
var roots = func() (r [side / 2]complex128) {
	for k := range r {
		s, c := math.Sincos(2 * math.Pi * float64(k) / side)
		r[k] = complex(c, -s)
	}
	return r
}()

// order is the bit reversal of 0 to side-1.
var order = func() (r [side]int) {
	for i := range r {
		for b := 1; b < side; b *= 2 {
			r[i] *= 2
			if i&b != 0 {
				r[i]++
			}
		}
	}
	return r
}()

// line transforms side values at a stride (Cooley and Tukey, 1965).
func line(x []complex128, stride int) {
	var v [side]complex128
	for i, r := range order {
		v[i] = x[r*stride]
	}
	for half := 1; half < side; half *= 2 {
		for at := 0; at < side; at += 2 * half {
			for k := range half {
				a, b := v[at+k], v[at+k+half]*roots[k*(side/2/half)]
				v[at+k], v[at+k+half] = a+b, a-b
			}
		}
	}
	for i, c := range v {
		x[i*stride] = c
	}
}

// transform is the discrete Fourier transform in two dimensions, in place,
// not scaled.
func (s *spectrum) transform() {
	for i := range side {
		line(s[i*side:], 1)
	}
	for i := range side {
		line(s[i:], side)
	}
}
