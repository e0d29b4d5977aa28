package sampler

import (
	"testing"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model/trained"
	"github.com/limner-ai/limner/nn"
)

// counting is an engine that counts what it compiles.
type counting struct {
	trained.Engine
	loads int
}

func (c *counting) Load(outputs []*graph.Value, updates []nn.Update, states map[string]*tensor.Tensor) (trained.Executable, error) {
	c.loads++
	return c.Engine.Load(outputs, updates, states)
}

// What is prepared is all that a request compiles, and no more.
func TestPrepare(t *testing.T) {
	cpu := trained.NewCPU(1)
	defer cpu.Close()
	for _, guidance := range []float64{1, 3} {
		engine := &counting{Engine: cpu}
		s, err := New(trained.New(gauss{}, trained.Manifest{Pictures: pictures}, nil, engine))
		if err != nil {
			t.Fatal(err)
		}
		const want = 3 // text encoder, velocities, decoder
		if err := s.Prepare(guidance); err != nil || engine.loads != want {
			t.Fatalf("compiled %d programs, want %d; %v", engine.loads, want, err)
		}
		x := paint(t, s, Request{Noise: s.Noise(1, 0, 1), Prompts: told(t, s, ""), Options: Options{Steps: 2, Guidance: guidance}})
		if _, err := s.Decode(x); err != nil || engine.loads != want {
			t.Errorf("guidance %v: %d more programs were compiled; %v", guidance, engine.loads-want, err)
		}
	}
}
