package nn

import (
	"math"
	"testing"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/graph/reference"
	"github.com/limner-ai/limner/engine/tensor"
)

func TestScopeSharesAndLists(t *testing.T) {
	g := graph.New()
	s := NewScope(g)
	x := g.Input("x", 2, 3)
	a := Dense(s.Sub("d").Sub("fc"), x, 4, Glorot)
	b := Dense(s.Sub("d").Sub("fc"), x, 4, Glorot)
	Linear(s.Sub("dd"), x, 4, Glorot)
	s.State("count", Zeros)
	if a.Inputs()[0].Inputs()[1] != b.Inputs()[0].Inputs()[1] {
		t.Error("the second call made weights of its own")
	}
	var names []string
	for _, p := range s.Params() {
		names = append(names, p.Name)
	}
	if len(names) != 3 || names[0] != "d/fc/w" || names[1] != "d/fc/b" || names[2] != "dd/w" {
		t.Errorf("parameters %v", names)
	}
	if n := len(s.Sub("d").Params()); n != 2 {
		t.Errorf("%d parameters below d, want 2", n)
	}
	if n := len(s.States()); n != 4 {
		t.Errorf("%d states, want 4", n)
	}
	if err := graph.Catch(func() { s.Sub("d").Sub("fc").Param("w", Zeros, 3, 5) }); err == nil {
		t.Error("another shape for a name was accepted")
	}
}

func TestAveragedScopeReadsAverages(t *testing.T) {
	g := graph.New()
	s := NewScope(g)
	w := s.Sub("g").Param("w", Normal(1), 5)
	Average(s, s.Params(), nil, g.Full(.5))
	h := graph.New()
	a := NewAveragedScope(h)
	v := a.Sub("g").Param("w", Normal(1), 5)
	name := v.Attr().(graph.NameAttr).Name
	if name != AverageOf("g/w") || s.States()[1].Name != name {
		t.Fatalf("%v reads %s, the average is kept in %s", w, name, s.States()[1].Name)
	}
	first := s.States()[0].New(4).Data
	for _, other := range []State{s.States()[1], a.States()[0]} {
		for i, x := range other.New(4).Data {
			if x != first[i] {
				t.Fatal("the average does not start where its parameter does")
			}
		}
	}
}

func TestMerge(t *testing.T) {
	a, b := State{Name: "a", Shape: tensor.S(2), Init: Zeros}, State{Name: "b", Shape: tensor.S(3), Init: Zeros}
	if m := Merge([]State{a, b}, []State{b, {Name: "c", Init: Ones}, a}); len(m) != 3 || m[2].Name != "c" {
		t.Errorf("merged to %v", m)
	}
	defer func() {
		if recover() == nil {
			t.Error("two shapes of a state were merged")
		}
	}()
	Merge([]State{a}, []State{{Name: "a", Shape: tensor.S(4), Init: Zeros}})
}

func TestInitialisers(t *testing.T) {
	for name, c := range map[string]struct {
		init  Initialiser
		sigma float64
	}{
		"normal":     {Normal(.3), .3},
		"in":         {KaimingIn(math.Sqrt2), math.Sqrt(2. / (3 * 3 * 16))},
		"out":        {KaimingOut(1), math.Sqrt(1. / (3 * 3 * 64))},
		"transposed": {KaimingTransposed(1, 2), math.Sqrt(4. / (3 * 3 * 64))},
		"glorot":     {Glorot, math.Sqrt(2. / (3*3*16 + 3*3*64))},
		"orthogonal": {Orthogonal(2), 2 / math.Sqrt(3*3*16)},
		"zeros":      {Zeros, 0},
		"a constant": {Constant(2), 0},
		"a wide one": {func(d []float32, _ tensor.Shape, p tensor.Philox) { Orthogonal(1)(d, tensor.S(64, 144), p) }, 1. / 12},
	} {
		_, sigma := moments(c.init, 3, 3, 16, 64)
		if math.Abs(sigma-c.sigma) > .02*c.sigma+1e-9 {
			t.Errorf("%s: deviation %v, want %v", name, sigma, c.sigma)
		}
	}
	for _, s := range []tensor.Shape{tensor.S(7, 3), tensor.S(3, 7)} {
		q := State{Name: "q", Shape: s, Init: Orthogonal(1)}.New(1)
		for i := range min(s[0], s[1]) {
			for j := range i + 1 {
				var d float64
				for k := range max(s[0], s[1]) {
					a, b := q.Data[(i*s[1]+k)%21], q.Data[(j*s[1]+k)%21]
					if s[0] > s[1] {
						a, b = q.Data[k*s[1]+i], q.Data[k*s[1]+j]
					}
					d += float64(a) * float64(b)
				}
				want := 0.
				if i == j {
					want = 1
				}
				if math.Abs(d-want) > 1e-6 {
					t.Errorf("%v: vectors %d and %d have product %v", s, i, j, d)
				}
			}
		}
	}
}

// The gains restore the second moment of a standard normal: the integral is
// taken numerically. The values are checked on both sides of zero.
func TestActivations(t *testing.T) {
	want := map[string]func(float64) float64{
		"relu":       func(x float64) float64 { return max(x, 0) },
		"leaky_relu": func(x float64) float64 { return max(x, .2*x) },
		"silu":       func(x float64) float64 { return x / (1 + math.Exp(-x)) },
		"gelu":       func(x float64) float64 { return x * .5 * math.Erfc(-x/math.Sqrt2) },
		"elu": func(x float64) float64 {
			if x > 0 {
				return x
			}
			return math.Expm1(x)
		},
		"tanh": math.Tanh,
	}
	var xs []float64
	for x := -8.; x <= 8; x += 1. / 64 {
		xs = append(xs, x)
	}
	for name, f := range want {
		a, err := ActivationNamed(name)
		if err != nil {
			t.Fatal(err)
		}
		g := graph.New()
		x := g.Input("x", len(xs))
		y := a.Apply(x)
		got := newRun(t, nil).eval(map[string]reference.Array{"x": array(xs, len(xs))}, nil, y, graph.Grad(y.Sum(), x)[0])
		var moment float64
		for i, x := range xs {
			near(t, name, got[0][i:i+1], []float64{f(x)}, 1e-6)
			moment += f(x) * f(x) * math.Exp(-x*x/2) / math.Sqrt(2*math.Pi) / 64
			if x != 0 {
				slope := (f(x+1e-5) - f(x-1e-5)) / 2e-5
				near(t, name+" gradient", got[1][i:i+1], []float64{slope}, 1e-5)
			}
		}
		if math.Abs(a.Gain*a.Gain*moment-1) > 2e-4 {
			t.Errorf("%s: gain %v, want %v", name, a.Gain, 1/math.Sqrt(moment))
		}
	}
	if _, err := ActivationNamed("softmax"); err == nil {
		t.Error("an unknown activation was accepted")
	}
}

func TestHalveAndDouble(t *testing.T) {
	for _, c := range [][2]int{{28, 14}, {14, 7}, {7, 4}, {5, 3}, {64, 32}} {
		g := graph.New()
		s := NewScope(g)
		x := g.Input("x", 2, c[0], c[0], 3)
		y := Halve(s.Sub("down"), x, 5, KaimingIn(1))
		z := Double(s.Sub("up"), y, c[0], c[0], 3, KaimingTransposed(1, 2))
		if y.Dim(1) != c[1] || y.Dim(2) != c[1] || y.Dim(3) != 5 || !z.Shape().Equal(x.Shape()) {
			t.Errorf("%d became %v and %v", c[0], y, z)
		}
	}
}

func TestResample(t *testing.T) {
	g := graph.New()
	x := g.Input("x", 1, 2, 2, 2)
	in := map[string]reference.Array{"x": array([]float64{1, 10, 2, 20, 3, 30, 4, 40}, 1, 2, 2, 2)}
	first := func(v *graph.Value) *graph.Value { return v.Slice(3, 0, 1) }
	up := BilinearUp(x)
	got := newRun(t, nil).eval(in, nil, first(Nearest(x)), first(up), up.Slice(3, 1, 2), first(BilinearDown(x)), first(Crop(Nearest(x), 3, 1)))
	near(t, "nearest", got[0], []float64{1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4}, 0)
	want := []float64{1, 1.5, 2, 1, 2, 2.5, 3, 1.5, 3, 3.5, 4, 2, 1.5, 1.75, 2, 1}
	near(t, "up", got[1], want, 1e-7)
	for i := range want {
		want[i] *= 10
	}
	near(t, "up, second channel", got[2], want, 1e-7)
	near(t, "down", got[3], []float64{(4*1 + 2*2 + 2*3 + 4) / 16.}, 1e-7)
	near(t, "crop", got[4], []float64{1, 1, 3}, 0)

	// Σ up(x)·y = 4 Σ x·down(y).
	y := g.Input("y", 1, 4, 4, 2)
	ys := make([]float64, 32)
	for i := range ys {
		ys[i] = math.Sin(float64(3 * i))
	}
	in["y"] = array(ys, 1, 4, 4, 2)
	got = newRun(t, nil).eval(in, nil, up.Mul(y).Sum(), x.Mul(BilinearDown(y)).Sum().MulScalar(4))
	near(t, "adjoint", got[0], got[1], 1e-6)
}

func TestNorms(t *testing.T) {
	g := graph.New()
	s := NewScope(g)
	x := g.Input("x", 2, 3, 2, 4)
	xs := make([]float64, 48)
	for i := range xs {
		xs[i] = math.Sin(float64(5*i)) + float64(i%4)
	}
	r := newRun(t, append(NewScope(g).States(),
		State{Name: "l/scale", Shape: tensor.S(4), Init: Constant(2)}, State{Name: "l/shift", Shape: tensor.S(4), Init: Constant(1)},
		State{Name: "g/scale", Shape: tensor.S(4), Init: Constant(3)}, State{Name: "g/shift", Shape: tensor.S(4), Init: Zeros},
		State{Name: "r/scale", Shape: tensor.S(4), Init: Constant(5)}))
	got := r.eval(map[string]reference.Array{"x": array(xs, 2, 3, 2, 4)}, nil,
		LayerNorm(s.Sub("l"), x), GroupNorm(s.Sub("g"), x, 2), RMSNorm(s.Sub("r"), x))
	stat := func(y []float64, pick func(i int) bool) (mean, square float64) {
		n := 0.
		for i, v := range y {
			if pick(i) {
				mean, square, n = mean+v, square+v*v, n+1
			}
		}
		return mean / n, square / n
	}
	m, q := stat(got[0], func(i int) bool { return i/4 == 7 })
	near(t, "layer norm", []float64{m, q - m*m}, []float64{1, 4}, 1e-4)
	m, q = stat(got[1], func(i int) bool { return i/24 == 1 && i%4 >= 2 })
	near(t, "group norm", []float64{m, q}, []float64{0, 9}, 1e-4)
	_, q = stat(got[2], func(i int) bool { return i/4 == 3 })
	near(t, "RMS norm", []float64{q}, []float64{25}, 1e-4)
}

func TestEmbedding(t *testing.T) {
	g := graph.New()
	s := NewScope(g)
	e := Embedding(s, g.Input("i", 3), 4, 2, Normal(1))
	r := newRun(t, s.States())
	got := r.eval(map[string]reference.Array{"i": array([]float64{2, 0, 2}, 3)}, nil, e)
	table := r.states["table"].Data
	near(t, "embedding", got[0], []float64{table[4], table[5], table[0], table[1], table[4], table[5]}, 0)
}
