package blur

import "math"

// pool sums edges cell by cell.
type pool struct {
	w, h  int
	cells []sum
}

// sum is of some edges, each weighed by its contrast.
type sum struct {
	n                             int
	weight, width, steep, outline float64
	sharpest, steepest            float64
}

// newPool sums edges that were found on planes smaller by a factor.
func newPool(e *edges, c *Cells, factor int) *pool {
	p := &pool{c.W, c.H, make([]sum, c.W*c.H)}
	for i := range p.cells {
		p.cells[i].sharpest = math.Log(widest)
	}
	for i, at := range e.at {
		x, y := min(at%e.w*factor/c.Side, c.W-1), min(at/e.w*factor/c.Side, c.H-1)
		w := float64(e.contrast[i])
		p.cells[y*c.W+x].add(sum{1, w, w * float64(e.width[i]), w * float64(e.steep[i]), w * float64(e.outline[i]),
			float64(e.width[i]), float64(e.steep[i])})
	}
	return p
}

func (s *sum) add(o sum) {
	s.n += o.n
	s.weight += o.weight
	s.width += o.width
	s.steep += o.steep
	s.outline += o.outline
	s.sharpest = min(s.sharpest, o.sharpest)
	s.steepest = max(s.steepest, o.steepest)
}

// window is the sum over a cell and its eight neighbours.
func (p *pool) window(x, y int) sum {
	out := sum{sharpest: math.Log(widest)}
	for v := max(0, y-1); v <= min(p.h-1, y+1); v++ {
		for u := max(0, x-1); u <= min(p.w-1, x+1); u++ {
			out.add(p.cells[v*p.w+u])
		}
	}
	return out
}

// features are seven: how many, how wide, the sharpest, how steep, the
// steepest, the contrast, and how much of it is outline.
func (s sum) features() []float32 {
	if s.n == 0 {
		return make([]float32, 7)
	}
	return []float32{
		float32(math.Log1p(float64(s.n))),
		float32(s.width / s.weight),
		float32(s.sharpest),
		float32(s.steep / s.weight),
		float32(s.steepest),
		float32(math.Log(s.weight / float64(s.n))),
		float32(s.outline / s.weight),
	}
}
