// Package logistic fits the weights by which an inspector adds up its measures.
package logistic

import (
	"errors"
	"math"
)

// Fit finds the weights w, the last of them a constant, that minimise the mean
// of log(1 + exp(∓w·x)) over sound and faulty pictures, both classes weighing the
// same in all, plus decay·|w|²/2 without the constant: Newton's method with
// halved steps. Rows have one length.
func Fit(sound, faulty [][]float64, decay float64) ([]float64, error) {
	if len(sound) == 0 || len(faulty) == 0 {
		return nil, errors.New("logistic: want sound and faulty pictures")
	}
	n := len(sound[0]) + 1
	w := make([]float64, n)
	each := func(visit func(x []float64, target, weight float64)) {
		for _, x := range sound {
			visit(x, 0, .5/float64(len(sound)))
		}
		for _, x := range faulty {
			visit(x, 1, .5/float64(len(faulty)))
		}
	}
	loss := func(w []float64) (sum float64) {
		each(func(x []float64, t, weight float64) {
			f := Score(w, x)
			sum += weight * (math.Max(f, 0) - t*f + math.Log1p(math.Exp(-math.Abs(f))))
		})
		for _, v := range w[:n-1] {
			sum += decay * v * v / 2
		}
		return sum
	}
	at := loss(w)
	for range 60 {
		g, h := make([]float64, n), make([][]float64, n)
		for i := range h {
			h[i] = make([]float64, n)
			h[i][i] = 1e-9
			if i < n-1 {
				g[i] = decay * w[i]
				h[i][i] += decay
			}
		}
		each(func(x []float64, t, weight float64) {
			p := 1 / (1 + math.Exp(-Score(w, x)))
			for i := range n {
				a := 1.
				if i < n-1 {
					a = x[i]
				}
				g[i] += weight * (p - t) * a
				for j := range i + 1 {
					b := 1.
					if j < n-1 {
						b = x[j]
					}
					h[i][j] += weight * p * (1 - p) * a * b
				}
			}
		})
		d := solve(h, g)
		next, moved := make([]float64, n), false
		for step := 1.; step > 1e-6; step /= 2 {
			for i := range w {
				next[i] = w[i] - step*d[i]
			}
			if l := loss(next); l < at-1e-12 {
				w, at, moved = next, l, true
				break
			}
		}
		if !moved {
			break
		}
	}
	return w, nil
}

// Score is w·x plus the constant.
func Score(w, x []float64) float64 {
	sum := w[len(x)]
	for i, v := range x {
		sum += w[i] * v
	}
	return sum
}

// solve solves h·d = g for a symmetric positive matrix of which the lower half
// is given, by Cholesky's decomposition, in place.
func solve(h [][]float64, g []float64) []float64 {
	n := len(g)
	d := make([]float64, n)
	for i := range n {
		for j := range i + 1 {
			sum := h[i][j]
			for k := range j {
				sum -= h[i][k] * h[j][k]
			}
			if i == j {
				h[i][i] = math.Sqrt(math.Max(sum, 1e-12))
			} else {
				h[i][j] = sum / h[j][j]
			}
		}
	}
	for i := range n {
		d[i] = g[i]
		for k := range i {
			d[i] -= h[i][k] * d[k]
		}
		d[i] /= h[i][i]
	}
	for i := n - 1; i >= 0; i-- {
		for k := i + 1; k < n; k++ {
			d[i] -= h[k][i] * d[k]
		}
		d[i] /= h[i][i]
	}
	return d
}
