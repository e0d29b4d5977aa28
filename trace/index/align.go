package index

import "math"

// place says which part of a training picture a part of a query shows: the
// query's part, from 0 to 1 along each axis, lies at x0 + u·sx, y0 + v·sy.
type place struct{ x0, y0, sx, sy float64 }

func placeOf(b box) place { return place{b.x0, b.y0, b.x1 - b.x0, b.y1 - b.y0} }

func (p place) box() box { return box{p.x0, p.y0, p.x0 + p.sx, p.y0 + p.sy} }

const (
	compareSide = 16 // pixels a side at which pictures are compared, as package copying does
	alignSide   = 24 // pixels a side at which they are aligned
	rounds      = 8
	leastScale  = 0.4 // of a training picture's side that a query may show
	mostScale   = 1.25
	mostSkew    = 1.2 // of width to height
)

// Colours may have changed by so much, in contrast and in brightness.
const (
	mostGain = 0.15
	mostBias = 0.1
)

// patch is a part of a query, ready to be aligned.
type patch struct {
	luma   []float32 // alignSide²
	colour *raster   // compareSide²
	detail float64   // deviation of its luma
}

func newPatch(r *raster, b box) *patch {
	p := &patch{luma: r.cut(b, alignSide).opposed().c[0], colour: r.cut(b, compareSide)}
	var sum, squares float64
	for _, v := range p.luma {
		sum, squares = sum+float64(v), squares+float64(v)*float64(v)
	}
	n := float64(len(p.luma))
	p.detail = math.Sqrt(max(0, squares/n-sum/n*sum/n))
	return p
}

// target is a training picture, ready to be aligned to.
type target struct {
	colour *raster
	thumb  bool      // only the frequencies of thumbs count
	slope  []float32 // of each pixel luma and its derivatives along x and y
}

func newTarget(r *raster, thumb bool) *target {
	luma := r.opposed().c[0]
	t := &target{r, thumb, make([]float32, 3*len(luma))}
	for y := range r.h {
		for x := range r.w {
			i := y*r.w + x
			left, right := max(x-1, 0), min(x+1, r.w-1)
			up, low := max(y-1, 0), min(y+1, r.h-1)
			t.slope[3*i] = luma[i]
			t.slope[3*i+1] = (luma[y*r.w+right] - luma[y*r.w+left]) * float32(r.w) / 2
			t.slope[3*i+2] = (luma[low*r.w+x] - luma[up*r.w+x]) * float32(r.h) / 2
		}
	}
	return t
}

// align moves the place until the query's part lies as well as it can on the
// training picture: Gauss-Newton steps on luma whose contrast and brightness are
// fitted (Lucas and Kanade, 1981), damped as Marquardt has it, each kept only if
// it is a gain.
func (p *patch) align(t *target, at place) place {
	var seen [3 * alignSide * alignSide]float32
	t.sample(seen[:], at)
	e, equations := p.equations(seen[:])
	damp := 1e-3
	for range rounds {
		next, ok := at.step(equations, damp)
		if !ok || !next.sound() {
			return at
		}
		t.sample(seen[:], next)
		better, more := p.equations(seen[:])
		if better >= e {
			if damp *= 30; damp > 10 {
				break
			}
			continue
		}
		done := e-better < 1e-3*e
		at, e, equations, damp = next, better, more, damp/3
		if done {
			break
		}
	}
	return at
}

func (p place) sound() bool {
	const out = 0.12 // of the side that may lie beyond the edge
	return p.sx >= leastScale && p.sy >= leastScale && p.sx <= mostScale && p.sy <= mostScale &&
		p.sx <= mostSkew*p.sy && p.sy <= mostSkew*p.sx &&
		p.x0 >= -out && p.y0 >= -out && p.x0+p.sx <= 1+out && p.y0+p.sy <= 1+out
}

// sample reads luma and its derivatives, bilinear, at the points of a grid over
// the place.
func (t *target) sample(dst []float32, at place) {
	w, h := t.colour.w, t.colour.h
	var column [alignSide]int
	var share [alignSide]float32
	for i := range column {
		column[i], share[i] = between(at.x0+(float64(i)+.5)/alignSide*at.sx, w)
	}
	for j := range alignSide {
		y, fy := between(at.y0+(float64(j)+.5)/alignSide*at.sy, h)
		top, low := t.slope[3*y*w:][:3*w], t.slope[3*min(y+1, h-1)*w:][:3*w]
		for i, x := range column {
			fx := share[i]
			a, b := 3*x, 3*min(x+1, w-1)
			to := dst[3*(j*alignSide+i):][:3]
			for k := range to {
				u := top[a+k] + fx*(top[b+k]-top[a+k])
				v := low[a+k] + fx*(low[b+k]-low[a+k])
				to[k] = u + fy*(v-u)
			}
		}
	}
}

// between is the pixel before a place along n pixels, and the share of the next.
func between(at float64, n int) (int, float32) {
	v := min(max(at*float64(n)-.5, 0), float64(n-1))
	low := int(v)
	return low, float32(v - float64(low))
}

// equations are the normal ones of a round in x0, y0, sx, sy with their right
// side, and the sum of squares that they lessen.
func (p *patch) equations(seen []float32) (squares float64, a [4][5]float64) {
	var luma [alignSide * alignSide]float32
	for i := range luma {
		luma[i] = seen[3*i]
	}
	gain, bias := fit(p.luma, luma[:])
	for j := range alignSide {
		v := (float64(j) + .5) / alignSide
		// Along a row only u changes: its sums are gathered in powers of u.
		var xx, xy, yy [3]float64
		var xe, ye [2]float64
		for i := range alignSide {
			u := (float64(i) + .5) / alignSide
			k := j*alignSide + i
			gx, gy := float64(seen[3*k+1]), float64(seen[3*k+2])
			e := gain*float64(p.luma[k]) + bias - float64(luma[k])
			squares += e * e
			xx[0], xx[1], xx[2] = xx[0]+gx*gx, xx[1]+gx*gx*u, xx[2]+gx*gx*u*u
			xy[0], xy[1] = xy[0]+gx*gy, xy[1]+gx*gy*u
			yy[0] += gy * gy
			xe[0], xe[1], ye[0] = xe[0]+gx*e, xe[1]+gx*e*u, ye[0]+gy*e
		}
		a[0][0] += xx[0]
		a[0][1] += xy[0]
		a[0][2] += xx[1]
		a[0][3] += xy[0] * v
		a[1][1] += yy[0]
		a[1][2] += xy[1]
		a[1][3] += yy[0] * v
		a[2][2] += xx[2]
		a[2][3] += xy[1] * v
		a[3][3] += yy[0] * v * v
		a[0][4] += xe[0]
		a[1][4] += ye[0]
		a[2][4] += xe[1]
		a[3][4] += ye[0] * v
	}
	for j := range 4 {
		for k := range j {
			a[j][k] = a[k][j]
		}
	}
	return squares, a
}

// fit is the gain and bias that bring a nearest to b, within bounds. The bias is
// bounded where it is felt: at a's mean.
func fit(a, b []float32) (gain, bias float64) {
	n := float64(len(a))
	var ma, mb, aa, ab float64
	for i, v := range a {
		x, y := float64(v), float64(b[i])
		ma, mb, aa, ab = ma+x, mb+y, aa+x*x, ab+x*y
	}
	ma, mb = ma/n, mb/n
	gain = 1
	if spread := aa/n - ma*ma; spread > 1e-9 {
		gain = min(max((ab/n-ma*mb)/spread, 1-mostGain), 1+mostGain)
	}
	moved := min(max(mb-ma, -mostBias), mostBias)
	return gain, moved + ma - gain*ma
}

// step solves the equations, their diagonal raised.
func (p place) step(a [4][5]float64, damp float64) (place, bool) {
	for j := range 4 {
		a[j][j] = a[j][j]*(1+damp) + 1e-6
	}
	d, ok := solve(a)
	return place{p.x0 + d[0], p.y0 + d[1], p.sx + d[2], p.sy + d[3]}, ok
}

// solve is Gauss's elimination with pivots.
func solve(a [4][5]float64) (x [4]float64, ok bool) {
	for c := range 4 {
		top := c
		for r := c + 1; r < 4; r++ {
			if math.Abs(a[r][c]) > math.Abs(a[top][c]) {
				top = r
			}
		}
		a[c], a[top] = a[top], a[c]
		if math.Abs(a[c][c]) < 1e-12 {
			return x, false
		}
		for r := c + 1; r < 4; r++ {
			f := a[r][c] / a[c][c]
			for k := c; k < 5; k++ {
				a[r][k] -= f * a[c][k]
			}
		}
	}
	for c := 3; c >= 0; c-- {
		x[c] = a[c][4]
		for k := c + 1; k < 4; k++ {
			x[c] -= a[c][k] * x[k]
		}
		x[c] /= a[c][c]
	}
	return x, true
}

// distance is the root mean square of differences of colour at 16×16 pixels,
// each colour's contrast and brightness fitted: the distance of package copying.
// Of a training picture that is known by its thumb alone, and of a coarse query,
// only the frequencies count that a thumb has.
func (p *patch) distance(t *target, at place) float64 {
	seen := t.colour.cut(at.box(), compareSide)
	for k := range seen.c {
		gain, bias := fit(p.colour.c[k], seen.c[k])
		for i, v := range p.colour.c[k] {
			seen.c[k][i] = float32(gain)*v + float32(bias) - seen.c[k][i]
		}
	}
	if t.thumb {
		return math.Sqrt(seen.within(at) / 3)
	}
	sum := 0.
	for k := range seen.c {
		for _, v := range seen.c[k] {
			sum += float64(v) * float64(v)
		}
	}
	return math.Sqrt(sum / 3 / (compareSide * compareSide))
}

// The frequencies that count are those of a thumb, and of a small part of it: or
// else the less is seen of a thumb, the nearer it would seem to be.
const (
	seenLuma = 12
	seenTint = 6
)

// within is the sum over colours of the mean squares of a difference of 16×16
// pixels, as far as it is of frequencies that thumbs have.
func (r *raster) within(at place) (sum float64) {
	o := r.opposed()
	var planes [3][compareSide * compareSide]float32
	for k := range planes {
		cosine16(planes[k][:], o.c[k])
	}
	for v := range compareSide {
		for u := range compareSide {
			i := v*compareSide + u
			y, b, d := 0., 0., 0.
			in, of := float64(u+v), float64(u)/at.sx+float64(v)/at.sy
			if of < lumaBand-1 && in < seenLuma {
				y = float64(planes[0][i])
			}
			if of < tintBand-.5 && in < seenTint {
				b, d = float64(planes[1][i]), float64(planes[2][i])
			}
			sum += energy(y, b, d)
		}
	}
	return sum / (compareSide * compareSide)
}

// energy is the square of a difference in red, green and blue together, of one in
// luma and the two differences of colour.
func energy(y, b, d float64) float64 {
	red, green, blue := y+1.402*d, y-0.344136*b-0.714136*d, y+1.772*b
	return red*red + green*green + blue*blue
}

// waves16[u][x] is the matrix of the orthonormal cosine transform of 16 values.
var waves16 = func() (m [compareSide][compareSide]float32) {
	for u := range m {
		for x := range m[u] {
			m[u][x] = float32(wave(u) * math.Sqrt(thumbSide/compareSide) * math.Cos(math.Pi*float64(u)*(float64(x)+.5)/compareSide))
		}
	}
	return m
}()

// cosine16 transforms 16×16 values along rows, then along columns.
func cosine16(dst, src []float32) {
	var rows [compareSide * compareSide]float32
	for y := range compareSide {
		from := (*[compareSide]float32)(src[y*compareSide:])
		for u := range compareSide {
			sum := float32(0)
			for x, v := range from {
				sum += v * waves16[u][x]
			}
			rows[y*compareSide+u] = sum
		}
	}
	clear(dst)
	for v := range compareSide {
		to := (*[compareSide]float32)(dst[v*compareSide:])
		for y := range compareSide {
			w := waves16[v][y]
			for u, a := range (*[compareSide]float32)(rows[y*compareSide:]) {
				to[u] += w * a
			}
		}
	}
}
