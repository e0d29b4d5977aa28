package winograd

import (
	"math"
	"unsafe"
)

// matrices are Aᵀ, G and Bᵀ, and the transposes of the first two.
type matrices struct{ at, g, bt, a, gt [][]float64 }

var all = map[[2]int]*matrices{
	{4, 3}: interpolation(4, 3, 0, math.Sqrt(0.5), -math.Sqrt(0.5), math.Sqrt2, -math.Sqrt2),
	{2, 3}: interpolation(2, 3, 0, 1, -1),
	{4, 2}: interpolation(4, 2, 0.5, -0.5, 1.25, -1.25),
}

// interpolation makes the matrices from finite points, after Toom and Cook:
// columns of Aᵀ are powers of a point, rows of G are powers over the product of
// its distances from the others, and a row of Bᵀ is the polynomial whose zeros
// are the others. The last of each belongs to infinity.
func interpolation(m, r int, points ...float64) *matrices {
	n := m + r - 1
	x := matrices{at: zeros(m, n), g: zeros(n, r), bt: zeros(n, n)}
	for j, p := range points {
		distances, poly := 1.0, []float64{1}
		for l, q := range points {
			if l != j {
				distances *= p - q
				poly = timesRoot(poly, q)
			}
		}
		for i := range m {
			x.at[i][j] = math.Pow(p, float64(i))
		}
		for i := range r {
			x.g[j][i] = math.Pow(p, float64(i)) / distances
		}
		copy(x.bt[j], poly)
	}
	poly := []float64{1}
	for _, q := range points {
		poly = timesRoot(poly, q)
	}
	copy(x.bt[n-1], poly)
	x.at[m-1][n-1], x.g[n-1][r-1] = 1, 1
	x.a, x.gt = transpose(x.at), transpose(x.g)
	return &x
}

// timesRoot multiplies a polynomial, lowest power first, by x−q.
func timesRoot(poly []float64, q float64) []float64 {
	next := make([]float64, len(poly)+1)
	for i, v := range poly {
		next[i] -= q * v
		next[i+1] += v
	}
	return next
}

func zeros(rows, cols int) [][]float64 {
	m := make([][]float64, rows)
	for i := range m {
		m[i] = make([]float64, cols)
	}
	return m
}

func transpose(m [][]float64) [][]float64 {
	t := zeros(len(m[0]), len(m))
	for i, row := range m {
		for j, v := range row {
			t[j][i] = v
		}
	}
	return t
}

func (k Kernel) inputGeneric(a *Args)      { k.gather(k.matrices.bt, a) }
func (k Kernel) filterGeneric(a *Args)     { k.gather(k.matrices.g, a) }
func (k Kernel) gradGeneric(a *Args)       { k.gather(k.matrices.a, a) }
func (k Kernel) outputGeneric(a *Args)     { k.scatter(k.matrices.at, a) }
func (k Kernel) filterGradGeneric(a *Args) { k.scatter(k.matrices.gt, a) }

// gather writes m·x·mᵀ from points to planes.
func (k Kernel) gather(m [][]float64, a *Args) {
	to, from := len(m), len(m[0])
	for v := range a.Count {
		for l := range k.lanes {
			var x [maxN * maxN]float32
			for i := range from * from {
				x[i] = *at(point(a.Points, i), v*a.PointStep+l)
			}
			sandwich(m, &x)
			for i := range to * to {
				*at(a.Base, v*a.BaseStep+i*a.Plane+l) = x[i]
			}
		}
	}
}

// scatter writes m·x·mᵀ from planes to points.
func (k Kernel) scatter(m [][]float64, a *Args) {
	to, from := len(m), len(m[0])
	for v := range a.Count {
		for l := range k.lanes {
			var x [maxN * maxN]float32
			for i := range from * from {
				x[i] = *at(a.Base, v*a.BaseStep+i*a.Plane+l)
			}
			sandwich(m, &x)
			for i := range to * to {
				*at(point(a.Points, i), v*a.PointStep+l) = x[i]
			}
		}
	}
}

const maxN = 6

// sandwich replaces x by m·x·mᵀ.
func sandwich(m [][]float64, x *[maxN * maxN]float32) {
	to, from := len(m), len(m[0])
	var half [maxN * maxN]float32
	for i, row := range m {
		for j := range from {
			for l, c := range row {
				half[i*from+j] += float32(c) * x[l*from+j]
			}
		}
	}
	for i := range to {
		for j, row := range m {
			var sum float32
			for l, c := range row {
				sum += float32(c) * half[i*from+l]
			}
			x[i*to+j] = sum
		}
	}
}

func at(p unsafe.Pointer, i int) *float32 { return (*float32)(unsafe.Add(p, 4*i)) }

func point(p *unsafe.Pointer, i int) unsafe.Pointer {
	return *(*unsafe.Pointer)(unsafe.Add(unsafe.Pointer(p), uintptr(i)*unsafe.Sizeof(p)))
}
