package bench

import (
	"slices"

	"github.com/limner-ai/limner/engine/compile"
	"github.com/limner-ai/limner/engine/cpu"
	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/tensor"
)

// Case is one thing to time. Its name is a path, such as
// gemm/512x512x512/nn, so that a part of the list can be named.
type Case struct {
	Name string
	// Work asks internal/golden/bench.py for the same; nil if it does not
	// know how.
	Work map[string]any
	load func(*cpu.Pool, compile.Options) (*Iteration, error)
	// Options are those that it is compiled with.
	Options compile.Options
}

// Load compiles the case.
func (c Case) Load(pool *cpu.Pool) (*Iteration, error) { return c.load(pool, c.Options) }

// Step reports whether the case is a step of a model rather than a kernel.
func (c Case) Step() bool { return c.Work["family"] != nil }

// Cases lists everything that is timed: kernels at the shapes that training
// meets, and the training and sampling steps of every family.
func Cases() []Case {
	return slices.Concat(products(), convolutions(), elementwise(), steps())
}

// program is a case of a single program on noise.
func program(name string, work map[string]any, build func(*graph.Graph) ([]*graph.Value, []compile.Update)) Case {
	return Case{Name: name, Work: work, load: func(pool *cpu.Pool, o compile.Options) (*Iteration, error) {
		it := &Iteration{options: o}
		outputs, updates := build(graph.New())
		return it, it.add(outputs, updates, map[string]*tensor.Tensor{}, pool)
	}}
}

// value is a program of one output.
func value(name string, work map[string]any, build func(*graph.Graph) *graph.Value) Case {
	return program(name, work, func(g *graph.Graph) ([]*graph.Value, []compile.Update) {
		return []*graph.Value{build(g)}, nil
	})
}
