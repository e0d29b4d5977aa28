package cpu

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/limner-ai/limner/engine/compile"
	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/graph/reference"
	"github.com/limner-ai/limner/engine/tensor"
)

// env fills every input and state of the program, for the executable and for
// the reference.
func env(r *rand.Rand, p *compile.Program) (reference.Env, map[string]*tensor.Tensor, map[string]*tensor.Tensor) {
	ref := reference.Env{Inputs: map[string]reference.Array{}, States: map[string]reference.Array{}, Seed: 5, Step: 9}
	inputs, states := map[string]*tensor.Tensor{}, map[string]*tensor.Tensor{}
	fill := func(port compile.Port) *tensor.Tensor {
		t := tensor.New(port.Shape...)
		for i := range t.Data {
			t.Data[i] = float32(r.NormFloat64())
			if port.Name == "index" {
				t.Data[i] = float32(r.IntN(4))
			}
		}
		return t
	}
	for _, port := range p.Inputs {
		t := fill(port)
		inputs[port.Name] = t
		ref.Inputs[port.Name] = reference.FromTensor(t)
	}
	for _, port := range p.States {
		t := fill(port)
		states[port.Name] = t
		ref.States[port.Name] = reference.FromTensor(t)
	}
	return ref, inputs, states
}

// agree compiles and runs, and compares outputs and updated states with the
// float64 interpreter, for one, two and five threads, whose bits must agree.
func agree(t *testing.T, outputs []*graph.Value, updates []compile.Update, tol float64) {
	t.Helper()
	agreeFrom(t, outputs, updates, tol, func(map[string]*tensor.Tensor) {})
}

func newRand() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

// agreeFrom is agree with states that adjust has changed.
func agreeFrom(t *testing.T, outputs []*graph.Value, updates []compile.Update, tol float64, adjust func(map[string]*tensor.Tensor)) {
	t.Helper()
	p, err := compile.Compile(outputs, updates)
	if err != nil {
		t.Fatal(err)
	}
	all := append([]*graph.Value(nil), outputs...)
	for _, u := range updates {
		all = append(all, u.Value)
	}
	var bits [][]float32
	for _, threads := range []int{1, 2, 5} {
		ref, inputs, states := env(newRand(), p)
		adjust(states)
		for n, s := range states {
			ref.States[n] = reference.FromTensor(s)
		}
		want, err := reference.Eval(all, ref)
		if err != nil {
			t.Fatal(err)
		}
		pool := NewPool(threads)
		e, err := Load(p, states, pool)
		if err != nil {
			t.Fatal(err)
		}
		for n, x := range inputs {
			copy(e.Input(n).Data, x.Data)
		}
		if err := e.Run(ref.Seed, ref.Step); err != nil {
			t.Fatal(err)
		}
		pool.Close()
		for i := range all {
			var got []float32
			if i < len(outputs) {
				got = e.Output(i).Data
			} else {
				got = states[updates[i-len(outputs)].State.Attr().(graph.NameAttr).Name].Data
			}
			if err := reference.Compare(got, want[i].Data, tol, tol*math.Max(1, reference.Largest(want[i].Data))); err != nil {
				t.Fatalf("threads %d, result %d %v: %v", threads, i, all[i], err)
			}
			if threads == 1 {
				bits = append(bits, append([]float32(nil), got...))
				continue
			}
			for j := range got {
				if math.Float32bits(got[j]) != math.Float32bits(bits[i][j]) {
					t.Fatalf("%d threads change element %d of result %d", threads, j, i)
				}
			}
		}
	}
}

func TestElementwise(t *testing.T) {
	for _, n := range []int{1, 7, block - 1, block, 3*block + 5, 2*chunkSize + 77} {
		g := graph.New()
		x, y, z := g.Input("x", n), g.Input("y", n), g.Input("z", n)
		pos := x.Square().AddScalar(.1)
		agree(t, []*graph.Value{
			x.Neg(), x.Abs(), x.Sign(), pos.Sqrt(), pos.Rsqrt(), x.Exp(), pos.Log(), x.Sin(), x.Cos(), x.Tanh(),
			x.Sigmoid(), x.Softplus(), x.Erf(), x.MulScalar(3.3).Floor(), x.LeakyReLU(.2), x.LeakyReLU(0), x.StopGradient().Neg(),
			x.Add(y), x.Sub(y), x.Mul(y), x.Div(y.Square().AddScalar(1)), x.Max(y), x.Min(y), x.Less(y), x.LessEqual(y), x.Equal(x),
			graph.Select(x.Less(y), y, z), graph.Select(x.Less(y), g.Full(2, n), z), graph.Select(x.Less(y), z, g.Full(2, n)),
			graph.Select(x.Less(y), g.Full(-1, n), g.Full(2, n)), graph.Select(g.Full(1, n), x, y),
			x.AddScalar(2), g.Full(2, n).Sub(x), x.AddScalar(-1).MulScalar(3), g.Full(1, n).Div(pos), pos.Div(g.Full(3, n)),
			x.Max(g.Full(.3, n)), g.Full(.3, n).Min(x), x.Less(g.Full(.1, n)), g.Full(.1, n).Less(x), g.Full(.1, n).LessEqual(x),
			x.Mul(y).Add(z), x.MulScalar(2).Add(z), z.Add(x.MulScalar(2)), x.MulScalar(2).AddScalar(1), x.Mul(y).AddScalar(1),
			g.Full(4, n), x.Add(g.Input("s").BroadcastTo(n)), x.Mul(g.Input("s").BroadcastTo(n)).Add(y),
		}, nil, 3e-6)
	}
}

func TestBroadcastAndReduce(t *testing.T) {
	shapes := [][]int{{3, 4, 5}, {64, 32}, {1, 2000}, {2000, 1}, {40000, 3}, {3, 5000}, {8, 6, 6, 16}, {2, 3, 4, 5, 6}, {17, 40, 48}, {4, 70000}, {70000, 4}, {2, 300, 257}}
	for _, s := range shapes {
		for mask := 1; mask < 1<<len(s); mask++ {
			if len(s) > 4 && mask%3 != 0 {
				continue
			}
			t.Run(fmt.Sprint(s, mask), func(t *testing.T) {
				g := graph.New()
				x := g.Input("x", s...)
				var axes []int
				small := append([]int(nil), s...)
				for a := range s {
					if mask>>a&1 == 1 {
						axes = append(axes, a)
						small[a] = 1
					}
				}
				b := g.Input("b", small...)
				y := x.Mul(b).Add(b.Square())
				agree(t, []*graph.Value{
					x.ReduceSum(axes...), x.ReduceMax(axes...), y.ReduceSum(axes...), y, b.BroadcastTo(s...),
					x.Sub(x.ReduceMean(axes...)).Square().ReduceSum(axes...),
					b.BroadcastTo(s...).ReduceSum(),
				}, nil, 2e-5)
			})
		}
	}
}

func TestLayout(t *testing.T) {
	g := graph.New()
	x := g.Input("x", 6, 5, 4, 3)
	m := g.Input("m", 130, 70)
	agree(t, []*graph.Value{
		x.Transpose(3, 1, 0, 2), x.Transpose(0, 2, 1, 3), x.Transpose(0, 1, 3, 2), m.Transpose(1, 0),
		x.Slice(1, 2, 4), x.SliceAll(graph.SliceAttr{Start: []int{1, 0, 1, 0}, Limit: []int{6, 5, 4, 3}, Stride: []int{2, 3, 1, 2}}),
		x.Pad(2, 1, 3), x.PadAll(graph.PadAttr{Low: []int{1, 0, 2, 0}, High: []int{0, 1, 0, 1}, Interior: []int{1, 2, 0, 1}}),
		graph.Concat(2, x, x.Slice(2, 1, 2), x.Neg()), x.Reverse(0), x.Reverse(3), x.Reshape(30, 12).Transpose(1, 0),
		x.Reshape(6, 5, 4, 1, 3).BroadcastTo(6, 5, 4, 2, 3).Reshape(6, 5, 8, 3), x, x.Reshape(-1),
	}, nil, 1e-6)
}

func TestContractions(t *testing.T) {
	g := graph.New()
	var out []*graph.Value
	for _, s := range [][3]int{{5, 7, 9}, {64, 50, 33}, {1, 30, 200}, {130, 1, 20}} {
		m, n, k := s[0], s[1], s[2]
		for flags := range 4 {
			ta, tb := flags&1 == 1, flags&2 == 2
			a, b := []int{2, m, k}, []int{2, k, n}
			if ta {
				a[1], a[2] = k, m
			}
			if tb {
				b[1], b[2] = n, k
			}
			name := fmt.Sprint(s, flags)
			c := graph.MatMul(g.Input("a"+name, a...), g.Input("b"+name, b...), ta, tb)
			out = append(out, c, c.Add(g.Input("bias"+name, n)).LeakyReLU(.2), c.ReduceSum(0, 1))
		}
	}
	agree(t, out, nil, 1e-4)
}

func TestConvolutions(t *testing.T) {
	for i, w := range []graph.Window{
		graph.Same(3), graph.Strided(2, 1), {StrideH: 2, StrideW: 3, PadTop: 1, PadRight: 2}, {DilationH: 2, DilationW: 1, PadTop: 2, PadBottom: 1},
		graph.Same(3).Grouped(4), graph.Strided(2, 1).Grouped(8), {},
	} {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			g := graph.New()
			x := g.Input("x", 3, 11, 13, 8)
			f := g.State("f", 3, 3, 8/max(1, w.Groups), 16)
			y := graph.Conv(x, f, w)
			act := y.Add(g.State("b", 16)).LeakyReLU(.2)
			loss := act.Square().Mean()
			d := graph.Grad(loss, x, f)
			// The penalty's gradient goes through the gradient.
			dd := graph.Grad(d[0].Square().Sum(), f, x)
			agree(t, []*graph.Value{y, act, loss, d[0], d[1], dd[0], dd[1], act.ReduceSum(0, 1, 2)}, nil, 1e-4)
		})
	}
}

// A whole training step: losses, gradients, Adam and an average in place.
func TestTrainingStep(t *testing.T) {
	g := graph.New()
	x := g.Input("x", 16, 12)
	h := x
	var params []*graph.Value
	for i, n := range []int{24, 16, 12} {
		w, b := g.State(fmt.Sprint("w", i), h.Dim(1), n), g.State(fmt.Sprint("b", i), n)
		params = append(params, w, b)
		h = h.Dot(w).Add(b)
		if i < 2 {
			h = h.Tanh()
		}
	}
	loss := h.Sub(x).Square().Mean()
	var updates []compile.Update
	for i, d := range graph.Grad(loss, params...) {
		p := params[i]
		m, v, avg := g.State(fmt.Sprint("m", i), p.Shape()...), g.State(fmt.Sprint("v", i), p.Shape()...), g.State(fmt.Sprint("avg", i), p.Shape()...)
		m2 := m.MulScalar(.9).Add(d.MulScalar(.1))
		v2 := v.Square().MulScalar(.99).Add(d.Square().MulScalar(.01))
		p2 := p.Sub(m2.Div(v2.Sqrt().AddScalar(1e-3)).MulScalar(.01))
		updates = append(updates, compile.Update{State: p, Value: p2}, compile.Update{State: m, Value: m2},
			compile.Update{State: v, Value: v2}, compile.Update{State: avg, Value: avg.MulScalar(.99).Add(p2.MulScalar(.01))})
	}
	agree(t, []*graph.Value{loss}, updates, 1e-4)
}

// States that are updated from each other see old values.
func TestUpdatesSeeOldStates(t *testing.T) {
	g := graph.New()
	a, b := g.State("a", 300), g.State("b", 300)
	agree(t, []*graph.Value{a.Mul(b).Sum()}, []compile.Update{{State: a, Value: a.Add(b)}, {State: b, Value: a.Sub(b)}}, 1e-5)
	w := g.State("w", 20, 20)
	agree(t, nil, []compile.Update{{State: w, Value: w.Dot(w)}}, 1e-5)
	agree(t, nil, []compile.Update{{State: w, Value: w.Transpose(1, 0)}}, 1e-5)
	s := g.State("s", 1, 64)
	agree(t, nil, []compile.Update{{State: s, Value: s.BroadcastTo(30, 64).Add(g.Input("n", 30, 64)).ReduceSum(0)}}, 1e-5)
}

// A loop that folds an operand as it is, and overwrites it.
func TestFoldBeforeOverwrite(t *testing.T) {
	for _, n := range []int{50, 5000, 200000} {
		g := graph.New()
		x, w := g.Input("x", n), g.State("w", n)
		y := graph.Concat(0, x.Slice(0, 0, n/2), x.Slice(0, n/2, n)) // in memory, read by the loop alone
		sum := y.Sum()
		e := y.Sigmoid()
		agree(t, []*graph.Value{sum, e.Sum(), e}, nil, 1e-4)
		sum = w.Sum()
		next := w.AddScalar(3)
		agree(t, []*graph.Value{sum, next.Sum()}, []compile.Update{{State: w, Value: next}}, 1e-4)
	}
}

// Random graphs of loops, reductions, broadcasts and products.
func FuzzPrograms(f *testing.F) {
	for seed := range uint64(60) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 77))
		g := graph.New()
		dims := []int{1 + r.IntN(9), 1 + r.IntN(40), 1 + r.IntN(70)}
		shape := func() []int {
			s := append([]int(nil), dims...)
			for i := range s {
				if r.IntN(4) == 0 {
					s[i] = 1
				}
			}
			return s
		}
		var vs []*graph.Value
		for i := range 4 {
			vs = append(vs, g.Input(fmt.Sprint("x", i), shape()...))
		}
		s := g.State("s", dims...)
		vs = append(vs, s, g.Full(.5, dims...))
		pick := func() *graph.Value { return vs[r.IntN(len(vs))] }
		for range 3 + r.IntN(25) {
			a, b := pick(), pick()
			var v *graph.Value
			switch r.IntN(15) {
			case 0:
				v = a.Add(b)
			case 1:
				v = a.Mul(b).Tanh()
			case 2:
				v = a.Sub(b).Sigmoid()
			case 3:
				v = a.ReduceMean(r.IntN(3))
			case 4:
				v = a.ReduceMax(r.IntN(3), r.IntN(3))
			case 5:
				v = a.BroadcastTo(dims...)
			case 6:
				v = a.LeakyReLU(.1)
			case 7:
				// Both sides agree where a is b: float32 and float64 may differ
				// over which is less.
				v = graph.Select(a.Less(b), a.MulScalar(2), a.Add(b))
			case 8:
				v = a.Transpose(0, 2, 1).Transpose(0, 2, 1).MulScalar(.7)
			case 9:
				a = a.BroadcastTo(dims...)
				v = graph.MatMul(graph.MatMul(a, a, false, true), a, false, false).MulScalar(.05).Tanh()
			case 10:
				v = a.Reshape(-1).Neg().Reshape(a.Shape()...)
			case 11:
				v = a.Div(b.Square().AddScalar(1)).Max(b)
			case 12:
				v = a.Add(b).Softmax()
			case 13:
				v = standardised(a, 1+r.IntN(2)).Mul(b.ReduceSum(r.IntN(3)).Tanh())
			case 14:
				v = a.BroadcastTo(dims...).Reshape(dims[0]*dims[1], dims[2]).LogSoftmax().Reshape(dims...).MulScalar(.1)
			}
			vs = append(vs, v)
		}
		var outs []*graph.Value
		for range 1 + r.IntN(4) {
			outs = append(outs, vs[len(vs)-1-r.IntN(min(8, len(vs)))])
		}
		last := vs[len(vs)-1].BroadcastTo(dims...)
		loss := last.Tanh().Mean()
		outs = append(outs, graph.Grad(loss, s)[0])
		agree(t, outs, []compile.Update{{State: s, Value: s.Add(last.Tanh())}}, 2e-3)
	})
}

func TestRunAllocatesNothing(t *testing.T) {
	g := graph.New()
	x := g.Input("x", 8, 16, 16, 8)
	f := g.State("f", 3, 3, 8, 8)
	loss := graph.Conv(x, f, graph.Same(3)).Add(g.Normal("n", 8, 16, 16, 8)).LeakyReLU(.1).Square().Mean()
	p, err := compile.Compile([]*graph.Value{loss}, []compile.Update{{State: f, Value: f.Sub(graph.Grad(loss, f)[0])}})
	if err != nil {
		t.Fatal(err)
	}
	pool := NewPool(2)
	defer pool.Close()
	e, err := Load(p, map[string]*tensor.Tensor{"f": tensor.New(3, 3, 8, 8)}, pool)
	if err != nil {
		t.Fatal(err)
	}
	step := uint32(0)
	if n := testing.AllocsPerRun(50, func() {
		step++
		if err := e.Run(1, step); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("a run allocates %v times", n)
	}
}

func TestLoadErrors(t *testing.T) {
	g := graph.New()
	p, err := compile.Compile([]*graph.Value{g.State("w", 3).Neg()}, nil)
	if err != nil {
		t.Fatal(err)
	}
	pool := NewPool(1)
	if _, err := Load(p, nil, pool); err == nil {
		t.Error("a missing state is accepted")
	}
	if _, err := Load(p, map[string]*tensor.Tensor{"w": tensor.New(4)}, pool); err == nil {
		t.Error("a state of another shape is accepted")
	}
	e, err := Load(p, map[string]*tensor.Tensor{"w": tensor.New(3)}, pool)
	if err != nil {
		t.Fatal(err)
	}
	pool.Close()
	if e.Run(0, 0) == nil {
		t.Error("a closed pool runs")
	}
}
