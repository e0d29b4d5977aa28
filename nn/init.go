package nn

import (
	"math"

	"github.com/limner-ai/limner/engine/tensor"
)

// Zeros fills a state with 0.
func Zeros(dst []float32, _ tensor.Shape, _ tensor.Philox) { clear(dst) }

// Ones fills a state with 1.
func Ones(dst []float32, _ tensor.Shape, _ tensor.Philox) {
	for i := range dst {
		dst[i] = 1
	}
}

// Constant fills a state with x.
func Constant(x float32) Initialiser {
	return func(dst []float32, _ tensor.Shape, _ tensor.Philox) {
		for i := range dst {
			dst[i] = x
		}
	}
}

// Normal draws from N(0, σ²).
func Normal(sigma float64) Initialiser {
	return func(dst []float32, _ tensor.Shape, p tensor.Philox) {
		p.Normal(dst, 0)
		for i := range dst {
			dst[i] *= float32(sigma)
		}
	}
}

// fans counts the terms that meet in one output and the outputs that one
// input meets, for a matrix [in out] or a filter [kh kw in out].
func fans(s tensor.Shape) (in, out float64) {
	if len(s) == 0 {
		return 1, 1
	}
	last := s[len(s)-1]
	in = float64(s.Size() / last)
	field := 1
	for _, d := range s[:max(0, len(s)-2)] {
		field *= d
	}
	return in, float64(last * field)
}

// KaimingIn draws from N(0, gain²/fan-in), which keeps the variance of
// activations: He et al., "Delving Deep into Rectifiers" (2015), equation 10.
func KaimingIn(gain float64) Initialiser {
	return func(dst []float32, s tensor.Shape, p tensor.Philox) {
		in, _ := fans(s)
		Normal(gain/math.Sqrt(in))(dst, s, p)
	}
}

// KaimingOut draws from N(0, gain²/fan-out), which keeps the variance of
// gradients: He et al. (2015), equation 14.
func KaimingOut(gain float64) Initialiser {
	return func(dst []float32, s tensor.Shape, p tensor.Philox) {
		_, out := fans(s)
		Normal(gain/math.Sqrt(out))(dst, s, p)
	}
}

// KaimingTransposed is KaimingIn for the filter [kh kw out in] of a
// transposed convolution, where 1/stride² of the filter meets in one output.
func KaimingTransposed(gain float64, stride int) Initialiser {
	return func(dst []float32, s tensor.Shape, p tensor.Philox) {
		in := float64(s[0]*s[1]*s[3]) / float64(stride*stride)
		Normal(gain/math.Sqrt(in))(dst, s, p)
	}
}

// Glorot draws uniformly with variance 2/(fan-in + fan-out): Glorot and
// Bengio, "Understanding the difficulty of training deep feedforward neural
// networks" (2010), equation 16.
func Glorot(dst []float32, s tensor.Shape, p tensor.Philox) {
	in, out := fans(s)
	limit := math.Sqrt(6 / (in + out))
	p.Uniform(dst, 0)
	for i := range dst {
		dst[i] = float32(limit * (2*float64(dst[i]) - 1))
	}
}

// Orthogonal makes the matrix [Πleading, last] have orthonormal columns (or
// rows, where it is wider than tall), times gain: Saxe et al., "Exact
// solutions to the nonlinear dynamics of learning" (2013).
func Orthogonal(gain float64) Initialiser {
	return func(dst []float32, s tensor.Shape, p tensor.Philox) {
		cols := s[len(s)-1]
		rows := len(dst) / cols
		p.Normal(dst, 0)
		// Vectors are columns where tall, else rows: n vectors of length m,
		// n ≤ m, made orthonormal one after the other (modified Gram-Schmidt).
		n, m, next, step := cols, rows, 1, cols
		if rows < cols {
			n, m, next, step = rows, cols, cols, 1
		}
		vs := make([][]float64, n)
		for i := range vs {
			v := make([]float64, m)
			for j := range v {
				v[j] = float64(dst[i*next+j*step])
			}
			for _, u := range vs[:i] {
				d := dot(u, v)
				for j := range v {
					v[j] -= d * u[j]
				}
			}
			norm := math.Sqrt(dot(v, v))
			for j := range v {
				v[j] /= norm
			}
			vs[i] = v
		}
		for i, v := range vs {
			for j := range v {
				dst[i*next+j*step] = float32(gain * v[j])
			}
		}
	}
}

func dot(a, b []float64) (s float64) {
	for i := range a {
		s += a[i] * b[i]
	}
	return s
}
