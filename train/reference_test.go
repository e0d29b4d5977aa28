package train

import (
	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/graph/reference"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model/trained"
	"github.com/limner-ai/limner/nn"
)

// referenceEngine runs graphs in float64 with plain loops.
type referenceEngine struct{}

func (referenceEngine) Load(outputs []*graph.Value, updates []nn.Update, states map[string]*tensor.Tensor) (trained.Executable, error) {
	e := &referenceExe{updates: updates, states: states, inputs: map[string]*tensor.Tensor{}}
	e.outputs = append(e.outputs, outputs...)
	for _, u := range updates {
		e.outputs = append(e.outputs, u.Value)
	}
	e.n = len(outputs)
	for _, v := range e.outputs[0].Graph().Values() {
		if a, ok := v.Attr().(graph.NameAttr); ok && v.Op() == graph.OpInput {
			e.inputs[a.Name] = tensor.New(v.Shape()...)
		}
	}
	return e, nil
}

type referenceExe struct {
	outputs []*graph.Value // then the updates' values
	n       int
	updates []nn.Update
	states  map[string]*tensor.Tensor
	inputs  map[string]*tensor.Tensor
	results []reference.Array
}

func (e *referenceExe) Input(name string) *tensor.Tensor { return e.inputs[name] }

func (e *referenceExe) Run(seed uint64, step uint32) error {
	env := reference.Env{Inputs: map[string]reference.Array{}, States: map[string]reference.Array{}, Seed: seed, Step: step}
	for name, t := range e.inputs {
		env.Inputs[name] = reference.FromTensor(t)
	}
	for name, t := range e.states {
		env.States[name] = reference.FromTensor(t)
	}
	var err error
	if e.results, err = reference.Eval(e.outputs, env); err != nil {
		return err
	}
	for i, u := range e.updates {
		name := u.State.Attr().(graph.NameAttr).Name
		copy(e.states[name].Data, e.results[e.n+i].Tensor().Data)
	}
	return nil
}

func (e *referenceExe) Output(i int) *tensor.Tensor { return e.results[i].Tensor() }
func (e *referenceExe) Close()                      {}
