package cpu

import (
	"fmt"
	"math"
	"testing"

	"github.com/limner-ai/limner/engine/compile"
	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/graph/reference"
	"github.com/limner-ai/limner/engine/tensor"
)

// Every contraction and its gradients round their operands, and nothing else:
// the interpreter, which does not, computes the same from rounded inputs.
func TestBFloat16(t *testing.T) {
	g := graph.New()
	var out []*graph.Value
	for flags := range 4 {
		a, b := []int{2, 30, 40}, []int{2, 40, 50}
		if flags&1 != 0 {
			a = []int{2, 40, 30}
		}
		if flags&2 != 0 {
			b = []int{2, 50, 40}
		}
		out = append(out, graph.MatMul(g.Input(fmt.Sprint("a", flags), a...), g.Input(fmt.Sprint("b", flags), b...), flags&1 != 0, flags&2 != 0))
	}
	for i, w := range []graph.Window{graph.Same(3), graph.Strided(2, 1), graph.Same(3).Grouped(4), graph.Same(3).Grouped(16)} {
		x, f := g.Input(fmt.Sprint("x", i), 3, 8, 8, 16), g.Input(fmt.Sprint("f", i), 3, 3, 16/max(1, w.Groups), 16)
		y := graph.Conv(x, f, w)
		out = append(out, y, y.LeakyReLU(.2))
		out = append(out, graph.VJP(y, g.Input(fmt.Sprint("dy", i), y.Shape()...), x, f)...)
	}
	exact := g.Input("exact", 100)
	out = append(out, exact.MulScalar(3).Exp())

	p, err := compile.Options{Precision: tensor.BFloat16}.Compile(out, nil)
	if err != nil {
		t.Fatal(err)
	}
	ref, inputs, states := env(newRand(), p)
	for name, x := range inputs {
		if name == "exact" {
			continue
		}
		rounded := x.Clone()
		for i, v := range rounded.Data {
			fraction, exponent := math.Frexp(float64(v))
			rounded.Data[i] = float32(math.Ldexp(math.RoundToEven(fraction*256)/256, exponent))
		}
		ref.Inputs[name] = reference.FromTensor(rounded)
	}
	want, err := reference.Eval(out, ref)
	if err != nil {
		t.Fatal(err)
	}
	var first [][]float32
	for _, threads := range []int{1, 3} {
		pool := NewPool(threads)
		defer pool.Close()
		e, err := Load(p, states, pool)
		if err != nil {
			t.Fatal(err)
		}
		for name, x := range inputs {
			copy(e.Input(name).Data, x.Data)
		}
		if err := e.Run(1, 2); err != nil {
			t.Fatal(err)
		}
		for i := range out {
			got := e.Output(i).Data
			if err := reference.Compare(got, want[i].Data, 1e-5, 1e-5*math.Max(1, reference.Largest(want[i].Data))); err != nil {
				t.Fatalf("%d threads, result %d %v: %v", threads, i, out[i], err)
			}
			if threads == 1 {
				first = append(first, got)
				continue
			}
			for j := range got {
				if got[j] != first[i][j] {
					t.Fatalf("%d threads change element %d of result %d", threads, j, i)
				}
			}
		}
		if n := testing.AllocsPerRun(3, func() { e.Run(1, 2) }); n != 0 {
			t.Errorf("%d threads: a run allocates %v times", threads, n)
		}
	}
}
