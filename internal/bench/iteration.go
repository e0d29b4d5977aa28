// Package bench times the engine: kernels and whole steps of training and
// sampling, with the work that they do, beside the processor's own limits and
// beside PyTorch.
package bench

import (
	"fmt"
	"math"

	"github.com/limner-ai/limner/engine/compile"
	"github.com/limner-ai/limner/engine/cpu"
	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model"
)

// Iteration is work that is compiled and ready to run on noise.
type Iteration struct {
	Steps  []*cpu.Executable
	at     uint32
	FLOPs  int64 // of contractions, all steps
	Bytes  int64 // of inputs, outputs and states, which must move at least
	Memory int64 // bytes of states, inputs and arenas

	options compile.Options
}

// newTraining compiles a model's training at a batch size.
func newTraining(m model.Model, batch int, pool *cpu.Pool, o compile.Options) (*Iteration, error) {
	t, err := m.Training(batch)
	if err != nil {
		return nil, err
	}
	it := &Iteration{options: o}
	states := map[string]*tensor.Tensor{}
	for _, s := range t.States {
		x := tensor.New(s.Shape...)
		if s.Init != nil {
			s.Init(x.Data, s.Shape, tensor.Philox{Seed: 1, Stream: tensor.StreamOf(s.Name)})
		}
		states[s.Name] = x
		it.Memory += 4 * int64(len(x.Data))
	}
	for _, s := range t.Steps {
		var outputs []*graph.Value
		for _, v := range s.Metrics {
			outputs = append(outputs, v.Value)
		}
		var updates []compile.Update
		for _, u := range s.Updates {
			updates = append(updates, compile.Update{State: u.State, Value: u.Value})
		}
		if err := it.add(outputs, updates, states, pool); err != nil {
			return nil, fmt.Errorf("step %s: %w", s.Name, err)
		}
	}
	return it, nil
}

// newSampling compiles a model's sampling at a batch size, on weights of
// noise.
func newSampling(m model.Model, batch int, pool *cpu.Pool, o compile.Options) (*Iteration, error) {
	c, err := m.Build(model.UseSample, batch)
	if err != nil {
		return nil, err
	}
	it := &Iteration{options: o}
	var outputs []*graph.Value
	for _, o := range c.Outputs {
		outputs = append(outputs, o.Value)
	}
	return it, it.add(outputs, nil, map[string]*tensor.Tensor{}, pool)
}

// add compiles a program and fills what it reads; states that are missing
// are made.
func (it *Iteration) add(outputs []*graph.Value, updates []compile.Update, states map[string]*tensor.Tensor, pool *cpu.Pool) error {
	p, err := it.options.Compile(outputs, updates)
	if err != nil {
		return fmt.Errorf("compile: %w", err)
	}
	for _, s := range p.States {
		if states[s.Name] == nil {
			x := tensor.New(s.Shape...)
			fanIn := tensor.Shape(s.Shape[:max(len(s.Shape)-1, 0)]).Size()
			positive(x.Data, s.Name, 1/math.Sqrt(float64(fanIn)))
			states[s.Name] = x
			it.Memory += 4 * int64(len(x.Data))
		}
		it.Bytes += 4 * int64(s.Shape.Size())
	}
	for _, u := range updates {
		it.Bytes += 4 * int64(u.State.Shape().Size())
	}
	for _, o := range p.Outputs {
		it.Bytes += 4 * int64(o.Shape.Size())
	}
	e, err := cpu.Load(p, states, pool)
	if err != nil {
		return fmt.Errorf("load: %w", err)
	}
	for _, in := range p.Inputs {
		x := e.Input(in.Name)
		switch in.Name {
		case model.InputImages:
			tensor.Philox{Seed: 2}.Uniform(x.Data, 0)
		case model.InputRate:
			x.Data[0] = 1e-4
		case model.InputProgress:
			x.Data[0] = .5
		case model.InputTruncate:
			x.Data[0] = 1
		case model.InputLabels:
		default:
			tensor.Philox{Seed: 1, Stream: tensor.StreamOf(in.Name)}.Normal(x.Data, 0)
		}
		it.Bytes += 4 * int64(in.Shape.Size())
	}
	it.count(p)
	it.Steps = append(it.Steps, e)
	return nil
}

// positive fills a state with numbers below limit of which a root may be
// taken, for it may be a second moment.
func positive(x []float32, name string, limit float64) {
	tensor.Philox{Seed: 1, Stream: tensor.StreamOf(name)}.Uniform(x, 0)
	for i := range x {
		x[i] *= float32(limit)
	}
}

// count adds a program's memory and work.
func (it *Iteration) count(p *compile.Program) {
	it.Memory += 4 * int64(p.Arena)
	for _, in := range p.Inputs {
		it.Memory += 4 * int64(in.Shape.Size())
	}
	for _, s := range p.Steps {
		switch s.(type) {
		case *compile.MatMul, *compile.Conv, *compile.Attention, *compile.AttentionGrad:
			it.FLOPs += s.FLOPs()
		}
	}
}

// Run does one iteration.
func (it *Iteration) Run() error {
	it.at++
	for _, e := range it.Steps {
		if err := e.Run(1, it.at); err != nil {
			return err
		}
	}
	return nil
}

// repeat does n iterations.
func (it *Iteration) repeat(n int) error {
	for range n {
		if err := it.Run(); err != nil {
			return err
		}
	}
	return nil
}
