package nn

import (
	"math"
	"testing"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/graph/reference"
)

// waves are numbers without a pattern.
func waves(n int, phase float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = math.Sin(phase + 3.7*float64(i) + .1*float64(i*i))
	}
	return out
}

// times is the product of rows with w [in out].
func times(x []float64, w reference.Array) []float64 {
	in, out := w.Shape[0], w.Shape[1]
	y := make([]float64, len(x)/in*out)
	for r := range len(x) / in {
		for i := range in {
			for o := range out {
				y[r*out+o] += x[r*in+i] * w.Data[i*out+o]
			}
		}
	}
	return y
}

// attends is multi-head attention of one picture by the definition: queries
// of n tokens and keys of m, both c wide; keys that are not seen are left out.
func attends(q, k, v []float64, c, heads int, seen []bool) []float64 {
	d := c / heads
	out := make([]float64, len(q))
	for i := range len(q) / c {
		for h := range heads {
			var p []float64
			sum := 0.
			for j := range len(k) / c {
				s := 0.
				for e := h * d; e < (h+1)*d; e++ {
					s += q[i*c+e] * k[j*c+e]
				}
				p = append(p, 0)
				if seen[j] {
					p[j] = math.Exp(s / math.Sqrt(float64(d)))
				}
				sum += p[j]
			}
			for j, w := range p {
				for e := h * d; e < (h+1)*d; e++ {
					out[i*c+e] += w / sum * v[j*c+e]
				}
			}
		}
	}
	return out
}

// normalised divides each head by its root mean square and scales it.
func normalised(x []float64, scale []float64) []float64 {
	d := len(scale)
	out := make([]float64, len(x))
	for at := 0; at < len(x); at += d {
		square := 0.
		for _, v := range x[at : at+d] {
			square += v * v
		}
		for i, v := range x[at : at+d] {
			out[at+i] = v / math.Sqrt(square/float64(d)+normEps) * scale[i]
		}
	}
	return out
}

func TestCrossAttention(t *testing.T) {
	const n, m, c, e, heads = 3, 4, 6, 5, 2
	g := graph.New()
	s := NewScope(g)
	x, context := g.Input("x", 2, n, c), g.Input("context", 2, m, e)
	mask := KeyMask(g.Input("present", 2, m))
	y := CrossAttention(s.Sub("a"), x, context, Attention{Heads: heads, Norm: true, Bias: mask})
	r := newRun(t, s.States())
	p := func(name string) reference.Array { return r.states["a/"+name] }
	copy(p("out/b").Data, waves(c, 5))
	copy(p("q/scale").Data, waves(c/heads, 6))
	copy(p("k/scale").Data, waves(c/heads, 7))
	xs, cs := waves(2*n*c, 1), waves(2*m*e, 2)
	present := []float64{1, 1, 1, 1, 1, 0, 1, 0}
	got := r.eval(map[string]reference.Array{
		"x": array(xs, 2, n, c), "context": array(cs, 2, m, e), "present": array(present, 2, m),
	}, nil, y)
	var want []float64
	for b := range 2 {
		q := normalised(times(xs[b*n*c:(b+1)*n*c], p("q/w")), p("q/scale").Data)
		k := normalised(times(cs[b*m*e:(b+1)*m*e], p("k/w")), p("k/scale").Data)
		v := times(cs[b*m*e:(b+1)*m*e], p("v/w"))
		seen := make([]bool, m)
		for j := range seen {
			seen[j] = present[b*m+j] != 0
		}
		want = append(want, times(attends(q, k, v, c, heads, seen), p("out/w"))...)
	}
	for i := range want {
		want[i] += p("out/b").Data[i%c]
	}
	near(t, "cross-attention", got[0], want, 1e-6)
	if len(s.Params()) != 7 {
		t.Errorf("%d parameters, want 7", len(s.Params()))
	}
}

// With rotary positions of a row, a picture that is moved along by one token
// gives results that are moved along, since only distances count.
func TestSelfAttentionSeesDistances(t *testing.T) {
	const n, c, heads = 4, 8, 2
	g := graph.New()
	s := NewScope(g)
	x := g.Input("x", 1, n, c)
	rotary := NewRotary(n, c/heads, 10000)
	hide := g.Input("hide", 1, 1, 1, n)
	y := SelfAttention(s, x, Attention{Heads: heads, Norm: true, Rotary: rotary, Bias: hide})
	plain := SelfAttention(s, x, Attention{Heads: heads, Norm: true, Bias: hide})
	r := newRun(t, s.States())
	xs := waves(n*c, 3)
	moved := append(append([]float64{}, xs[(n-1)*c:]...), xs[:(n-1)*c]...)
	inf := math.Inf(-1)
	a := r.eval(map[string]reference.Array{"x": array(xs, 1, n, c), "hide": array([]float64{0, 0, 0, inf}, 1, 1, 1, n)}, nil, y, plain)
	b := r.eval(map[string]reference.Array{"x": array(moved, 1, n, c), "hide": array([]float64{inf, 0, 0, 0}, 1, 1, 1, n)}, nil, y)
	near(t, "moved", b[0][c:], a[0][:(n-1)*c], 1e-6)
	far := 0.
	for i := range a[0] {
		far = max(far, math.Abs(a[0][i]-a[1][i]))
	}
	if far < 1e-2 {
		t.Errorf("positions change results by %v at most", far)
	}
}

func TestFeedForward(t *testing.T) {
	g := graph.New()
	s := NewScope(g)
	x := g.Input("x", 2, 3, 4)
	gelu, err := ActivationNamed("gelu")
	if err != nil {
		t.Fatal(err)
	}
	y, z := FeedForward(s.Sub("f"), x, 5, gelu), SwiGLU(s.Sub("g"), x, 5)
	r := newRun(t, s.States())
	p := func(name string) reference.Array { return r.states[name] }
	copy(p("f/in/b").Data, waves(5, 1))
	copy(p("f/out/b").Data, waves(4, 2))
	xs := waves(24, 4)
	got := r.eval(map[string]reference.Array{"x": array(xs, 2, 3, 4)}, nil, y, z)
	h := times(xs, p("f/in/w"))
	for i := range h {
		v := h[i] + p("f/in/b").Data[i%5]
		h[i] = v * .5 * math.Erfc(-v/math.Sqrt2)
	}
	want := times(h, p("f/out/w"))
	for i := range want {
		want[i] += p("f/out/b").Data[i%4]
	}
	near(t, "feed-forward", got[0], want, 1e-6)
	gate, h := times(xs, p("g/gate/w")), times(xs, p("g/in/w"))
	for i := range h {
		h[i] *= gate[i] / (1 + math.Exp(-gate[i]))
	}
	near(t, "SwiGLU", got[1], times(h, p("g/out/w")), 1e-6)
	if n := len(s.Params()); n != 4+3 {
		t.Errorf("%d parameters, want 7", n)
	}
}
