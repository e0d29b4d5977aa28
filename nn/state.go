// Package nn builds networks as graphs: layers, initialisers, optimisers,
// schedules and averages.
package nn

import (
	"fmt"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/tensor"
)

// State is a value that lives between runs of a program.
type State struct {
	Name  string
	Shape tensor.Shape
	Init  Initialiser
	Fixed bool // a weight that this model's training leaves as it is
}

// Initialiser fills a new state. It draws from p, whose stream is the
// state's own, so that adding a layer does not change the others.
type Initialiser func(dst []float32, shape tensor.Shape, p tensor.Philox)

// New returns the state's first value in a run with the given seed.
func (s State) New(seed uint64) *tensor.Tensor {
	t := tensor.New(s.Shape...)
	s.Init(t.Data, t.Shape, tensor.Philox{Seed: seed, Stream: tensor.StreamOf(s.Name)})
	return t
}

// Update says that a program leaves a new value in a state.
type Update struct {
	State *graph.Value
	Value *graph.Value
}

// Merge joins the states of several graphs of one model, each name once, in
// the order of their first mention. It panics if a name has two shapes.
func Merge(lists ...[]State) []State {
	var out []State
	seen := map[string]tensor.Shape{}
	for _, list := range lists {
		for _, s := range list {
			shape, ok := seen[s.Name]
			if ok && !shape.Equal(s.Shape) {
				panic(fmt.Sprintf("nn: state %s has the shapes %v and %v", s.Name, shape, s.Shape))
			}
			if !ok {
				seen[s.Name] = s.Shape
				out = append(out, s)
			}
		}
	}
	return out
}
