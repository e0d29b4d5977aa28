package cpu

import (
	"errors"
	"fmt"
	"time"
	"unsafe"

	"github.com/limner-ai/limner/engine/compile"
	"github.com/limner-ai/limner/engine/tensor"
)

// Executable is a program bound to memory. It is not safe for concurrent use.
type Executable struct {
	program *compile.Program
	pool    *Pool
	memory  [][]float32 // by buffer
	local   map[int]int // elements a row of buffers that are a few rows of memory
	inputs  map[string]*tensor.Tensor
	outputs []*tensor.Tensor
	runners []runner
	light   []bool // by runner: see isLight
	clock   clock
	arena   []float32
}

// clock is what random numbers depend on beside their stream.
type clock struct {
	seed uint64
	step uint32
}

// runner executes one step.
type runner interface {
	run(p *Pool)
	// needs says how much scratch and how many slots a worker must have.
	needs() (scratch, slots int)
}

// Load binds a program to the given states, which it updates in place, and
// allocates its arena. States that the program does not use are ignored.
func Load(p *compile.Program, states map[string]*tensor.Tensor, pool *Pool) (*Executable, error) {
	e := &Executable{program: p, pool: pool, inputs: map[string]*tensor.Tensor{}, memory: make([][]float32, len(p.Buffers))}
	bound := map[string][]float32{}
	for _, s := range p.States {
		t := states[s.Name]
		if t == nil {
			return nil, fmt.Errorf("the program needs the state %q, which is missing", s.Name)
		}
		if !t.Shape.Equal(s.Shape) {
			return nil, fmt.Errorf("the state %q has shape %v, the program needs %v", s.Name, t.Shape, s.Shape)
		}
		bound[s.Name] = t.Data
		e.memory[s.Buffer] = t.Data
	}
	for _, in := range p.Inputs {
		t := tensor.From(aligned(in.Shape.Size()), in.Shape...)
		e.inputs[in.Name] = t
		e.memory[in.Buffer] = t.Data
	}
	e.arena = aligned(p.Arena)
	for i, b := range p.Buffers {
		switch {
		case e.memory[i] != nil:
		case b.Kind == compile.Arena:
			e.memory[i] = e.arena[b.Offset : b.Offset+b.Size : b.Offset+b.Size]
		case b.Kind == compile.Const:
			e.memory[i] = p.Consts[i].Data
		default: // a second name of a state, through which it is updated
			e.memory[i] = bound[b.Name]
		}
	}
	for _, o := range p.Outputs {
		e.outputs = append(e.outputs, &tensor.Tensor{Shape: o.Shape, Data: e.memory[o.Buffer]})
	}
	scratch, slots := 0, 0
	for _, s := range p.Steps {
		r := e.runner(s)
		e.runners = append(e.runners, r)
		e.light = append(e.light, isLight(s.FLOPs()))
		a, b := r.needs()
		scratch, slots = max(scratch, a), max(slots, b)
	}
	pool.reserve(scratch, slots)
	return e, nil
}

func (e *Executable) runner(s compile.Step) runner {
	switch s := s.(type) {
	case *compile.Loop:
		return newLoop(e, s, false)
	case *compile.Rows:
		if r := newWhole(e, s); r != nil {
			return r
		}
		return newRows(e, s)
	case *compile.MatMul:
		return newMatMul(e, s)
	case *compile.Conv:
		return newConv(e, s)
	case *compile.Attention:
		return newAttend(e, s)
	case *compile.AttentionGrad:
		return newAttendGrad(e, s)
	case *compile.Rotary:
		return newTurn(e, s)
	case *compile.RotaryGrad:
		return newTurnGrad(e, s)
	case *compile.Copy:
		return newCopy(e, s)
	case *compile.Random:
		return &random{e: e, s: s, out: e.memory[s.Out]}
	case *compile.Gather:
		return &gather{s: s, out: e.memory[s.Out], table: e.memory[s.Table], index: e.memory[s.Index]}
	case *compile.ScatterAdd:
		return &scatterAdd{s: s, out: e.memory[s.Out], in: e.memory[s.In], index: e.memory[s.Index]}
	}
	panic(fmt.Sprintf("cpu: unknown step %T", s))
}

// Input is the tensor to fill with the named input before a run, or nil if
// the program has no such input.
func (e *Executable) Input(name string) *tensor.Tensor { return e.inputs[name] }

// Output is the i-th output; the next run overwrites it.
func (e *Executable) Output(i int) *tensor.Tensor { return e.outputs[i] }

// Program is what the executable was loaded from.
func (e *Executable) Program() *compile.Program { return e.program }

var errClosed = errors.New("the worker pool is closed")

// Run computes the program once. Random numbers depend on seed, step and
// their own names alone. Run allocates nothing on the Go heap.
func (e *Executable) Run(seed uint64, step uint32) error {
	p := e.pool
	p.busy.Lock()
	defer p.busy.Unlock()
	if p.closed.Load() {
		return errClosed
	}
	e.clock = clock{seed, step}
	for i, r := range e.runners {
		p.light = e.light[i]
		r.run(p)
	}
	return nil
}

// Cost is the time that one step of a program took.
type Cost struct {
	Step compile.Step
	Time time.Duration
}

// Profile runs the program once and says what each step took.
func (e *Executable) Profile(seed uint64, step uint32) []Cost {
	e.pool.busy.Lock()
	defer e.pool.busy.Unlock()
	e.clock = clock{seed, step}
	out := make([]Cost, len(e.runners))
	for i, r := range e.runners {
		e.pool.light = e.light[i]
		t := time.Now()
		r.run(e.pool)
		out[i] = Cost{e.program.Steps[i], time.Since(t)}
	}
	return out
}

// aligned returns n zeroed floats that start on a cache line.
func aligned(n int) []float32 {
	const line = 16
	s := make([]float32, n+line-1)
	at := 0
	for uintptr(unsafe.Pointer(&s[at]))%(4*line) != 0 {
		at++
	}
	return s[at : at+n : at+n]
}
