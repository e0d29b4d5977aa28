package likelihood

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/graph/reference"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/gan"
	"github.com/limner-ai/limner/model/modeltest"
	"github.com/limner-ai/limner/model/trained"
	"github.com/limner-ai/limner/model/vae"
)

// noise is a set of n pictures of noise on the 256 levels.
type noise struct {
	n, h, w int
	classes []string
}

func (s noise) Len() int             { return s.n }
func (s noise) Shape() (h, w, c int) { return s.h, s.w, 1 }
func (s noise) Classes() []string    { return s.classes }
func (s noise) Name(int) string      { return "noise" }
func (s noise) label(i int) (l int)  { return i % max(1, len(s.classes)) }
func (s noise) pixels(i int, p []float32) {
	tensor.Philox{Seed: uint64(i), Stream: tensor.StreamOf("test")}.Uniform(p, 0)
	for k, v := range p {
		p[k] = float32(int(v*256)) / 255
	}
}

func (s noise) Item(i int, p []float32) (picture.Label, error) {
	s.pixels(i, p)
	return picture.Label{Class: s.label(i)}, nil
}

var tiny = model.Pictures{Height: 3, Width: 2, Channels: 1, Classes: []string{"a", "b"}}

// drawn is a model with initial weights, moved so that its posterior is not
// the prior.
func drawn(t *testing.T, f model.Family, config string, engine trained.Engine) *trained.Model {
	t.Helper()
	m := modeltest.New(t, f, tiny, config)
	training, err := m.Training(1)
	if err != nil {
		t.Fatal(err)
	}
	weights := map[string]*tensor.Tensor{}
	for _, s := range training.States {
		v := s.New(3)
		for i := range v.Data {
			v.Data[i] = 1.5*v.Data[i] + .1
		}
		weights[s.Name] = v
	}
	return trained.New(m, trained.Manifest{Family: f.Name()}, weights, engine)
}

func cpu(t *testing.T, threads int) trained.Engine {
	e := trained.NewCPU(threads)
	t.Cleanup(e.Close)
	return e
}

func measure(t *testing.T, m *trained.Model, e trained.Engine, set picture.Set, opt Options) Result {
	t.Helper()
	r, err := Measure(context.Background(), m, e, set, opt)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

const binary = `{"net":"dense","likelihood":"bernoulli","binarize":"dynamic","hidden":[4],"latent":2,"conditional":true}`

// The whole protocol over again in the float64 interpreter, holding every
// weight: binarise once, then 600 draws in chunks of 250.
func TestAgainstTheInterpreter(t *testing.T) {
	e := cpu(t, 2)
	m := drawn(t, vae.Family{}, binary, e)
	set := noise{11, 3, 2, tiny.Classes}
	opt := Options{Draws: 600, Seed: 9}
	got := measure(t, m, e, set, opt)

	states := map[string]reference.Array{}
	for name, w := range m.Weights {
		states[name] = reference.FromTensor(w)
	}
	eval := func(call *model.Call, images, labels reference.Array, seed uint64, step int) map[string]reference.Array {
		var values []*graph.Value
		for _, o := range call.Outputs {
			values = append(values, o.Value)
		}
		out, err := reference.Eval(values, reference.Env{
			Inputs: map[string]reference.Array{model.InputImages: images, model.InputLabels: labels},
			States: states, Seed: seed, Step: uint32(step)})
		if err != nil {
			t.Fatal(err)
		}
		named := map[string]reference.Array{}
		for i, o := range call.Outputs {
			named[o.Name] = out[i]
		}
		return named
	}
	prepare, err := m.Build(model.UsePrepare, 8)
	if err != nil {
		t.Fatal(err)
	}
	bound, err := m.Model.(model.Bounder).Bound(8, 250)
	if err != nil {
		t.Fatal(err)
	}
	var elbo, iwae, squares, effective float64
	for b := range 2 {
		x, labels := tensor.New(8, 3, 2, 1), reference.New(8)
		for i := range min(8, 11-8*b) {
			set.pixels(8*b+i, x.Row(i))
			labels.Data[i] = float64(set.label(8*b + i))
		}
		images := eval(prepare, reference.FromTensor(x), labels, 9, b)["images"]
		w := tensor.Philox{Seed: 9, Stream: tensor.StreamOf("likelihood")}.Block(uint64(b))
		var chunks []map[string]reference.Array
		for c := range 3 {
			chunks = append(chunks, eval(bound, images, labels, uint64(w[0])<<32|uint64(w[1]), c))
		}
		for i := range min(8, 11-8*b) {
			sum, sum2 := 0., 0.
			for k := range 600 {
				v := math.Exp(chunks[k/250]["log_weight"].Data[i*250+k%250])
				sum += v
				sum2 += v * v
			}
			v := math.Log(sum / 600)
			iwae += v / 11
			squares += v * v / 11
			effective += sum * sum / sum2 / 11
			for _, c := range chunks {
				elbo += c["elbo"].Data[i] / 33
			}
		}
	}
	near(t, "IWAE", got.IWAE, iwae, 1e-5)
	near(t, "ELBO", got.ELBO, elbo, 1e-5)
	near(t, "ELBO of its terms", got.Rec-got.KL, elbo, 1e-5)
	near(t, "error", got.IWAEError, math.Sqrt((squares-iwae*iwae)/10), 1e-4)
	near(t, "effective draws", got.Effective, effective, 1e-2)
	near(t, "bits", got.BitsPerDim, -iwae/math.Ln2/6, 1e-5)
	want := Result{Pictures: 11, Draws: 600, Seed: 9, Batch: 8, Chunk: 250, Binarised: true, Conditional: true}
	protocol := Result{Pictures: got.Pictures, Draws: got.Draws, Seed: got.Seed, Batch: got.Batch, Chunk: got.Chunk, Binarised: got.Binarised, Conditional: got.Conditional}
	if protocol != want {
		t.Errorf("protocol %+v, want %+v", protocol, want)
	}
}

func TestBoundsRise(t *testing.T) {
	e := cpu(t, 1)
	m := drawn(t, vae.Family{}, `{"net":"dense","likelihood":"bernoulli","hidden":[4],"latent":2,"conditional":false}`, e)
	set := noise{n: 200, h: 3, w: 2}
	last := math.Inf(-1)
	for _, k := range []int{1, 4, 20} {
		r := measure(t, m, e, set, Options{Draws: k, Seed: 1})
		if r.IWAE <= last {
			t.Errorf("the bound of %d draws is %v, that of fewer %v", k, r.IWAE, last)
		}
		if last = r.IWAE; k > 1 && r.IWAE <= r.ELBO {
			t.Errorf("%d draws: %v is not above the ELBO %v", k, r.IWAE, r.ELBO)
		}
		if r.Binarised || r.Conditional || r.Effective < 1 || r.Effective > float64(k)+1e-9 {
			t.Errorf("%+v", r)
		}
	}
}

func TestSameForAnyThreads(t *testing.T) {
	var results []Result
	for _, threads := range []int{1, 3} {
		e := cpu(t, threads)
		r := measure(t, drawn(t, vae.Family{}, binary, e), e, noise{9, 3, 2, tiny.Classes}, Options{Draws: 260, Seed: 4})
		r.Seconds = 0
		results = append(results, r)
	}
	if results[0] != results[1] {
		t.Errorf("one thread %+v\nthree    %+v", results[0], results[1])
	}
	e := cpu(t, 1)
	if r := measure(t, drawn(t, vae.Family{}, binary, e), e, noise{9, 3, 2, tiny.Classes}, Options{Draws: 260, Seed: 5}); r.IWAE == results[0].IWAE {
		t.Error("the seed changes nothing")
	}
}

func TestStopped(t *testing.T) {
	e := cpu(t, 1)
	ctx, cancel := context.WithCancel(context.Background())
	var seen []Progress
	r, err := Measure(ctx, drawn(t, vae.Family{}, binary, e), e, noise{32, 3, 2, tiny.Classes}, Options{Draws: 300, Progress: func(p Progress) {
		seen = append(seen, p)
		if p.Pictures == 8 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) || r.Pictures != 8 || !(r.IWAE < 0) {
		t.Errorf("stopped after 8 pictures: %+v, %v", r, err)
	}
	for i := range seen {
		if i > 0 && seen[i].Decoded < seen[i-1].Decoded || seen[i].Total != 32 || seen[i].Rate() <= 0 {
			t.Errorf("progress %+v", seen)
		}
	}
}

func TestErrors(t *testing.T) {
	e := cpu(t, 1)
	sick := drawn(t, vae.Family{}, binary, e)
	for _, w := range sick.Weights {
		w.Data[0] = float32(math.NaN())
	}
	v := drawn(t, vae.Family{}, binary, e)
	for _, c := range []struct {
		m    *trained.Model
		set  noise
		k    int
		want string
	}{
		{drawn(t, gan.Family{}, `{"arch":"dcgan","channels":[2]}`, e), noise{9, 3, 2, tiny.Classes}, 5, "no bound"},
		{v, noise{9, 3, 2, tiny.Classes}, -1, "at least 1 draw"},
		{v, noise{9, 2, 3, tiny.Classes}, 5, "the model wants pictures of"},
		{v, noise{9, 3, 2, nil}, 5, "wants a class"},
		{sick, noise{9, 3, 2, tiny.Classes}, 5, "diverged"},
	} {
		_, err := Measure(context.Background(), c.m, e, c.set, Options{Draws: c.k})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
}

func near(t *testing.T, name string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s is %v, want %v", name, got, want)
	}
}
