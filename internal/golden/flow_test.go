package golden

import (
	"compress/gzip"
	"encoding/json"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/limner-ai/limner/engine/cpu"
	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/graph/reference"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/contrast"
	"github.com/limner-ai/limner/model/flow"
	"github.com/limner-ai/limner/model/modeltest"
	"github.com/limner-ai/limner/model/sampler"
	"github.com/limner-ai/limner/model/trained"
	"github.com/limner-ai/limner/nn"
)

// flowCase is a flow model in training, computed by flow.py.
type flowCase struct {
	Name       string          `json:"-"`
	Pictures   model.Pictures  `json:"pictures"`
	Config     json.RawMessage `json:"config"`
	Batch      int             `json:"batch"`
	Seed       uint64          `json:"seed"`
	Rate       float32         `json:"rate"`
	Prompts    []string        `json:"prompts"` // in turn; every iteration begins with the next
	Started    float32         `json:"started"` // iterations that the average has seen before
	Iterations []struct {
		Metrics map[string]float64    `json:"metrics"`
		States  map[string][4]float64 `json:"states"` // see probes
	} `json:"iterations"`
	// Uses are outputs of the averaged weights at the start, and Painted where
	// the velocities lead two pictures' noise, with guidance of 2.5.
	Uses    map[model.Use]map[string]Array `json:"uses"`
	Painted *Array                         `json:"painted"`
}

func flowCases(t *testing.T) []flowCase {
	t.Helper()
	paths, err := filepath.Glob("testdata/flow/*.json.gz")
	if err != nil || len(paths) != 5 {
		t.Fatalf("%d cases, want 5: %v", len(paths), err)
	}
	var out []flowCase
	for _, path := range paths {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		c := flowCase{Name: strings.TrimSuffix(filepath.Base(path), ".json.gz")}
		z, err := gzip.NewReader(f)
		if err == nil {
			err = json.NewDecoder(z).Decode(&c)
		}
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		out = append(out, c)
	}
	return out
}

func TestFlowAgreesWithPyTorch(t *testing.T) {
	pool := cpu.NewPool(2)
	defer pool.Close()
	for _, c := range flowCases(t) {
		t.Run(c.Name+"/reference", func(t *testing.T) { c.run(t, onReference, 5e-5) })
		t.Run(c.Name+"/processor", func(t *testing.T) { c.run(t, onProcessor(pool), 2e-4) })
	}
}

func (c flowCase) model(t *testing.T) model.Model {
	f := flow.Family{Autoencoders: []model.Family{folding{}}, Encoders: []model.Family{contrast.Family{}}}
	return modeltest.New(t, f, c.Pictures, string(c.Config))
}

// run holds a case to PyTorch's numbers within a tolerance, which is relative:
// of a metric to itself, of a state and an output to its norm.
func (c flowCase) run(t *testing.T, start func(Case, map[string]*tensor.Tensor) evaluator, tolerance float64) {
	m := c.model(t)
	training, err := m.Training(c.Batch)
	if err != nil {
		t.Fatal(err)
	}
	eval := start(Case{Seed: c.Seed}, c.states(training))
	for use, outputs := range c.Uses {
		call, err := m.Build(use, c.Batch)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range call.Outputs {
			got := eval(t, model.Step{Graph: call.Graph}, []*graph.Value{o.Value}, c.inputs(m, 0), 0)[0]
			want, err := outputs[o.Name].Values()
			if err != nil {
				t.Fatal(err)
			}
			if worst := apart(got, want); !(worst <= tolerance*reference.Largest(want)) {
				t.Errorf("%s: %s is off by %v of %v", use, o.Name, worst, reference.Largest(want))
			}
		}
	}
	step := training.Steps[0]
	for it, want := range c.Iterations {
		var values []*graph.Value
		for _, m := range step.Metrics {
			values = append(values, m.Value)
		}
		for _, u := range step.Updates {
			values = append(values, u.Value)
		}
		got := eval(t, step, values, c.inputs(m, it), it)
		if len(step.Metrics) != len(want.Metrics) || len(step.Updates) != len(want.States) {
			t.Errorf("%d metrics and %d states, PyTorch has %d and %d", len(step.Metrics), len(step.Updates), len(want.Metrics), len(want.States))
		}
		for i, m := range step.Metrics {
			if w, ok := want.Metrics[m.Name]; !ok || !(math.Abs(got[i][0]-w) <= tolerance*w) {
				t.Errorf("iteration %d: %s is %v, want %v", it, m.Name, got[i][0], w)
			}
		}
		for i, u := range step.Updates {
			w, ok := want.States[name(u.State)]
			if p := probes(name(u.State), got[len(step.Metrics)+i], u.State.Shape()); !ok || !(apart(p[:], w[:]) <= tolerance*w[0]) {
				t.Errorf("iteration %d: %s has the probes %v, want %v", it, name(u.State), p, w)
			}
		}
	}
}

// states starts parameters and their averages as flow.py does, scales near to
// 1, and the rest as the model does.
func (c flowCase) states(training *model.Training) map[string]*tensor.Tensor {
	out := map[string]*tensor.Tensor{}
	for _, s := range training.States {
		switch {
		case s.Name == "ema/steps":
			out[s.Name] = tensor.Scalar(c.Started)
		case strings.HasPrefix(s.Name, "adam/") || strings.HasPrefix(s.Name, "muon/"):
			out[s.Name] = s.New(c.Seed)
		default:
			w := Case{Seed: c.Seed}.Weight(s.Name, s.Shape)
			if strings.HasSuffix(s.Name, "/scale") {
				for i := range w.Data {
					w.Data[i]++
				}
			}
			out[s.Name] = w
		}
	}
	return out
}

// inputs are all that steps and uses read.
func (c flowCase) inputs(m model.Model, iteration int) map[string]*tensor.Tensor {
	in := map[string]*tensor.Tensor{model.InputRate: tensor.Scalar(c.Rate)}
	draw := func(fill func(tensor.Philox, []float32, int), name string, dims ...int) *tensor.Tensor {
		x := tensor.New(dims...)
		fill(tensor.Philox{Seed: c.Seed, Stream: tensor.StreamOf(name), Step: uint32(iteration)}, x.Data, 0)
		return x
	}
	normal, uniform := tensor.Philox.Normal, tensor.Philox.Uniform
	h, w, z := m.(model.Flow).Grid()
	mean, std := draw(normal, "golden/mean", c.Batch, h, w, z), draw(uniform, "golden/std", c.Batch, h, w, z)
	codes := tensor.New(c.Batch, h, w, 2*z)
	for i := range codes.Data {
		from, place := mean, i/(2*z)
		if i%(2*z) >= z {
			from = std
		}
		codes.Data[i] = from.Data[place*z+i%z]
	}
	in[model.InputCodes] = codes
	in[model.InputNoised] = draw(normal, "golden/noised", c.Batch, h, w, z)
	in[model.InputTime], in[model.InputStride] = draw(uniform, "golden/time", c.Batch), draw(uniform, "golden/stride", c.Batch)
	in[model.InputImages] = draw(uniform, "golden/images", c.Batch, c.Pictures.Height, c.Pictures.Width, c.Pictures.Channels)
	worded := m.(model.Worded)
	n := worded.Tokens()
	if n == 0 {
		return in
	}
	const width = 8 // of the text encoder
	in[model.States], in[model.Pooled] = draw(normal, "golden/states", c.Batch, n, width), draw(normal, "golden/pooled", c.Batch, width)
	tokens, present := tensor.New(c.Batch, n), tensor.New(c.Batch, n)
	for i := range c.Batch {
		worded.Tokenise(tokens.Row(i), c.Prompts[(i+iteration)%len(c.Prompts)])
	}
	for i, k := range tokens.Data {
		if k != 0 {
			present.Data[i] = 1
		}
	}
	in[model.InputTokens], in[model.Present] = tokens, present
	return in
}

// probes are the norm of an array and its products with three arrays of noise:
// what flow.py tells of the many states.
func probes(name string, x []float64, shape tensor.Shape) (out [4]float64) {
	noise := tensor.New(shape...)
	for i := range out {
		p := tensor.Philox{Stream: tensor.StreamOf("golden/probe/" + name), Step: uint32(i - 1)}
		p.Normal(noise.Data, 0)
		for k, v := range x {
			if i == 0 {
				out[0] += v * v
			} else {
				out[i] += v * float64(noise.Data[k])
			}
		}
	}
	out[0] = math.Sqrt(out[0])
	return out
}

// apart is the largest difference.
func apart(a, b []float64) (worst float64) {
	if len(a) != len(b) {
		return math.Inf(1)
	}
	for i := range a {
		if d := math.Abs(a[i] - b[i]); !(d <= worst) {
			worst = d
		}
	}
	return worst
}

// The sampler ends where the path of a whole model ends that PyTorch followed
// by a method of order four, prompts read and guidance taken in.
func TestPaintAgreesWithPyTorch(t *testing.T) {
	cases := flowCases(t)
	i := slices.IndexFunc(cases, func(c flowCase) bool { return c.Painted != nil })
	if i < 0 {
		t.Fatal("no case has a path")
	}
	c := cases[i]
	m := c.model(t)
	training, err := m.Training(c.Batch)
	if err != nil {
		t.Fatal(err)
	}
	engine := trained.NewCPU(2)
	defer engine.Close()
	states := maps.Clone(c.states(training))
	s, err := sampler.New(trained.New(m, trained.Manifest{Family: "flow", Pictures: c.Pictures}, states, engine))
	if err != nil {
		t.Fatal(err)
	}
	prompts, err := s.Read(c.Prompts[:2]...)
	if err != nil {
		t.Fatal(err)
	}
	noised := c.inputs(m, 0)[model.InputNoised]
	noise := tensor.New(c.Painted.Shape...)
	copy(noise.Data, noised.Data)
	got, err := s.Paint(sampler.Request{Noise: noise, Prompts: prompts, Options: sampler.Options{Steps: 1000, Method: sampler.Heun, Guidance: 2.5}})
	if err != nil {
		t.Fatal(err)
	}
	want, err := c.Painted.Values()
	if err != nil {
		t.Fatal(err)
	}
	wide := make([]float64, len(got.Data))
	for i, v := range got.Data {
		wide[i] = float64(v)
	}
	if worst := apart(wide, want); !(worst <= 2.5e-4*reference.Largest(want)) {
		t.Errorf("the path ends %v away, of %v", worst, reference.Largest(want))
	}
}

// folding makes autoencoders that are matrices on squares of 2×2 pixels.
type folding struct{}

func (folding) Name() string { return "folding" }
func (folding) New(p model.Pictures, decode func(any) error) (model.Model, error) {
	f := fold{Pictures: p}
	return f, decode(&f)
}

type fold struct {
	model.Pictures `json:"-"`
	Latent         int `json:"latent"`
}

func (f fold) Config() any                             { return f }
func (fold) Training(int) (*model.Training, error)     { return nil, nil }
func (fold) Uses() []model.Use                         { return nil }
func (fold) Build(model.Use, int) (*model.Call, error) { return nil, nil }
func (f fold) Grid() (h, w, c int)                     { return f.Height / 2, f.Width / 2, f.Latent }

func (f fold) Encode(s *nn.Scope, x *graph.Value) (mean, std *graph.Value) {
	b, h, w := x.Dim(0), f.Height/2, f.Width/2
	y := x.Reshape(b, h, 2, w, 2, -1).Transpose(0, 1, 3, 2, 4, 5).Reshape(b, h, w, -1)
	return nn.Project(s.Sub("mean"), y, f.Latent, nn.Glorot), nn.Project(s.Sub("std"), y, f.Latent, nn.Glorot).Sigmoid()
}

// Decode is not compared.
func (f fold) Decode(s *nn.Scope, z *graph.Value) *graph.Value {
	return nn.Project(s.Sub("out"), z, f.Channels, nn.Glorot)
}
