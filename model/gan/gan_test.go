package gan

import (
	"math"
	"strings"
	"testing"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/graph/reference"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/modeltest"
	"github.com/limner-ai/limner/nn"
)

var (
	fashion = model.Pictures{Height: 28, Width: 28, Channels: 1, Classes: strings.Fields("0 1 2 3 4 5 6 7 8 9")}
	cifar   = model.Pictures{Height: 32, Width: 32, Channels: 3}
	tiny    = model.Pictures{Height: 5, Width: 6, Channels: 2, Classes: []string{"a", "b", "c"}}
	even    = model.Pictures{Height: 4, Width: 6, Channels: 1, Classes: []string{"a", "b"}}
)

func TestConformance(t *testing.T) {
	for name, c := range map[string]struct {
		p      model.Pictures
		config string
	}{
		"dcgan":              {tiny, `{"arch":"dcgan","channels":[4,3],"latent":3}`},
		"dcgan without":      {even, `{"arch":"dcgan","channels":[3],"latent":3,"norm":"none","conditional":false,"half_life":0,"beta1":0.5,"lazy":2}`},
		"r3gan":              {even, `{"channels":[16,8],"latent":3}`},
		"r3gan lazily":       {even, `{"channels":[8,8],"latent":3,"lazy":2,"blocks":2,"conditional":false}`},
		"r3gan as a dcgan":   {even, `{"channels":[8],"latent":3,"loss":"nonsaturating","r2":false,"gamma_final":1}`},
		"dcgan relativistic": {tiny, `{"arch":"dcgan","channels":[3],"latent":3,"loss":"relativistic","r2":true}`},
	} {
		t.Run(name, func(t *testing.T) { modeltest.Conform(t, Family{}, c.p, c.config) })
	}
}

func TestParameterCounts(t *testing.T) {
	// One block at c channels: 1×1 c→2c, grouped 3×3, 1×1 2c→c, two biases.
	block := func(c int) int { return 2*c*c + 9*16*2*c + 2*c*c + 4*c }
	blocks := block(192) + block(96) + block(32) + 192*96 + 96*32
	for name, c := range map[string]struct {
		p         model.Pictures
		config    string
		g, d, zoo int
	}{
		"dcgan": {cifar, `{"arch":"dcgan"}`,
			100*4096 + 256 + 16*256*128 + 128 + 16*128*64 + 64 + 16*64*3 + 3,
			16*3*64 + 64 + 16*64*128 + 128 + 16*128*256 + 256 + 4096 + 1, 1_700_000},
		"r3gan": {fashion, `{"conditional":false}`,
			7*7*192 + 64*192 + blocks + 32, 32 + blocks + 7*7*192 + 192, 620_000},
	} {
		training, err := modeltest.New(t, Family{}, c.p, c.config).Training(2)
		if err != nil {
			t.Fatal(err)
		}
		g := modeltest.Parameters(training.States, "generator/")
		d := modeltest.Parameters(training.States, "discriminator/")
		if g != c.g || d != c.d {
			t.Errorf("%s: %d and %d parameters, want %d and %d", name, g, d, c.g, c.d)
		}
		if r := float64(g+d) / float64(c.zoo); r < .97 || r > 1.03 {
			t.Errorf("%s: %d parameters, far from %d", name, g+d, c.zoo)
		}
	}
}

func TestDefaultsFitEverySize(t *testing.T) {
	for _, extent := range []int{1, 2, 7, 8, 16, 28, 32, 48, 64, 128, 256} {
		for _, arch := range []string{"dcgan", "r3gan"} {
			p := model.Pictures{Height: extent, Width: extent, Channels: 3}
			m, err := Family{}.New(p, modeltest.Decode(`{"arch":"`+arch+`"}`))
			if arch == "dcgan" && extent <= 4 {
				if err == nil {
					t.Errorf("a DCGAN of %d pixels was accepted", extent)
				}
				continue
			}
			if err != nil {
				t.Errorf("%s of %d: %v", arch, extent, err)
				continue
			}
			if _, err := m.Build(model.UseSample, 1); err != nil {
				t.Errorf("%s of %d: %v", arch, extent, err)
			}
		}
	}
}

func TestConfigErrors(t *testing.T) {
	for config, want := range map[string]string{
		`{"latents": 3}`:                             "latents",
		`{"arch": "biggan"}`:                         "arch: want dcgan or r3gan",
		`{"loss": "hinge"}`:                          "loss: want",
		`{"arch": "dcgan", "norm": "batch"}`:         "norm: want",
		`{"latent": 0}`:                              "latent",
		`{"channels": []}`:                           "channels",
		`{"channels": [8,0]}`:                        "channels",
		`{"channels": [8,8,8,8]}`:                    "do not halve evenly 3 times",
		`{"arch": "dcgan", "channels": [1,1,1,1,1]}`: "cannot be halved 5 times",
		`{"channels": [12]}`:                         "multiples of 8",
		`{"blocks": 0}`:                              "blocks",
		`{"gamma": -1}`:                              "gamma",
		`{"lazy": 0}`:                                "lazy",
		`{"beta2": 1}`:                               "beta2",
		`{"half_life": -1}`:                          "half_life",
	} {
		_, err := Family{}.New(fashion, modeltest.Decode(config))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s gave %v, want one line with %q", config, err, want)
		}
	}
	if _, err := (Family{}).New(cifar, modeltest.Decode(`{"conditional": true}`)); err == nil {
		t.Error("a condition without classes was accepted")
	}
	if _, err := (Family{}).New(model.Pictures{}, modeltest.Decode(`{}`)); err == nil {
		t.Error("empty pictures were accepted")
	}
}

// Scores are given, so the losses are known in closed form.
func TestLosses(t *testing.T) {
	softplus := func(x float64) float64 { return math.Log1p(math.Exp(x)) }
	g := graph.New()
	real, fake := g.Input("real", 2), g.Input("fake", 2)
	a, b := &gan{c: Config{Loss: "nonsaturating"}}, &gan{c: Config{Loss: "relativistic"}}
	got, err := reference.Eval([]*graph.Value{a.criticLoss(real, fake), b.criticLoss(real, fake)}, reference.Env{Inputs: modeltest.Inputs{
		"real": reference.From([]float64{1, -2}, 2), "fake": reference.From([]float64{.5, 3}, 2)}})
	if err != nil {
		t.Fatal(err)
	}
	want := []float64{
		(softplus(.5) + softplus(3) + softplus(-1) + softplus(2)) / 2,
		(softplus(-.5) + softplus(5)) / 2,
	}
	for i := range want {
		if math.Abs(got[i].Data[0]-want[i]) > 1e-9 {
			t.Errorf("loss %d is %v, want %v", i, got[i].Data[0], want[i])
		}
	}
}

// line is a discriminator whose score is a weighted sum of pixels, so that
// the penalty is the squared length of the weights.
type line struct{ nets }

func (line) features(s *nn.Scope, x *graph.Value) *graph.Value {
	return x.Reshape(x.Dim(0), -1).Square().MulScalar(.5)
}

// ∇ of Σ wᵢ xᵢ²/2 is wᵢxᵢ: the penalty is Σ (wᵢxᵢ)² averaged over pictures,
// and its derivative by wᵢ is twice wᵢxᵢ².
func TestPenalty(t *testing.T) {
	p := model.Pictures{Height: 1, Width: 2, Channels: 1}
	for _, r2 := range []bool{false, true} {
		m := &gan{Pictures: p, nets: line{}, c: Config{Gamma: 3, GammaFinal: 1, R2: r2}}
		g := graph.New()
		s := nn.NewScope(g)
		r := &round{g: g, s: s, x: g.Input("x", 2, 1, 2, 1)}
		sum, metrics := m.penalty(r, m.judge(r, g.Input("fake", 2, 1, 2, 1)), 4)
		w := s.Params()[0].Value
		got, err := reference.Eval([]*graph.Value{sum, graph.Grad(sum, w)[0], metrics[0].Value}, reference.Env{
			Inputs: modeltest.Inputs{
				"x": reference.From([]float64{1, 2, 3, 0}, 2, 1, 2, 1), "fake": reference.From([]float64{0, 1, 1, 1}, 2, 1, 2, 1),
				model.InputProgress: reference.From([]float64{1})},
			States: modeltest.Inputs{"discriminator/head/w": reference.From([]float64{2, -1}, 2, 1), "discriminator/head/b": reference.From([]float64{0}, 1)},
		})
		if err != nil {
			t.Fatal(err)
		}
		// Real: (2·1)² + (1·2)² and (2·3)²; generated: 1 and 4 + 1.
		r1, both := (8.+36.)/2, (1.+5.)/2
		total, slope := r1, []float64{2 * 2 * (1 + 9) / 2, 2 * -1 * 4 / 2}
		if r2 {
			total += both
			slope[0] += 2 * 2 * 1 / 2
			slope[1] += 2 * -1 * (1 + 1) / 2
		}
		weight := 1. / 2 * 4
		for i, want := range []float64{total * weight, slope[0] * weight, slope[1] * weight, r1} {
			have := append(append(append([]float64(nil), got[0].Data...), got[1].Data...), got[2].Data...)[i]
			if math.Abs(have-want) > 1e-6 {
				t.Errorf("r2 %v: value %d is %v, want %v", r2, i, have, want)
			}
		}
	}
}

func TestStepsMoveTheirOwnNet(t *testing.T) {
	for _, config := range []string{`{"arch":"dcgan","channels":[3],"latent":2,"lazy":2}`, `{"channels":[8],"latent":2,"lazy":2}`} {
		training, err := modeltest.New(t, Family{}, even, config).Training(2)
		if err != nil {
			t.Fatal(err)
		}
		if len(training.Steps) != 3 || !training.Steps[2].FreshBatch || training.Steps[1].Every != 2 {
			t.Errorf("steps %+v", training.Steps)
		}
		for _, step := range training.Steps {
			for _, u := range step.Updates {
				name := u.State.Attr().(graph.NameAttr).Name
				if generator := strings.Contains(name, "generator/") || strings.HasPrefix(name, "ema/"); generator != (step.Name == "generator") {
					t.Errorf("the step %s changes %s", step.Name, name)
				}
			}
		}
	}
}

func TestConditionMatters(t *testing.T) {
	for _, config := range []string{`{"arch":"dcgan","channels":[3],"latent":2}`, `{"channels":[8],"latent":2}`} {
		m := modeltest.New(t, Family{}, even, config)
		r := modeltest.NewRun(t, m, 2, 1)
		in := modeltest.Fill(even, 2, 2, 0, 0)
		a := r.Use(m, model.UseSample, 2, in)["images"].Data
		in[model.InputLabels] = reference.From([]float64{1, 1}, 2)
		b := r.Use(m, model.UseSample, 2, in)["images"].Data
		if same(a[:24], b[:24]) || !same(a[24:], b[24:]) {
			t.Errorf("%s: another class of the first picture did not change it alone", config)
		}
		// D sees the class too.
		g := m.(*gan)
		gr := graph.New()
		s := nn.NewScope(gr)
		x, y := gr.Input(model.InputImages, 2, 4, 6, 1), gr.Input(model.InputLabels, 2)
		score := []*graph.Value{g.score(s, x, told{y: y})}
		one := r.Eval(score, in)[0].Data
		in[model.InputLabels] = reference.From([]float64{0, 1}, 2)
		two := r.Eval(score, in)[0].Data
		if one[0] == two[0] || one[1] != two[1] {
			t.Errorf("%s: scores %v and %v", config, one, two)
		}
	}
}

func TestTruncation(t *testing.T) {
	m := modeltest.New(t, Family{}, cifar, `{"channels":[8],"latent":2}`)
	r := modeltest.NewRun(t, m, 1, 1)
	in := modeltest.Fill(cifar, 1, 2, 0, 0)
	full := r.Use(m, model.UseSample, 1, in)["images"].Data
	in[model.InputTruncate] = reference.From([]float64{0})
	none := r.Use(m, model.UseSample, 1, in)["images"].Data
	for _, x := range none {
		if x != .5 {
			t.Fatalf("without latents a fresh generator made %v", x)
		}
	}
	if same(full, none) {
		t.Error("truncation did nothing")
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
