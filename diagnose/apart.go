package diagnose

import "math"

// apart is by how many standard errors the share a/n is above b/m, under the
// hypothesis that they are one (the two-sample test of proportions, pooled).
func apart(a, n, b, m int) float64 {
	if n == 0 || m == 0 {
		return 0
	}
	p := float64(a+b) / float64(n+m)
	spread := math.Sqrt(p * (1 - p) * (1/float64(n) + 1/float64(m)))
	if spread == 0 {
		return 0
	}
	return (float64(a)/float64(n) - float64(b)/float64(m)) / spread
}
