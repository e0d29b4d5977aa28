package nn

import (
	"math"
	"testing"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/graph/reference"
	"github.com/limner-ai/limner/engine/tensor"
)

// run is a training run in the interpreter: states live in a map.
type run struct {
	t      *testing.T
	states map[string]reference.Array
}

func newRun(t *testing.T, states []State) *run {
	r := &run{t, map[string]reference.Array{}}
	for _, s := range states {
		r.states[s.Name] = reference.FromTensor(s.New(1))
	}
	return r
}

// eval computes values and then applies updates.
func (r *run) eval(inputs map[string]reference.Array, updates []Update, out ...*graph.Value) [][]float64 {
	r.t.Helper()
	all := append([]*graph.Value(nil), out...)
	for _, u := range updates {
		all = append(all, u.Value)
	}
	got, err := reference.Eval(all, reference.Env{Inputs: inputs, States: r.states, Seed: 3})
	if err != nil {
		r.t.Fatal(err)
	}
	for i, u := range updates {
		r.states[u.State.Attr().(graph.NameAttr).Name] = got[len(out)+i]
	}
	data := make([][]float64, len(out))
	for i := range out {
		data[i] = got[i].Data
	}
	return data
}

func array(x []float64, dims ...int) reference.Array { return reference.From(x, dims...) }

func near(t *testing.T, what string, got, want []float64, tol float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	for i := range want {
		if !(math.Abs(got[i]-want[i]) <= tol*(1+math.Abs(want[i]))) {
			t.Fatalf("%s: element %d is %v, want %v (all %v, want %v)", what, i, got[i], want[i], got, want)
		}
	}
}

// moments are the mean and the standard deviation of a state's first value.
func moments(init Initialiser, dims ...int) (mean, sigma float64) {
	x := State{Name: "x", Shape: tensor.S(dims...), Init: init}.New(7).Data
	for _, v := range x {
		mean += float64(v) / float64(len(x))
	}
	for _, v := range x {
		sigma += (float64(v) - mean) * (float64(v) - mean) / float64(len(x))
	}
	return mean, math.Sqrt(sigma)
}
