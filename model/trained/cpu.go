package trained

import (
	"github.com/limner-ai/limner/engine/compile"
	"github.com/limner-ai/limner/engine/cpu"
	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/nn"
)

// CPU runs programs on the processor, with one pool of workers for all.
type CPU struct {
	pool      *cpu.Pool
	precision tensor.Precision
}

// NewCPU starts an engine with so many threads, 0 for one a processor.
func NewCPU(threads int) *CPU { return &CPU{pool: cpu.NewPool(threads)} }

// At is the same engine at another precision of matrix products and
// convolutions. It shares the workers.
func (c *CPU) At(p tensor.Precision) Engine { return &CPU{c.pool, p} }

// Load compiles a program and binds it to the states.
func (c *CPU) Load(outputs []*graph.Value, updates []nn.Update, states map[string]*tensor.Tensor) (Executable, error) {
	left := make([]compile.Update, len(updates))
	for i, u := range updates {
		left[i] = compile.Update{State: u.State, Value: u.Value}
	}
	program, err := compile.Options{Precision: c.precision}.Compile(outputs, left)
	if err != nil {
		return nil, err
	}
	exe, err := cpu.Load(program, states, c.pool)
	if err != nil {
		return nil, err // not a nil *cpu.Executable inside an interface
	}
	return exe, nil
}

// Close stops the workers. Executables cannot run any more.
func (c *CPU) Close() { c.pool.Close() }
