// Package graph describes computations as static graphs over a small closed
// set of primitives (see [Op]). Everything else is composed from them, and
// the gradient rules are written in them too, so that a gradient is an
// ordinary graph whose gradient can be taken again.
//
// Values are float32 and row-major. A mistake in shapes panics with a
// [*ShapeError] that names the op and the shapes; [Catch] turns it into an
// error at the edge where a model is built.
package graph

import (
	"fmt"

	"github.com/limner-ai/limner/engine/tensor"
)

// Graph owns the values made in it. It is not safe for concurrent use.
type Graph struct {
	values []*Value
	inputs map[string]*Value
	states map[string]*Value
}

// New returns an empty graph.
func New() *Graph {
	return &Graph{inputs: map[string]*Value{}, states: map[string]*Value{}}
}

// Value is the result of one primitive applied to other values.
type Value struct {
	graph *Graph
	id    int
	op    Op
	shape tensor.Shape
	in    []*Value
	attr  any
}

// Graph returns the graph that the value belongs to.
func (v *Value) Graph() *Graph { return v.graph }

// ID orders values: inputs of a value have smaller identities.
func (v *Value) ID() int { return v.id }

// Op is the primitive that makes the value.
func (v *Value) Op() Op { return v.op }

// Shape is the value's shape; callers must not change it.
func (v *Value) Shape() tensor.Shape { return v.shape }

// Dim is the extent of an axis; negative axes count from the end.
func (v *Value) Dim(axis int) int { return v.shape[v.axis(v.op, axis)] }

// Rank is the number of axes.
func (v *Value) Rank() int { return len(v.shape) }

// Inputs are the operands; callers must not change the slice.
func (v *Value) Inputs() []*Value { return v.in }

// Attr holds what the primitive needs beside its operands; see the *Attr types.
func (v *Value) Attr() any { return v.attr }

// String describes the value as op[shape].
func (v *Value) String() string {
	if a, ok := v.attr.(NameAttr); ok {
		return fmt.Sprintf("%s(%s)%v", v.op, a.Name, v.shape)
	}
	return fmt.Sprintf("%s%v", v.op, v.shape)
}

// axis counts a negative axis from the end; op is what needs it.
func (v *Value) axis(op Op, axis int) int {
	a := axis
	if a < 0 {
		a += len(v.shape)
	}
	if a < 0 || a >= len(v.shape) {
		mismatch(op, fmt.Sprintf("axis %d does not exist", axis), v)
	}
	return a
}

// Values lists all values in creation order, which is a topological order.
func (g *Graph) Values() []*Value { return g.values }

// NameAttr is the attribute of Input and State.
type NameAttr struct{ Name string }

// Input is a value that the caller supplies for each run.
func (g *Graph) Input(name string, dims ...int) *Value {
	return g.named(g.inputs, OpInput, name, dims)
}

// State is a value that lives between runs and may be updated by one:
// a parameter, an optimiser's moment, an average.
func (g *Graph) State(name string, dims ...int) *Value {
	return g.named(g.states, OpState, name, dims)
}

func (g *Graph) named(set map[string]*Value, op Op, name string, dims []int) *Value {
	shape := tensor.Shape(dims).Clone()
	if v := set[name]; v != nil {
		if !v.shape.Equal(shape) {
			panic(&ShapeError{Op: op, Shapes: []tensor.Shape{v.shape, shape}, Detail: "two shapes for " + name})
		}
		return v
	}
	v := g.add(op, shape, NameAttr{name})
	set[name] = v
	return v
}

// TensorAttr is the attribute of Constant.
type TensorAttr struct{ Tensor *tensor.Tensor }

// Constant is a tensor known when the graph is built. It is not copied.
func (g *Graph) Constant(t *tensor.Tensor) *Value {
	return g.add(OpConstant, t.Shape.Clone(), TensorAttr{t})
}

// FullAttr is the attribute of Full.
type FullAttr struct{ Value float32 }

// Full is a shape filled with one number.
func (g *Graph) Full(x float32, dims ...int) *Value {
	return g.add(OpFull, tensor.Shape(dims).Clone(), FullAttr{x})
}

// RandomAttr is the attribute of Uniform and Normal: which Philox stream.
// Seed and step are given to each run.
type RandomAttr struct{ Stream uint32 }

// Uniform is fresh uniform noise on (0, 1) in every run; the name picks the
// stream, so two draws that should differ need two names.
func (g *Graph) Uniform(name string, dims ...int) *Value {
	return g.add(OpUniform, tensor.Shape(dims).Clone(), RandomAttr{tensor.StreamOf(name)})
}

// Normal is fresh standard normal noise in every run; see Uniform.
func (g *Graph) Normal(name string, dims ...int) *Value {
	return g.add(OpNormal, tensor.Shape(dims).Clone(), RandomAttr{tensor.StreamOf(name)})
}

func (g *Graph) add(op Op, shape tensor.Shape, attr any, in ...*Value) *Value {
	if err := shape.Check(); err != nil {
		panic(&ShapeError{Op: op, Shapes: shapesOf(in), Detail: err.Error()})
	}
	for _, v := range in {
		if v.graph != g {
			panic(&ShapeError{Op: op, Shapes: shapesOf(in), Detail: "operands belong to different graphs"})
		}
	}
	v := &Value{graph: g, id: len(g.values), op: op, shape: shape, in: in, attr: attr}
	g.values = append(g.values, v)
	return v
}

func shapesOf(in []*Value) []tensor.Shape {
	out := make([]tensor.Shape, len(in))
	for i, v := range in {
		out[i] = v.shape
	}
	return out
}
