// Package fit trains small networks on what a lesson feeds them.
package fit

import (
	"context"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/internal/atomicfile"
	"github.com/limner-ai/limner/model/safetensors"
	"github.com/limner-ai/limner/model/trained"
	"github.com/limner-ai/limner/nn"
)

// Task is a network to be trained.
type Task struct {
	// Loss builds the scalar that is made small, in the scope that it is given.
	// What it reads are inputs of the scope's graph.
	Loss func(s *nn.Scope) *graph.Value
	// Feed fills the inputs, by name, for a step.
	Feed func(step int, input func(name string) []float32) error

	Steps   int
	Rate    float64 // the highest; it warms up over a twentieth of the steps and falls to a hundredth as a cosine
	Decay   float64 // decoupled weight decay
	Average float64 // decay of the averaged weights
	Seed    uint64
	Threads int
	// Start, if not nil, are the weights to go on from.
	Start map[string]*tensor.Tensor
}

const rateInput = "fit/rate"

// Run trains by AdamW and returns the averaged weights, named as Loss named
// them, and the mean of the last losses. Lines of progress go to w.
func (t Task) Run(ctx context.Context, w io.Writer) (map[string]*tensor.Tensor, float64, error) {
	g := graph.New()
	s := nn.NewScope(g)
	var loss *graph.Value
	var updates []nn.Update
	if err := graph.Catch(func() {
		loss = t.Loss(s)
		ps := s.Params()
		adam := nn.DefaultAdam
		adam.Decay = t.Decay
		grads := graph.Grad(loss, nn.Values(ps)...)
		updates = adam.Update(s.Sub("adam"), ps, grads, g.Input(rateInput), nn.NewGuard(grads, 1, 0))
		decay, count := nn.Decay{Rate: t.Average}.Value(s.Sub("average"))
		updates = append(updates, nn.Average(s, ps, updates, decay)...)
		updates = append(updates, count)
	}); err != nil {
		return nil, 0, err
	}
	states := map[string]*tensor.Tensor{}
	for _, st := range s.States() {
		states[st.Name] = st.New(t.Seed)
	}
	for _, p := range s.Params() {
		if from := t.Start[p.Name]; from != nil && from.Shape.Equal(p.Shape) {
			copy(states[p.Name].Data, from.Data)
			copy(states[nn.AverageOf(p.Name)].Data, from.Data)
		}
	}
	engine := trained.NewCPU(t.Threads)
	defer engine.Close()
	exe, err := engine.Load([]*graph.Value{loss}, updates, states)
	if err != nil {
		return nil, 0, err
	}
	began, mean := time.Now(), math.NaN()
	for step := range t.Steps {
		if err := ctx.Err(); err != nil {
			return nil, 0, err
		}
		if err := t.Feed(step, func(name string) []float32 {
			if in := exe.Input(name); in != nil {
				return in.Data
			}
			return nil
		}); err != nil {
			return nil, 0, err
		}
		exe.Input(rateInput).Data[0] = float32(t.rate(step))
		if err := exe.Run(t.Seed, uint32(step)); err != nil {
			return nil, 0, err
		}
		now := float64(exe.Output(0).Data[0])
		if math.IsNaN(now) || math.IsInf(now, 0) {
			return nil, 0, fmt.Errorf("fit: the loss is %v at step %d: lower the rate", now, step)
		}
		if math.IsNaN(mean) {
			mean = now
		}
		mean += .02 * (now - mean)
		if step%100 == 99 || step == t.Steps-1 {
			fmt.Fprintf(w, "step %d of %d, loss %.4f, %.0f s\n", step+1, t.Steps, mean, time.Since(began).Seconds())
		}
	}
	weights := map[string]*tensor.Tensor{}
	for _, p := range s.Params() {
		weights[p.Name] = states[nn.AverageOf(p.Name)]
	}
	return weights, mean, nil
}

func (t Task) rate(step int) float64 {
	warm := max(1, t.Steps/20)
	if step < warm {
		return t.Rate * float64(step+1) / float64(warm)
	}
	progress := float64(step-warm) / float64(max(1, t.Steps-warm))
	return t.Rate * (.01 + .99*(1+math.Cos(math.Pi*progress))/2)
}

// Save writes weights, in half of their digits, with texts about them.
func Save(path string, weights map[string]*tensor.Tensor, meta map[string]string) error {
	return save(path, safetensors.BF16, weights, meta)
}

// Save32 writes numbers in full with texts about them.
func Save32(path string, numbers map[string]*tensor.Tensor, meta map[string]string) error {
	return save(path, safetensors.F32, numbers, meta)
}

func save(path string, dtype safetensors.Dtype, t map[string]*tensor.Tensor, meta map[string]string) error {
	return atomicfile.Write(path, 0o644, func(w io.Writer) error { return safetensors.WriteAs(w, dtype, t, meta) })
}
