package main

import "math"

// tile is F(m×m, r×r) on the given finite points and infinity.
type tile struct {
	name   string
	m, r   int
	points []float64
}

// pairs are the points ±√s of the given squares, after zero if wanted.
func pairs(zero bool, squares ...float64) (points []float64) {
	if zero {
		points = append(points, 0)
	}
	for _, s := range squares {
		points = append(points, math.Sqrt(s), -math.Sqrt(s))
	}
	return points
}

// matrices are Aᵀ, G and Bᵀ after Toom and Cook: G evaluates the filter at the
// points (divided by what interpolation divides by), Aᵀ the output's transpose,
// and a row of Bᵀ is the polynomial that vanishes at all other points.
func (t tile) matrices() (a, g, b [][]float64) {
	n := t.m + t.r - 1
	a, g, b = matrix(t.m, n), matrix(n, t.r), matrix(n, n)
	for j, p := range t.points {
		scale := 1.0
		for l, q := range t.points {
			if l != j {
				scale *= p - q
			}
		}
		for i := range t.m {
			a[i][j] = math.Pow(p, float64(i))
		}
		for i := range t.r {
			g[j][i] = math.Pow(p, float64(i)) / scale
		}
		copy(b[j], vanishing(t.points, j))
	}
	a[t.m-1][n-1], g[n-1][t.r-1] = 1, 1
	copy(b[n-1], vanishing(t.points, -1))
	return a, g, b
}

// vanishing is the polynomial with these zeros, lowest power first, but for
// the one to skip.
func vanishing(points []float64, skip int) []float64 {
	c := []float64{1}
	for l, p := range points {
		if l == skip {
			continue
		}
		next := make([]float64, len(c)+1)
		for i, v := range c {
			next[i] -= p * v
			next[i+1] += v
		}
		c = next
	}
	for i, v := range c { // √a·√b is seldom exact
		if near := math.Round(v * 64); math.Abs(v*64-near) < 1e-9 {
			c[i] = near / 64
		}
	}
	return c
}

func matrix(rows, cols int) [][]float64 {
	m := make([][]float64, rows)
	for i := range m {
		m[i] = make([]float64, cols)
	}
	return m
}

func transposed(m [][]float64) [][]float64 {
	t := matrix(len(m[0]), len(m))
	for i := range m {
		for j, v := range m[i] {
			t[j][i] = v
		}
	}
	return t
}

// same reports whether a and b are equal but for rounding.
func same(a, b float64) bool { return math.Abs(a-b) <= 1e-12*max(math.Abs(a), math.Abs(b)) }

// mirrored reports whether v is u with some but not all elements negated, and
// which.
func mirrored(u, v []float64) (odd []bool, ok bool) {
	odd = make([]bool, len(u))
	equal, negated := false, false
	for i := range u {
		switch {
		case u[i] == 0 && v[i] == 0:
		case same(u[i], v[i]):
			equal = true
		case same(u[i], -v[i]):
			odd[i], negated = true, true
		default:
			return nil, false
		}
	}
	return odd, equal && negated
}
