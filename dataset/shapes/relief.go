package shapes

import (
	"math"
	"sync"
)

const (
	gridSide   = 144
	gridExtent = 1.8 // the grid covers [-extent, extent] both ways
	gridCell   = 2 * gridExtent / (gridSide - 1)
)

// relief is a shape ready to be drawn: on a grid over its own frame, the
// signed distance to the outline and the surface normal of the shape blown up
// like a cushion.
type relief struct {
	name  string
	reach float64
	cells []cell
}

// cell is one place of the grid; the normal's z is sqrt(1 - nx² - ny²).
type cell struct{ distance, nx, ny float32 }

// reliefs are computed once, on first use: they take a few hundredths of a
// second and depend on nothing.
var reliefs = sync.OnceValue(func() []relief {
	all := outlines()
	r := make([]relief, len(all))
	var wg sync.WaitGroup
	for i, o := range all {
		wg.Go(func() { r[i] = newRelief(o.centred()) })
	}
	wg.Wait()
	return r
})

// newRelief blows up an outline. The cushion is sqrt(u), where u solves
// Poisson's equation Δu = -4 inside the outline and is 0 on it: a circle of
// radius r gives u = r² - x² - y², which makes it exactly a sphere, and every
// other shape gets a smooth dome without the creases of a distance field.
func newRelief(o outline) relief {
	const n = gridSide
	d := make([]float64, n*n)
	for y := range n {
		for x := range n {
			d[y*n+x] = o.distance(point{gridCell*float64(x) - gridExtent, gridCell*float64(y) - gridExtent})
		}
	}
	u := cushion(d)
	r := relief{name: o.name, reach: o.reach(), cells: make([]cell, n*n)}
	for y := range n {
		for x := range n {
			i := y*n + x
			c := &r.cells[i]
			c.distance = float32(d[i])
			// The surface z = sqrt(u) has the normal (-∇u/2, sqrt u); on the
			// rim it lies flat and points outward, as does ∇d beyond it.
			gx, gy := slope(u, x, y)
			gx, gy, z := -gx/2, -gy/2, math.Sqrt(u[i])
			if u[i] == 0 {
				gx, gy = slope(d, x, y)
				z = 0
			}
			if l := math.Sqrt(gx*gx + gy*gy + z*z); l > 0 {
				c.nx, c.ny = float32(gx/l), float32(gy/l)
			}
		}
	}
	return r
}

// cushion solves Δu = -4 where d is negative by successive over-relaxation.
func cushion(d []float64) []float64 {
	const (
		n      = gridSide
		sweeps = 100
		omega  = 1.93
	)
	u := make([]float64, n*n)
	for range sweeps {
		for y := 1; y < n-1; y++ {
			for i := y*n + 1; i < y*n+n-1; i++ {
				if d[i] < 0 {
					mean := (u[i-1] + u[i+1] + u[i-n] + u[i+n] + 4*gridCell*gridCell) / 4
					u[i] += omega * (mean - u[i])
				}
			}
		}
	}
	return u
}

// slope is the gradient of a grid by central differences.
func slope(f []float64, x, y int) (gx, gy float64) {
	const n = gridSide
	x0, x1, y0, y1 := max(x-1, 0), min(x+1, n-1), max(y-1, 0), min(y+1, n-1)
	return (f[y*n+x1] - f[y*n+x0]) / (gridCell * float64(x1-x0)),
		(f[y1*n+x] - f[y0*n+x]) / (gridCell * float64(y1-y0))
}

// at interpolates the grid at (u, v). Beyond the grid, where no shape
// reaches, it gives what the edge has.
func (r *relief) at(u, v float32) cell {
	const scale, last = 1 / gridCell, gridSide - 1.001
	x := min(max((u+gridExtent)*scale, 0), last)
	y := min(max((v+gridExtent)*scale, 0), last)
	ix, iy := int(x), int(y)
	fx, fy := x-float32(ix), y-float32(iy)
	top := r.cells[iy*gridSide+ix:][:2]
	low := r.cells[(iy+1)*gridSide+ix:][:2]
	a, b, c, d := (1-fx)*(1-fy), fx*(1-fy), (1-fx)*fy, fx*fy
	return cell{
		a*top[0].distance + b*top[1].distance + c*low[0].distance + d*low[1].distance,
		a*top[0].nx + b*top[1].nx + c*low[0].nx + d*low[1].nx,
		a*top[0].ny + b*top[1].ny + c*low[0].ny + d*low[1].ny,
	}
}

// distance is at's distance alone.
func (r *relief) distance(u, v float32) float32 {
	const scale, last = 1 / gridCell, gridSide - 1.001
	x := min(max((u+gridExtent)*scale, 0), last)
	y := min(max((v+gridExtent)*scale, 0), last)
	ix, iy := int(x), int(y)
	fx, fy := x-float32(ix), y-float32(iy)
	top := r.cells[iy*gridSide+ix:][:2]
	low := r.cells[(iy+1)*gridSide+ix:][:2]
	return (1-fy)*((1-fx)*top[0].distance+fx*top[1].distance) + fy*((1-fx)*low[0].distance+fx*low[1].distance)
}
