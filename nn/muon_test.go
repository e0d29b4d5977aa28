package nn

import (
	"math"
	"testing"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/graph/reference"
)

type matrix struct {
	m, n int
	x    []float64
}

func (a matrix) times(b matrix) matrix {
	c := matrix{a.m, b.n, make([]float64, a.m*b.n)}
	for i := range a.m {
		for j := range b.n {
			for k := range a.n {
				c.x[i*b.n+j] += a.x[i*a.n+k] * b.x[k*b.n+j]
			}
		}
	}
	return c
}

func (a matrix) transposed() matrix {
	c := matrix{a.n, a.m, make([]float64, len(a.x))}
	for i := range a.m {
		for j := range a.n {
			c.x[j*a.m+i] = a.x[i*a.n+j]
		}
	}
	return c
}

// quintic is the iteration as the paper writes it, always from the left.
func quintic(g matrix) matrix {
	norm := 0.
	for _, v := range g.x {
		norm += v * v
	}
	x := matrix{g.m, g.n, append([]float64(nil), g.x...)}
	for i := range x.x {
		x.x[i] /= math.Sqrt(norm) + 1e-7
	}
	if g.m > g.n {
		x = x.transposed()
	}
	for range 5 {
		a := x.times(x.transposed())
		aa := a.times(a)
		b := matrix{a.m, a.n, make([]float64, len(a.x))}
		for i := range b.x {
			b.x[i] = -4.7750*a.x[i] + 2.0315*aa.x[i]
		}
		bx := b.times(x)
		for i := range x.x {
			x.x[i] = 3.4445*x.x[i] + bx.x[i]
		}
	}
	if g.m > g.n {
		x = x.transposed()
	}
	return x
}

// Against the algorithm written out in float64, for matrices wide and tall and
// filters, while another parameter is left to Adam.
func TestMuon(t *testing.T) {
	for _, o := range []Muon{
		{Momentum: .95, Nesterov: true, Decay: .1, Rest: DefaultAdam},
		{Momentum: .5, Rest: DefaultAdam},
	} {
		for _, shape := range [][]int{{3, 5}, {5, 3}, {1, 5, 1, 3}} {
			cols := shape[len(shape)-1]
			dims := [2]int{15 / cols, cols}
			o.Takes = func(p Param) bool { return p.Name == "w" }
			g := graph.New()
			s := NewScope(g)
			x := g.Input("x", shape...)
			w, e := s.Param("w", Normal(1), shape...), s.Param("e", Normal(1), shape...)
			loss := w.Sub(x).Square().Sum().Add(e.Sub(x).Square().Sum()).MulScalar(.5)
			ps := s.Params()
			ups := o.Update(s.Sub("o"), ps, graph.Grad(loss, Values(ps)...), g.Input("rate"), Guard{})
			r := newRun(t, s.States())
			p := append([]float64(nil), r.states["w"].Data...)
			moved := append([]float64(nil), r.states["e"].Data...)
			m := make([]float64, len(p))
			for step := range 4 {
				in := make([]float64, len(p))
				for i := range in {
					in[i] = math.Sin(float64(3*i + step))
				}
				const rate = .05
				d := matrix{dims[0], dims[1], make([]float64, len(p))}
				for i := range p {
					grad := p[i] - in[i]
					m[i] = o.Momentum*m[i] + (1-o.Momentum)*grad
					d.x[i] = m[i]
					if o.Nesterov {
						d.x[i] = (1-o.Momentum)*grad + o.Momentum*m[i]
					}
				}
				for i, v := range quintic(d).x {
					p[i] -= rate*.2*math.Sqrt(5)*v + rate*o.Decay*p[i]
				}
				r.eval(map[string]reference.Array{"x": array(in, shape...), "rate": array([]float64{rate})}, ups)
				near(t, "w", r.states["w"].Data, p, 2e-5)
			}
			if r.states["e"].Data[0] == moved[0] || r.states["o/m/e"].Data == nil || r.states["o/m/w"].Data != nil {
				t.Error("Adam did not take the other parameter alone")
			}
		}
	}
}

// Five steps bring singular values of very different size near to 1.
func TestOrthogonaliseLevels(t *testing.T) {
	g := graph.New()
	out := Orthogonalise(g.Input("m", 3, 3))
	r := newRun(t, nil)
	got := r.eval(map[string]reference.Array{"m": array([]float64{4, 0, 0, 0, -.5, 0, 0, 0, .05}, 3, 3)}, nil, out)[0]
	for i, sign := range []float64{1, -1, 1} {
		if v := got[4*i] * sign; v < .6 || v > 1.3 {
			t.Errorf("a singular value became %v", v)
		}
	}
}
