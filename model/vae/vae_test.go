package vae

import (
	"math"
	"strings"
	"testing"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/graph/reference"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/modeltest"
)

var (
	digits = model.Pictures{Height: 28, Width: 28, Channels: 1, Classes: strings.Fields("0 1 2 3 4 5 6 7 8 9")}
	tiny   = model.Pictures{Height: 6, Width: 5, Channels: 2, Classes: []string{"a", "b", "c"}}
	grey   = model.Pictures{Height: 4, Width: 4, Channels: 1}
)

func TestConformance(t *testing.T) {
	for name, c := range map[string]struct {
		p      model.Pictures
		config string
	}{
		"dense":      {grey, `{"net":"dense","likelihood":"bernoulli","binarize":"dynamic","hidden":[5,4],"latent":2}`},
		"iwae":       {grey, `{"net":"dense","likelihood":"bernoulli","hidden":[3],"latent":2,"iwae":3,"ema":0}`},
		"transposed": {tiny, `{"channels":[3,4],"latent":2,"hidden":[6],"warmup":0.7,"clip":1,"skip":1e9}`},
		"upsample":   {tiny, `{"channels":[3,4],"latent":2,"decoder":"upsample","scale":"pixel","conditional":false,"decay":0.1,"beta":2}`},
	} {
		t.Run(name, func(t *testing.T) { modeltest.Conform(t, Family{}, c.p, c.config) })
	}
}

func TestParameterCounts(t *testing.T) {
	for name, c := range map[string]struct {
		config string
		want   int
	}{
		// Per layer: inputs·outputs + biases.
		"dense": {`{"net":"dense","conditional":false}`,
			784*200 + 200 + 200*200 + 200 + 2*(200*50+50) + 50*200 + 200 + 200*200 + 200 + 200*784 + 784 + 1},
		"conv": {`{"channels":[32,64],"hidden":[256],"conditional":false,"binarize":"dynamic"}`,
			16*32 + 32 + 16*32*64 + 64 + 3136*256 + 256 + 2*(256*32+32) +
				32*256 + 256 + 256*3136 + 3136 + 16*64*32 + 32 + 16*32 + 1},
	} {
		training, err := modeltest.New(t, Family{}, digits, c.config).Training(2)
		if err != nil {
			t.Fatal(err)
		}
		if got := modeltest.Parameters(training.States, ""); got != c.want {
			t.Errorf("%s: %d parameters, want %d", name, got, c.want)
		}
	}
}

func TestConfigErrors(t *testing.T) {
	for config, want := range map[string]string{
		`{"latents": 3}`:                                    "latents",
		`{"net": "deep"}`:                                   "net: want dense or conv",
		`{"latent": 0}`:                                     "latent: want at least 1",
		`{"channels": [4,4,4,4,4,4,4]}`:                     "cannot be halved 7 times",
		`{"channels": []}`:                                  "at least one layer",
		`{"channels": [4,0]}`:                               "at least 1 channel",
		`{"hidden": [0]}`:                                   "at least 1 unit",
		`{"net": "dense", "channels": [4]}`:                 "a dense net has none",
		`{"decoder": "bicubic"}`:                            "decoder: want transposed or upsample",
		`{"likelihood": "gauss"}`:                           "likelihood: want",
		`{"scale": "row"}`:                                  "scale: want",
		`{"activation": "swishy"}`:                          "activation",
		`{"likelihood": "logistic", "binarize": "dynamic"}`: "bernoulli",
		`{"binarize": "fixed"}`:                             "binarize: want",
		`{"beta": -1}`:                                      "beta",
		`{"warmup": 2}`:                                     "warmup",
		`{"iwae": 0}`:                                       "iwae: want at least 1",
		`{"iwae": 5, "beta": 2}`:                            "no beta",
		`{"ema": 1}`:                                        "ema",
		`{"clip": -1}`:                                      "clip",
	} {
		_, err := Family{}.New(digits, modeltest.Decode(config))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s gave %v, want one line with %q", config, err, want)
		}
	}
	for _, p := range []model.Pictures{grey, {}} {
		if _, err := (Family{}).New(p, modeltest.Decode(`{"conditional": true}`)); err == nil {
			t.Errorf("pictures %v were accepted", p)
		}
	}
}

// The probabilities of the 256 levels add up to 1, and each is the integral
// of the density over its bin, for wide and narrow scales and means inside
// and outside of the range.
func TestLogisticIsADistribution(t *testing.T) {
	levels := reference.New(256)
	for i := range levels.Data {
		levels.Data[i] = float64(i) / 255
	}
	sigma := func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
	for _, c := range []struct{ mean, s float64 }{{0, -1}, {.3, -5}, {-.999, -3}, {1.2, -2}, {0, 2}, {.5, -9}} {
		g := graph.New()
		y := logistic(g.Input("x", 256), g.Full(float32(c.mean), 256), g.Full(float32(c.s), 256))
		got, err := reference.Eval([]*graph.Value{y}, reference.Env{Inputs: map[string]reference.Array{"x": levels}})
		if err != nil {
			t.Fatal(err)
		}
		total := 0.
		inverse := math.Exp(-max(float64(float32(c.s)), -7))
		for i, v := range got[0].Data {
			total += math.Exp(v)
			x := float64(i)/127.5 - 1
			lo, hi := sigma((x-1./255-float64(float32(c.mean)))*inverse), sigma((x+1./255-float64(float32(c.mean)))*inverse)
			if i == 0 {
				lo = 0
			}
			if i == 255 {
				hi = 1
			}
			if p := hi - lo; p > 1e-12 && math.Abs(v-math.Log(p)) > 1e-3*(1+math.Abs(v)) {
				t.Errorf("%+v: level %d has log probability %v, want %v", c, i, v, math.Log(p))
			}
		}
		if math.Abs(total-1) > 1e-5 {
			t.Errorf("%+v: the probabilities add up to %v", c, total)
		}
	}
}

func TestBernoulli(t *testing.T) {
	g := graph.New()
	y := bernoulli(g.Input("x", 4), g.Input("l", 4))
	got, _ := reference.Eval([]*graph.Value{y}, reference.Env{Inputs: map[string]reference.Array{
		"x": reference.From([]float64{0, 1, .25, 1}, 4), "l": reference.From([]float64{.7, .7, -2, -800}, 4)}})
	p := func(l float64) float64 { return 1 / (1 + math.Exp(-l)) }
	want := []float64{math.Log(1 - p(.7)), math.Log(p(.7)), .25*math.Log(p(-2)) + .75*math.Log(1-p(-2)), -800}
	for i := range want {
		if math.Abs(got[0].Data[i]-want[i]) > 1e-6 {
			t.Errorf("case %d: %v, want %v", i, got[0].Data[i], want[i])
		}
	}
}

// The closed form of the KL term is the mean of log q(z|x) − log p(z), which
// the importance weights contain, over many draws.
func TestBoundAgreesWithItsWeights(t *testing.T) {
	m := modeltest.New(t, Family{}, grey, `{"net":"dense","likelihood":"bernoulli","hidden":[4],"latent":2}`)
	r := modeltest.NewRun(t, m, 2, 5)
	for name, a := range r.States { // a posterior far from the prior
		if strings.HasPrefix(name, "ema/encoder/") {
			for i := range a.Data {
				a.Data[i] = 1.5*a.Data[i] - .2
			}
		}
	}
	const draws = 20000
	call, err := m.(model.Bounder).Bound(2, draws)
	if err != nil {
		t.Fatal(err)
	}
	got := r.Call(call, modeltest.Fill(grey, 2, 2, 0, 0))
	for i := range 2 {
		mean := 0.
		for _, w := range got["log_weight"].Data[i*draws : (i+1)*draws] {
			mean += w / draws
		}
		if kl := got["kl"].Data[i]; kl < .05 {
			t.Errorf("the KL term %v is too small to tell anything", kl)
		}
		if math.Abs(mean-got["elbo"].Data[i]) > .05 || math.Abs(got["elbo"].Data[i]-got["rec"].Data[i]+got["kl"].Data[i]) > 1e-9 {
			t.Errorf("picture %d: mean log weight %v, bound %v", i, mean, got["elbo"].Data[i])
		}
	}
	if _, err := m.(model.Bounder).Bound(2, 0); err == nil {
		t.Error("no draws were accepted")
	}
}

func TestPosteriorKL(t *testing.T) {
	g := graph.New()
	q := posterior{g.Input("mu", 1, 2), g.Input("v", 1, 2)}
	got, _ := reference.Eval([]*graph.Value{q.kl(), q.sigma()}, reference.Env{Inputs: map[string]reference.Array{
		"mu": reference.From([]float64{0, 3}, 1, 2), "v": reference.From([]float64{0, math.Log(4)}, 1, 2)}})
	// KL(N(3, 4) ‖ N(0, 1)) = ½(4 + 9 − 1) − log 2.
	if want := 6 - math.Log(2); math.Abs(got[0].Data[0]-want) > 1e-7 || math.Abs(got[1].Data[1]-2) > 1e-7 {
		t.Errorf("KL %v, want %v; σ %v", got[0].Data, want, got[1].Data)
	}
}

// The importance-weighted bound of equal weights is that weight, and it lies
// above the mean of unequal ones.
func TestIWAE(t *testing.T) {
	g := graph.New()
	w := terms{logWeight: g.Input("w", 2, 3)}
	got, _ := reference.Eval([]*graph.Value{w.iwae()}, reference.Env{Inputs: map[string]reference.Array{
		"w": reference.From([]float64{-900, -900, -900, math.Log(1), math.Log(2), math.Log(6)}, 2, 3)}})
	for i, want := range []float64{-900, math.Log(3)} {
		if math.Abs(got[0].Data[i]-want) > 1e-4 {
			t.Errorf("bound %v, want %v", got[0].Data[i], want)
		}
	}
}

func TestConditionMatters(t *testing.T) {
	for _, config := range []string{
		`{"net":"dense","likelihood":"bernoulli","hidden":[5],"latent":2}`,
		`{"channels":[3],"latent":2}`,
	} {
		m := modeltest.New(t, Family{}, tiny, config)
		r := modeltest.NewRun(t, m, 2, 1)
		in := modeltest.Fill(tiny, 2, 2, 0, 0)
		for use, name := range map[model.Use]string{model.UseSample: "images", model.UseEncode: "mean"} {
			a := r.Use(m, use, 2, in)[name].Clone()
			other := modeltest.Inputs{}
			for k, v := range in {
				other[k] = v
			}
			other[model.InputLabels] = reference.From([]float64{2, 1}, 2)
			b := r.Use(m, use, 2, other)[name]
			half := len(a.Data) / 2
			if same(a.Data[:half], b.Data[:half]) || !same(a.Data[half:], b.Data[half:]) {
				t.Errorf("%s %s: another class of the first picture did not change it alone", config, use)
			}
		}
	}
}

func TestTruncation(t *testing.T) {
	m := modeltest.New(t, Family{}, grey, `{"channels":[3],"latent":2}`)
	r := modeltest.NewRun(t, m, 2, 1)
	in := modeltest.Fill(grey, 2, 2, 0, 0)
	in[model.InputTruncate] = reference.From([]float64{0})
	got := r.Use(m, model.UseSample, 2, in)["images"].Data
	if !same(got[:16], got[16:]) {
		t.Error("with no latents left two samples still differ")
	}
}

// Binarisation leaves binary pictures as they are and has the grey's mean.
func TestPrepare(t *testing.T) {
	m := modeltest.New(t, Family{}, digits, `{"net":"dense","binarize":"dynamic","hidden":[2],"latent":1}`)
	r := modeltest.NewRun(t, m, 4, 1)
	in := modeltest.Fill(digits, 4, 1, 0, 0)
	for i := range in[model.InputImages].Data {
		in[model.InputImages].Data[i] = .3
	}
	once := r.Use(m, model.UsePrepare, 4, in)["images"]
	sum := 0.
	for _, x := range once.Data {
		sum += x
	}
	if mean := sum / float64(len(once.Data)); math.Abs(mean-.3) > .03 {
		t.Errorf("a grey of 0.3 became white with frequency %v", mean)
	}
	in[model.InputImages] = once
	r.Step++
	if !same(once.Data, r.Use(m, model.UsePrepare, 4, in)["images"].Data) {
		t.Error("binary pictures were changed")
	}
	plain := modeltest.New(t, Family{}, digits, `{"latent":1}`)
	if _, err := plain.Build(model.UsePrepare, 1); err == nil {
		t.Error("a VAE that binarises nothing prepared pictures")
	}
}

func same(a, b []float64) bool {
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}
