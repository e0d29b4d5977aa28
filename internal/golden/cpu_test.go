package golden

import (
	"testing"

	"github.com/limner-ai/limner/engine/compile"
	"github.com/limner-ai/limner/engine/cpu"
	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model"
)

func TestProcessorAgreesWithPyTorch(t *testing.T) {
	pool := cpu.NewPool(2)
	defer pool.Close()
	compare(t, onProcessor(pool))
}

// onProcessor computes by compiled programs.
func onProcessor(pool *cpu.Pool) func(Case, map[string]*tensor.Tensor) evaluator {
	return func(c Case, states map[string]*tensor.Tensor) evaluator {
		return func(t *testing.T, step model.Step, values []*graph.Value, inputs map[string]*tensor.Tensor, iteration int) [][]float64 {
			var updates []compile.Update
			for _, u := range step.Updates {
				updates = append(updates, compile.Update(u))
			}
			program, err := compile.Compile(values, updates)
			if err != nil {
				t.Fatal(err)
			}
			exe, err := cpu.Load(program, states, pool)
			if err != nil {
				t.Fatal(err)
			}
			for name, x := range inputs {
				if in := exe.Input(name); in != nil {
					copy(in.Data, x.Data)
				}
			}
			if err := exe.Run(c.Seed, uint32(iteration)); err != nil {
				t.Fatal(err)
			}
			out := make([][]float64, len(values))
			for i := range values {
				for _, x := range exe.Output(i).Data {
					out[i] = append(out[i], float64(x))
				}
			}
			return out
		}
	}
}
