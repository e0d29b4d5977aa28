package reference

import (
	"fmt"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/tensor"
)

// Env is what a run of a graph is given from outside: inputs and states by
// name, and the seed and step of its random numbers.
type Env struct {
	Inputs, States map[string]Array
	Seed           uint64
	Step           uint32
}

// Eval computes the outputs, each value of the graph at most once. Results
// may share memory with the environment and must not be changed. It fails if
// an input or a state is missing or has another shape than the graph says.
func Eval(outputs []*graph.Value, env Env) ([]Array, error) {
	e := evaluator{env, map[*graph.Value]Array{}}
	out := make([]Array, len(outputs))
	for i, v := range outputs {
		var err error
		if out[i], err = e.value(v); err != nil {
			return nil, fmt.Errorf("evaluating the graph: %w", err)
		}
	}
	return out, nil
}

type evaluator struct {
	env   Env
	known map[*graph.Value]Array
}

func (e *evaluator) value(v *graph.Value) (Array, error) {
	if a, ok := e.known[v]; ok {
		return a, nil
	}
	in := make([]Array, len(v.Inputs()))
	for i, w := range v.Inputs() {
		var err error
		if in[i], err = e.value(w); err != nil {
			return Array{}, err
		}
	}
	a, err := e.apply(v, in)
	if err != nil {
		return Array{}, err
	}
	if !a.Shape.Equal(v.Shape()) || len(a.Data) != v.Shape().Size() {
		return Array{}, fmt.Errorf("%v came out as %d values of shape %v", v, len(a.Data), a.Shape)
	}
	e.known[v] = a
	return a, nil
}

// apply computes one primitive. Operations that take the result's shape from
// the graph say so; the others find it themselves, and value checks it.
func (e *evaluator) apply(v *graph.Value, in []Array) (Array, error) {
	op := v.Op()
	if f := unary[op]; f != nil {
		return mapped(in[0], f), nil
	}
	if f := binary[op]; f != nil {
		return zipped(in[0], in[1], f)
	}
	switch a := v.Attr().(type) {
	case graph.NameAttr:
		set := e.env.Inputs
		if op == graph.OpState {
			set = e.env.States
		}
		got, ok := set[a.Name]
		if !ok {
			return Array{}, fmt.Errorf("no value was given for %v", v)
		}
		if !got.Shape.Equal(v.Shape()) {
			return Array{}, fmt.Errorf("%v was given shape %v", v, got.Shape)
		}
		return got, nil
	case graph.TensorAttr:
		return FromTensor(a.Tensor), nil
	case graph.FullAttr:
		return mapped(New(v.Shape()...), func(float64) float64 { return float64(a.Value) }), nil
	case graph.SlopeAttr:
		return mapped(in[0], func(x float64) float64 {
			if x > 0 {
				return x
			}
			return float64(a.Slope) * x
		}), nil
	case graph.RandomAttr:
		return e.random(v, a.Stream), nil
	case graph.PermAttr:
		return transposed(in[0], a.Perm), nil
	case graph.SliceAttr:
		return sliced(in[0], a), nil
	case graph.PadAttr:
		return padded(in[0], a), nil
	case graph.AxisAttr:
		if op == graph.OpConcat {
			return joined(in, a.Axis), nil
		}
		return reversed(in[0], a.Axis), nil
	case graph.AxesAttr:
		return reduced(in[0], a.Axes, op == graph.OpReduceMax), nil
	case graph.MatMulAttr:
		return matmul(in[0], in[1], a), nil
	case graph.ConvAttr:
		return convolution(op, in[0], in[1], a), nil
	case graph.AttentionAttr:
		return applyAttention(op, in, a.Heads), nil
	case graph.RotaryAttr:
		return rotary(op, in, a), nil
	case graph.RowsAttr:
		return scattered(in[0], in[1], a.Rows), nil
	}
	switch op {
	case graph.OpSelect:
		return selected(in[0], in[1], in[2])
	case graph.OpBroadcast:
		return broadcast(in[0], v.Shape()), nil
	case graph.OpReshape:
		return From(in[0].Data, v.Shape()...), nil
	case graph.OpGather:
		return gathered(in[0], in[1]), nil
	}
	return Array{}, fmt.Errorf("no definition of %v", v)
}

// random draws what the executor draws: the same float32 numbers.
func (e *evaluator) random(v *graph.Value, stream uint32) Array {
	p := tensor.Philox{Seed: e.env.Seed, Stream: stream, Step: e.env.Step}
	t := tensor.New(v.Shape()...)
	if v.Op() == graph.OpNormal {
		p.Normal(t.Data, 0)
	} else {
		p.Uniform(t.Data, 0)
	}
	return FromTensor(t)
}
