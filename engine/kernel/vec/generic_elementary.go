package vec

import "math"

// The portable elementary functions evaluate the polynomials of the assembly
// (fitted there, see _asm/function.go) in float64: then one constant reduces
// the argument, nothing overflows, and a single rounding is left.

// magic, added to a float64 far smaller, leaves the nearest integer in the low
// bits of the sum.
const magic = 3 << 51

// exponent splits x into n*ln2 + r with |r| ≤ ln2/2, and returns r and 2ⁿ.
func exponent(x float64) (r, scale float64) {
	t := x*math.Log2E + magic
	r = x - (t-magic)*math.Ln2
	return r, math.Float64frombits(math.Float64bits(t)<<52 + 1023<<52)
}

// expm1 is exp(r)-1 for |r| ≤ ln2/2.
func expm1(r float64) float64 {
	return r + r*r*(0.5+r*(0.16666531562805176+r*(0.041666172444820404+r*(0.008367970585823059+r*0.0013970554573461413))))
}

// exp is e to the x for |x| ≤ 700.
func exp(x float64) float64 {
	r, scale := exponent(x)
	return scale + scale*expm1(r)
}

// log is k*ln2 + log(1+f) for √½-1 ≤ f ≤ √2-1.
func log(k, f float64) float64 {
	p := 0.14200976490974426 + f*(-0.13162820041179657+f*(0.12792959809303284-f*0.07684313505887985))
	p = 0.3333333134651184 + f*(-0.250008225440979+f*(0.20001260936260223+f*(-0.16623333096504211+f*p)))
	return k*math.Ln2 + (f + f*f*(f*p-0.5))
}

// parts splits u > 0 into 2ᵏ(1+f) with √½ ≤ 1+f ≤ √2.
func parts(u float64) (k, f float64) {
	b := math.Float64bits(u)
	n := int64(b-math.Float64bits(math.Sqrt2/2)) >> 52
	return float64(n), math.Float64frombits(b-uint64(n)<<52) - 1
}

// logEdge is the logarithm of u where it is not positive and finite.
func logEdge(u float64) float32 {
	switch {
	case u == 0:
		return float32(math.Inf(-1))
	case u < 0:
		return float32(math.NaN())
	}
	return float32(u)
}

func expGeneric(dst, a []float32) {
	a = a[:len(dst)]
	for i := range dst {
		x := float64(a[i])
		if x > 90 {
			x = 90
		} else if x < -110 {
			x = -110
		}
		dst[i] = float32(exp(x))
	}
}

func logGeneric(dst, a []float32) {
	a = a[:len(dst)]
	for i := range dst {
		x := float64(a[i])
		if x > 0 && x <= math.MaxFloat32 {
			dst[i] = float32(log(parts(x)))
		} else {
			dst[i] = logEdge(x)
		}
	}
}

func tanhGeneric(dst, a []float32) {
	a = a[:len(dst)]
	for i := range dst {
		x := float64(a[i])
		y := math.Abs(x)
		if y > 10 {
			y = 10
		}
		r, scale := exponent(2 * y)
		m := scale*expm1(r) + (scale - 1) // exp(2y)-1
		dst[i] = float32(math.Copysign(m/(m+2), x))
	}
}

// decay is exp(-|x|).
func decay(x float64) float64 {
	x = -math.Abs(x)
	if x < -110 {
		x = -110
	}
	return exp(x)
}

func sigmoidGeneric(dst, a []float32) {
	a = a[:len(dst)]
	for i := range dst {
		x := float64(a[i])
		e := decay(x)
		top := 1.0
		if x < 0 {
			top = e
		}
		dst[i] = float32(top / (1 + e))
	}
}

func softplusGeneric(dst, a []float32) {
	a = a[:len(dst)]
	for i := range dst {
		x := float64(a[i])
		e := decay(x)
		s := 2 * e / (2 + e)
		z := s * s
		l := s + s*z*(0.08333302289247513+z*(0.012506699189543724+z*(0.0021877363324165344+z*0.0005470075411722064)))
		if x > 0 {
			l += x
		}
		dst[i] = float32(l)
	}
}

func erfGeneric(dst, a []float32) {
	a = a[:len(dst)]
	for i := range dst {
		x := float64(a[i])
		t := math.Abs(x)
		if t <= 0.92 {
			z := x * x
			p := -0.026768580079078674 + z*(0.004995853174477816-z*0.0006003794260323048)
			p = 0.12837915122509003 + z*(-0.3761250078678131+z*(0.11281877011060715+z*p))
			dst[i] = float32(x + x*p)
			continue
		}
		if t > 3.95 {
			t = 3.95
		}
		q := -0.023762201890349388 + t*(0.0036425183061510324+t*(-0.0003228152927476913+t*1.1233176337555051e-05))
		q = t * (1.1286485195159912 + t*(0.635151207447052+t*(0.10623704642057419+t*q)))
		dst[i] = float32(math.Copysign(1-exp(-q), x))
	}
}

// sine is sin(x + quarter·π/2).
func sine(x float64, quarter uint64) float64 {
	// high has 24 bits, so its product with n is exact.
	const high = 1.57079637050628662109375
	const low = math.Pi/2 - high
	t := x*(2/math.Pi) + magic
	n := t - magic
	r := (x - n*high) - n*low
	z := r * r
	q := math.Float64bits(t) + quarter
	var y float64
	if q&1 == 0 {
		y = r + r*z*(-0.16666655242443085+z*(0.008332187309861183-z*0.00019517895998433232))
	} else {
		y = 1 - 0.5*z + z*z*(0.04166664555668831+z*(-0.0013887309469282627+z*2.4432327336398885e-05))
	}
	if q&2 != 0 {
		y = -y
	}
	return y
}

func sinGeneric(dst, a []float32) {
	a = a[:len(dst)]
	for i := range dst {
		x := float64(a[i])
		if math.Abs(x) <= 1e6 {
			dst[i] = float32(sine(x, 0))
		} else {
			dst[i] = float32(math.Sin(x))
		}
	}
}

func cosGeneric(dst, a []float32) {
	a = a[:len(dst)]
	for i := range dst {
		x := float64(a[i])
		if math.Abs(x) <= 1e6 {
			dst[i] = float32(sine(x, 1))
		} else {
			dst[i] = float32(math.Cos(x))
		}
	}
}
