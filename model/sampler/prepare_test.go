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
	for _, c := range []struct {
		n        int
		guidance float64
	}{{1, 1}, {1, 3}, {3, 3}, {9, 1}} {
		engine := &counting{Engine: cpu}
		s, err := New(trained.New(gauss{}, trained.Manifest{Pictures: pictures}, nil, engine))
		if err != nil {
			t.Fatal(err)
		}
		const want = 3 // text encoder, velocities, decoder
		if err := s.Prepare(c.guidance); err != nil || engine.loads != want {
			t.Fatalf("compiled %d programs, want %d; %v", engine.loads, want, err)
		}
		prompts := make([]string, c.n)
		x := paint(t, s, Request{Noise: s.Noise(1, 0, c.n), Prompts: told(t, s, prompts...), Options: Options{Steps: 2, Guidance: c.guidance}})
		if _, err := s.Decode(x); err != nil || engine.loads != want {
			t.Errorf("%d pictures: %d more programs were compiled; %v", c.n, engine.loads-want, err)
		}
	}
}
