package golden

import (
	"math"
	"strings"
	"testing"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/graph/reference"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/internal/bench/dit"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/family"
	"github.com/limner-ai/limner/model/modeltest"
)

// tolerance is relative: of a metric to itself (or to 1, if it is smaller),
// of a gradient to the largest number in its array.
const tolerance = 1e-4

// evaluator computes values of a step's graph and applies its updates.
type evaluator func(t *testing.T, step model.Step, values []*graph.Value, inputs map[string]*tensor.Tensor, iteration int) [][]float64

func TestReferenceAgreesWithPyTorch(t *testing.T) { compare(t, onReference) }

// onReference computes in the interpreter.
func onReference(c Case, states map[string]*tensor.Tensor) evaluator {
	wide := map[string]reference.Array{}
	for name, s := range states {
		wide[name] = reference.FromTensor(s)
	}
	return func(t *testing.T, step model.Step, values []*graph.Value, inputs map[string]*tensor.Tensor, iteration int) [][]float64 {
		env := reference.Env{Inputs: map[string]reference.Array{}, States: wide, Seed: c.Seed, Step: uint32(iteration)}
		for name, x := range inputs {
			env.Inputs[name] = reference.FromTensor(x)
		}
		all := values
		for _, u := range step.Updates {
			all = append(all, u.Value)
		}
		got, err := reference.Eval(all, env)
		if err != nil {
			t.Fatal(err)
		}
		for i, u := range step.Updates {
			wide[name(u.State)] = got[len(values)+i]
		}
		out := make([][]float64, len(values))
		for i := range out {
			out[i] = got[i].Data
		}
		return out
	}
}

// compare runs every case and holds its metrics and its first gradients to
// PyTorch's.
func compare(t *testing.T, start func(Case, map[string]*tensor.Tensor) evaluator) {
	cases, err := Cases()
	if err != nil {
		t.Fatal(err)
	}
	if len(cases) < 15 {
		t.Errorf("%d cases, want 15", len(cases))
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) { run(t, c, start) })
	}
}

func run(t *testing.T, c Case, start func(Case, map[string]*tensor.Tensor) evaluator) {
	var m model.Model
	for _, f := range append(family.All(), dit.Family{}) {
		if f.Name() == c.Family {
			m = modeltest.New(t, f, c.Pictures, string(c.Config))
		}
	}
	training, err := m.Training(c.Batch)
	if err != nil {
		t.Fatal(err)
	}
	eval := start(c, states(t, c, training))
	met := map[string]bool{}
	for it := range c.Iterations {
		for _, step := range training.Steps {
			if !step.Due(it, float64(it)/float64(c.Iterations)) {
				continue
			}
			var values []*graph.Value
			for _, metric := range step.Metrics {
				values = append(values, metric.Value)
			}
			var params []string
			if !met[step.Name] {
				met[step.Name] = true
				for p := range c.Gradients[step.Name] {
					params = append(params, p)
				}
				values = append(values, gradients(c, step, params)...)
			}
			got := eval(t, step, values, c.Inputs(step.Name, it), it)
			for i, metric := range step.Metrics {
				want, ok := c.Metrics[metric.Name]
				if metric.Name == "bits/dim" || metric.Name == "norm/gradient" {
					continue // not in the scripts; checked elsewhere
				}
				if !ok {
					t.Errorf("PyTorch has no metric %s", metric.Name)
				} else if d := math.Abs(got[i][0] - want[it]); !(d <= tolerance*max(1, math.Abs(want[it]))) {
					t.Errorf("iteration %d: %s is %v, want %v", it, metric.Name, got[i][0], want[it])
				}
			}
			for i, p := range params {
				want, err := c.Gradients[step.Name][p].Values()
				if err != nil {
					t.Fatal(err)
				}
				largest, worst := reference.Largest(want), 0.
				for k, w := range want {
					d := math.Abs(got[len(step.Metrics)+i][k] - w)
					if !(d <= worst) {
						worst = d
					}
				}
				if largest == 0 || !(worst <= tolerance*largest) {
					t.Errorf("gradient of %s: off by %v of %v", p, worst, largest)
				}
			}
		}
	}
}

// states starts every parameter, and its average, as the scripts do.
func states(t *testing.T, c Case, training *model.Training) map[string]*tensor.Tensor {
	out := map[string]*tensor.Tensor{}
	golden := map[string]tensor.Shape{}
	for _, step := range c.Gradients {
		for p, a := range step {
			golden[p] = a.Shape
		}
	}
	for _, s := range training.States {
		plain := strings.TrimPrefix(s.Name, "ema/")
		if s.Fixed {
			out[s.Name] = c.Weight(s.Name, s.Shape)
		} else if shape, ok := golden[plain]; ok {
			if !shape.Equal(s.Shape) {
				t.Fatalf("%s has shape %v, PyTorch's has %v", s.Name, s.Shape, shape)
			}
			out[s.Name] = c.Weight(plain, shape)
			delete(golden, s.Name)
		} else {
			out[s.Name] = s.New(c.Seed)
		}
	}
	for p := range out {
		delete(golden, p)
	}
	if len(golden) > 0 {
		t.Errorf("parameters that the model lacks: %v", golden)
	}
	return out
}

// gradients finds what a step's optimiser was given: after one step from
// zero the first moment is (1−β1) times the gradient, and so is a momentum.
// Where there is no first moment the second moment is (1−β2) times its square,
// and the sign is that of the change of the parameter.
func gradients(c Case, step model.Step, params []string) []*graph.Value {
	updated := map[string]*graph.Value{}
	for _, u := range step.Updates {
		updated[name(u.State)] = u.Value
	}
	// moment finds a parameter's moment, in whichever scope its optimiser is.
	moment := func(kind, p string) (v *graph.Value, scope string) {
		for name, v := range updated {
			if scope, ok := strings.CutSuffix(name, "/"+kind+"/"+p); ok {
				return v, scope
			}
		}
		return nil, ""
	}
	var out []*graph.Value
	for _, p := range params {
		g := step.Graph
		if m, _ := moment("momentum", p); m != nil {
			out = append(out, m.MulScalar(1/(1-.95)))
			continue
		}
		if m, scope := moment("m", p); m != nil {
			out = append(out, m.Div(updated[scope+"/correction1"]))
			continue
		}
		v, scope := moment("v", p)
		old := g.State(p, c.Gradients[step.Name][p].Shape...)
		size := v.Div(updated[scope+"/correction2"]).Sqrt()
		out = append(out, old.Sub(updated[p]).Sign().Mul(size))
	}
	return out
}

func name(v *graph.Value) string { return v.Attr().(graph.NameAttr).Name }
