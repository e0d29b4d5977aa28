// Package trained holds models together with their weights: the model file,
// what it says about itself, and running what a model can do.
package trained

import (
	"fmt"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/nn"
)

// Engine compiles graphs and runs them.
type Engine interface {
	// Load compiles a program that computes outputs and then leaves the
	// updates' values in their states. States are bound by name; they are
	// read when the program runs and updated in place.
	Load(outputs []*graph.Value, updates []nn.Update, states map[string]*tensor.Tensor) (Executable, error)
}

// Executable is a compiled program. It is for one goroutine at a time.
type Executable interface {
	// Input is the buffer of a named input, to be filled before Run; nil if
	// the program has no such input.
	Input(name string) *tensor.Tensor
	// Run computes everything once, drawing noise for the seed and the step.
	Run(seed uint64, step uint32) error
	// Output is the i-th output, valid until the next Run.
	Output(i int) *tensor.Tensor
}

// StateNames lists the states that some values depend on, in the order of
// their first use.
func StateNames(outputs []*graph.Value) []string {
	var names []string
	seen := map[*graph.Value]bool{}
	var visit func(v *graph.Value)
	visit = func(v *graph.Value) {
		if seen[v] {
			return
		}
		seen[v] = true
		for _, in := range v.Inputs() {
			visit(in)
		}
		if a, ok := v.Attr().(graph.NameAttr); ok && v.Op() == graph.OpState {
			names = append(names, a.Name)
		}
	}
	for _, v := range outputs {
		visit(v)
	}
	return names
}

// checkStates says which state is missing or has another shape than the
// graph wants, before an engine meets it.
func checkStates(outputs []*graph.Value, states map[string]*tensor.Tensor) error {
	seen := map[*graph.Value]bool{}
	var visit func(v *graph.Value) error
	visit = func(v *graph.Value) error {
		if seen[v] {
			return nil
		}
		seen[v] = true
		for _, in := range v.Inputs() {
			if err := visit(in); err != nil {
				return err
			}
		}
		if a, ok := v.Attr().(graph.NameAttr); ok && v.Op() == graph.OpState {
			t := states[a.Name]
			switch {
			case t == nil:
				return fmt.Errorf("the weights %q are missing", a.Name)
			case !t.Shape.Equal(v.Shape()):
				return fmt.Errorf("the weights %q have shape %v, the model wants %v", a.Name, t.Shape, v.Shape())
			}
		}
		return nil
	}
	for _, v := range outputs {
		if err := visit(v); err != nil {
			return err
		}
	}
	return nil
}
