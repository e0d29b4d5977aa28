// Package bench times the engine: kernels and whole training steps, with the
// floating-point operations that they do, beside the processor's own peak.
package bench

import (
	"fmt"
	"sort"
	"time"

	"github.com/limner-ai/limner/engine/compile"
	"github.com/limner-ai/limner/engine/cpu"
	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model"
)

// Iteration is one training iteration of a model, compiled and ready to run
// on noise.
type Iteration struct {
	Steps  []*cpu.Executable
	at     uint32
	FLOPs  int64 // of contractions, all steps
	Memory int64 // bytes of states, inputs and arenas
}

// NewIteration compiles a model's training at a batch size.
func NewIteration(m model.Model, batch int, pool *cpu.Pool) (*Iteration, error) {
	t, err := m.Training(batch)
	if err != nil {
		return nil, err
	}
	it := &Iteration{}
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
		p, err := compile.Compile(outputs, updates)
		if err != nil {
			return nil, fmt.Errorf("compile step %s: %w", s.Name, err)
		}
		e, err := cpu.Load(p, states, pool)
		if err != nil {
			return nil, fmt.Errorf("load step %s: %w", s.Name, err)
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
			}
		}
		it.count(p)
		it.Steps = append(it.Steps, e)
	}
	return it, nil
}

// count adds a program's memory and work.
func (it *Iteration) count(p *compile.Program) {
	it.Memory += 4 * int64(p.Arena)
	for _, in := range p.Inputs {
		it.Memory += 4 * int64(in.Shape.Size())
	}
	for _, s := range p.Steps {
		switch s.(type) {
		case *compile.MatMul, *compile.Conv:
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

// Hot is what one kind of step of an iteration costs.
type Hot struct {
	Name  string
	Time  time.Duration
	FLOPs int64
	Count int
}

// Profile says where an iteration spends its time, the dearest first: the
// fastest of n runs of each step, alike steps together.
func (it *Iteration) Profile(n int) []Hot {
	sum := map[string]*Hot{}
	for _, e := range it.Steps {
		best := e.Profile(1, 1)
		for range n - 1 {
			for i, c := range e.Profile(1, 1) {
				best[i].Time = min(best[i].Time, c.Time)
			}
		}
		for _, c := range best {
			name := describe(c.Step)
			h := sum[name]
			if h == nil {
				h = &Hot{Name: name}
				sum[name] = h
			}
			h.Time += c.Time
			h.FLOPs += c.Step.FLOPs()
			h.Count++
		}
	}
	out := make([]Hot, 0, len(sum))
	for _, h := range sum {
		out = append(out, *h)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Time > out[j].Time })
	return out
}

// describe names a step with its extents.
func describe(s compile.Step) string {
	switch s := s.(type) {
	case *compile.MatMul:
		return fmt.Sprintf("matmul %d×%d×%d×%d%s", s.Batch, s.M, s.N, s.K, tail(s.Epilogue))
	case *compile.Conv:
		h := s.Shape
		return fmt.Sprintf("%s %d×%d²×%d→%d %d×%d s%d g%d%s", s.Name(), h.N, h.H, h.C, h.K, h.KH, h.KW, h.StrideH, h.Groups, tail(s.Epilogue))
	case *compile.Loop:
		return fmt.Sprintf("%s [%d]", s.Name(), s.Size)
	}
	return s.Name()
}

func tail(l *compile.Loop) string {
	if l == nil {
		return ""
	}
	return " +" + l.Name()
}
