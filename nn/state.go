// Package nn builds networks as graphs: layers, initialisers, optimisers,
// schedules and averages.
package nn

import (
	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/tensor"
)

// State is a value that lives between runs of a program.
type State struct {
	Name  string
	Shape tensor.Shape
	Init  Initialiser
}

// Initialiser fills a new state. It draws from p, whose stream is the
// state's own, so that adding a layer does not change the others.
type Initialiser func(dst []float32, shape tensor.Shape, p tensor.Philox)

// Update says that a program leaves a new value in a state.
type Update struct {
	State *graph.Value
	Value *graph.Value
}
