package vec

// SiLU is a[i]/(1+exp(-a[i])) within 4 ulp above -87 and 2⁻¹²⁵ below, where the
// sigmoid is denormal; NaN at -Inf: Hendrycks and Gimpel, "Gaussian Error
// Linear Units" (2016), section 2.
func SiLU(dst, a []float32) { unary(active.silu, dst, a) }

// SiLUGrad is grad[i] times the derivative of SiLU at a[i], within
// 2⁻²²·(1+|a[i]|) of grad[i]:
//
//	for i := range dst { s := sigmoid(a[i]); dst[i] = grad[i] * (s + a[i]*s*(1-s)) }
func SiLUGrad(dst, a, grad []float32) { binary(active.siluGrad, dst, a, grad) }

// GELU is a[i]·Φ(a[i]) by the error function, within 2⁻²² of a[i]: Hendrycks
// and Gimpel (2016), section 2.
func GELU(dst, a []float32) { unary(active.gelu, dst, a) }

func siluGeneric(dst, a []float32) {
	var s [64]float32
	pieces(dst, a, func(dst, a []float32) {
		sigmoidGeneric(s[:len(a)], a)
		mulGeneric(dst, s[:len(a)], a)
	})
}

func siluGradGeneric(dst, a, grad []float32) {
	for i, x := range a {
		s := a[i : i+1]
		var y [1]float32
		sigmoidGeneric(y[:], s)
		dst[i] = grad[i] * (y[0] + x*y[0]*(1-y[0]))
	}
}

func geluGeneric(dst, a []float32) {
	var s [64]float32
	pieces(dst, a, func(dst, a []float32) {
		e := s[:len(a)]
		mulSGeneric(e, a, 0.70710678)
		erfGeneric(e, e)
		for i, x := range a {
			dst[i] = 0.5 * x * (1 + e[i])
		}
	})
}

// pieces calls f on a few elements at a time.
func pieces(dst, a []float32, f func(dst, a []float32)) {
	for len(dst) > 0 {
		n := min(len(dst), 64)
		f(dst[:n], a[:n])
		dst, a = dst[n:], a[n:]
	}
}
