package vec

import "math"

// SiLU is a[i]/(1+exp(-a[i])) within 4 ulp above -88 and 2⁻¹²⁰ below, where the
// exponential may overflow; NaN at -Inf: Hendrycks and Gimpel, "Gaussian Error
// Linear Units" (2016), section 2.
func SiLU(dst, a []float32) { unary(active.silu, dst, a) }

// SiLUGrad is grad[i] times the derivative of SiLU at a[i], within
// 2⁻²²·(1+|a[i]|) of grad[i]:
//
//	for i := range dst { s := sigmoid(a[i]); dst[i] = grad[i] * (s + a[i]*s*(1-s)) }
func SiLUGrad(dst, a, grad []float32) { binary(active.siluGrad, dst, a, grad) }

// GELU is a[i]·Φ(a[i]) with the normal distribution function Φ, within 2⁻²² of
// a[i]; at most 2e-31 at -Inf: Hendrycks and Gimpel (2016), section 2.
func GELU(dst, a []float32) { unary(active.gelu, dst, a) }

// GELUGrad is grad[i] times the derivative of GELU at a[i], Φ(a[i]) +
// a[i]·φ(a[i]), within 2⁻²² of grad[i].
func GELUGrad(dst, a, grad []float32) { binary(active.geluGrad, dst, a, grad) }

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
	for i, x := range a {
		x := float64(x)
		t, tail := normal(x, 0)
		y := -t * tail
		if x > 0 {
			y += x
		}
		dst[i] = float32(y)
	}
}

func geluGradGeneric(dst, a, grad []float32) {
	for i, x := range a {
		_, d := normal(float64(x), -1/math.Sqrt(2*math.Pi))
		if x > 0 {
			d = 1 - d
		}
		dst[i] = float32(d * float64(grad[i]))
	}
}

// normal is t = min(|x|, 13) and exp(-t²/2)·(P(t) + slope·t), where the first
// factor times P is Φ(-t); see _asm/gelu.go.
func normal(x, slope float64) (t, tail float64) {
	t = math.Abs(x)
	if t > 13 {
		t = 13
	}
	y := t * t
	odd := -8.626955968793482e-05 - 3.238443753161846e-07*y
	odd = -0.39894112944602966 + slope + y*(-0.13282491266727448+y*(-0.02552480436861515+y*(-0.0026122890412807465+y*odd)))
	even := 0.009046659804880619 + y*(0.0005710046389140189+y*7.879538316046819e-06)
	even = 0.5 + y*(0.24997738003730774+y*(0.06196513772010803+y*even))
	return t, (even + t*odd) * exp(-y/2)
}

// pieces calls f on a few elements at a time.
func pieces(dst, a []float32, f func(dst, a []float32)) {
	for len(dst) > 0 {
		n := min(len(dst), 64)
		f(dst[:n], a[:n])
		dst, a = dst[n:], a[n:]
	}
}
