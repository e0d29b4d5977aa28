package nn

import (
	"errors"
	"math"
	"testing"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/graph/reference"
)

// turned rotates the pair (a, b) by an angle.
func turned(a, b, angle float64) (x, y float64) {
	sin, cos := math.Sincos(angle)
	return a*cos - b*sin, a*sin + b*cos
}

func TestRotary(t *testing.T) {
	g := graph.New()
	x := g.Input("x", 2, 6, 3, 8)
	xs := waves(2*6*3*8, 1)
	got := newRun(t, nil).eval(map[string]reference.Array{"x": array(xs, 2, 6, 3, 8)}, nil,
		NewRotary(6, 8, 10000).Turn(x), NewAxialRotary(2, 3, 8, 100).Turn(x))
	row, axial := make([]float64, len(xs)), make([]float64, len(xs))
	for at := 0; at < len(xs); at += 8 {
		token := at / 24 % 6
		for p := range 4 {
			i, j := at+p, at+p+4
			row[i], row[j] = turned(xs[i], xs[j], float64(token)*math.Pow(10000, -float64(p)/4))
		}
		for axis, place := range []int{token / 3, token % 3} {
			for p := range 2 {
				i, j := at+4*axis+p, at+4*axis+p+2
				axial[i], axial[j] = turned(xs[i], xs[j], float64(place)*math.Pow(100, -float64(p)/2))
			}
		}
	}
	near(t, "row", got[0], row, 1e-6)
	near(t, "axial", got[1], axial, 1e-6)
}

func TestRotaryMistakes(t *testing.T) {
	g := graph.New()
	for name, build := range map[string]func(){
		"channels of a row":  func() { NewRotary(4, 7, 10000) },
		"channels of a grid": func() { NewAxialRotary(2, 2, 6, 100) },
		"another grid":       func() { NewAxialRotary(2, 2, 8, 100).Turn(g.Input("a", 1, 5, 1, 8)) },
		"other heads":        func() { NewAxialRotary(2, 2, 8, 100).Turn(g.Input("b", 1, 4, 2, 4)) },
		"no heads":           func() { NewRotary(4, 8, 100).Turn(g.Input("c", 1, 4, 8)) },
		"odd waves":          func() { Sinusoid(g.Input("d", 3), 5, 100) },
		"waves of a matrix":  func() { Sinusoid(g.Input("e", 3, 1), 4, 100) },
	} {
		var e *graph.ShapeError
		if err := graph.Catch(build); !errors.As(err, &e) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSinusoid(t *testing.T) {
	g := graph.New()
	s := NewScope(g)
	x := g.Input("x", 2)
	e := TimeEmbedding(s, x, 4, 3)
	r := newRun(t, s.States())
	copy(r.states["in/b"].Data, waves(3, 1))
	copy(r.states["out/b"].Data, waves(3, 2))
	times1 := []float64{.25, .002}
	got := r.eval(map[string]reference.Array{"x": array(times1, 2)}, nil, Sinusoid(x, 6, 8), e)
	var want, wide []float64
	for _, x := range times1 {
		for _, wave := range []func(float64) float64{math.Cos, math.Sin} {
			want = append(want, wave(x), wave(x/2), wave(x/4))
			wide = append(wide, wave(1000*x), wave(10*x))
		}
	}
	near(t, "sinusoid", got[0], want, 1e-6)
	h := times(wide, r.states["in/w"])
	for i := range h {
		v := h[i] + r.states["in/b"].Data[i%3]
		h[i] = v / (1 + math.Exp(-v))
	}
	want = times(h, r.states["out/w"])
	for i := range want {
		want[i] += r.states["out/b"].Data[i%3]
	}
	near(t, "embedding", got[1], want, 1e-4) // the product 1000·t·frequency is rounded
}
