package trained

import (
	"fmt"
	"slices"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model"
)

type callKey struct {
	use   model.Use
	batch int
}

// Call is a use of a model compiled for a batch size.
type Call struct {
	Latent  int // length of one latent vector, 0 if none
	Batch   int
	exe     Executable
	outputs []string
}

// Has reports whether the model has a use.
func (m *Model) Has(use model.Use) bool { return slices.Contains(m.Uses(), use) }

// Call compiles a use for a batch size, once.
func (m *Model) Call(use model.Use, batch int) (*Call, error) {
	key := callKey{use, batch}
	if c := m.calls[key]; c != nil {
		return c, nil
	}
	if !m.Has(use) {
		return nil, fmt.Errorf("a model of the family %s cannot %s", m.Manifest.Family, use)
	}
	built, err := build(m.Model, use, batch)
	if err != nil {
		return nil, err
	}
	c := &Call{Latent: built.Latent, Batch: batch}
	var values []*graph.Value
	for _, o := range built.Outputs {
		c.outputs = append(c.outputs, o.Name)
		values = append(values, o.Value)
	}
	if c.exe, err = m.engine.Load(values, nil, m.Weights); err != nil {
		return nil, fmt.Errorf("compiling the use %q: %w", use, err)
	}
	m.calls[key] = c
	return c, nil
}

// Input is the buffer of a named input, nil if the use does not read it.
func (c *Call) Input(name string) *tensor.Tensor { return c.exe.Input(name) }

// Set fills an input with one number, if the use reads it, and reports
// whether it does.
func (c *Call) Set(name string, x float32) bool {
	t := c.exe.Input(name)
	if t == nil {
		return false
	}
	for i := range t.Data {
		t.Data[i] = x
	}
	return true
}

// Run computes the outputs.
func (c *Call) Run(seed uint64, step uint32) error { return c.exe.Run(seed, step) }

// Outputs lists the names of the outputs.
func (c *Call) Outputs() []string { return c.outputs }

// Output is a named output, valid until the next Run; nil if there is none.
func (c *Call) Output(name string) *tensor.Tensor {
	if i := slices.Index(c.outputs, name); i >= 0 {
		return c.exe.Output(i)
	}
	return nil
}
