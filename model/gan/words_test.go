package gan

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/graph/reference"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/contrast"
	"github.com/limner-ai/limner/model/modeltest"
	"github.com/limner-ai/limner/nn"
)

var (
	worded = Family{Encoders: []model.Family{contrast.Family{}}}
	clear4 = model.Pictures{Height: 4, Width: 6, Channels: 4, Classes: []string{"a", "b"}}
)

const (
	words     = `"words":{"from":"w","family":"contrast","pictures":{"height":4,"width":6,"channels":4},"config":{"vocabulary":262,"length":5,"channels":4,"layers":1,"heads":1,"patch":2,"pictures":[2],"blocks":0,"embedding":2}}`
	wordDCGAN = `{"arch":"dcgan","channels":[3],"latent":2,"conditional":false,"embedding":3,` + words
	wordR3GAN = `{"channels":[8],"latent":2,"embedding":3,` + words
)

func TestConformanceWithWords(t *testing.T) {
	for name, config := range map[string]string{
		"dcgan":        wordDCGAN + `}`,
		"dcgan lazily": wordDCGAN + `,"lazy":2,"mismatch":0,"drop":0,"half_life":0}`,
		"r3gan":        wordR3GAN + `}`,
		"r3gan lazily": wordR3GAN + `,"lazy":2,"conditional":false}`,
	} {
		t.Run(name, func(t *testing.T) { modeltest.Conform(t, worded, clear4, config) })
	}
}

// A prompt changes the picture that it is for, and its score, alone; latents
// and prompt go into the picture apart.
func TestPromptMatters(t *testing.T) {
	for _, config := range []string{wordDCGAN + `}`, wordR3GAN + `}`} {
		m := modeltest.New(t, worded, clear4, config)
		r := modeltest.NewRun(t, m, 2, 1)
		in := modeltest.FillFor(m, clear4, 2, 2, .01, 0)
		r.Iterate(in) // affine layers and the last of blocks begin at zero
		a := r.Use(m, model.UseSample, 2, in)["images"].Data
		in[model.Pooled].Data[0] += 2
		b := r.Use(m, model.UseSample, 2, in)["images"].Data
		if same(a[:96], b[:96]) || !same(a[96:], b[96:]) {
			t.Errorf("%s: another prompt of the first picture did not change it alone", config)
		}
		g := graph.New()
		s := nn.NewScope(g)
		x, p := g.Input(model.InputImages, 2, 4, 6, 4), g.Input(model.Pooled, 2, 4)
		score := []*graph.Value{m.(*gan).score(s, x, told{prompt: p})}
		one := r.Eval(score, in)[0].Data
		in[model.Pooled].Data[0] -= 1
		two := r.Eval(score, in)[0].Data
		if one[0] == two[0] || one[1] != two[1] {
			t.Errorf("%s: scores %v and %v", config, one, two)
		}
	}
}

// Prompts of others are wrong unless they say the same or nothing.
func TestMismatches(t *testing.T) {
	m := modeltest.New(t, worded, clear4, wordDCGAN+`,"drop":0}`).(*gan)
	r := m.round(5, "test")
	tokens := reference.New(5, 5)
	for i, prompt := range []string{"a", "a", "b", "", "c"} {
		row := make([]float32, 5)
		m.Tokenise(row, prompt)
		for k, x := range row {
			tokens.Data[i*5+k] = float64(x)
		}
	}
	run := modeltest.NewRun(t, m, 5, 1)
	got := run.Eval([]*graph.Value{r.wrong}, modeltest.Inputs{model.InputTokens: tokens})[0].Data
	// c for a, a for a, a for b, b for nothing, nothing for c.
	if want := []float64{1, 0, 1, 1, 0}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	x := graph.New()
	v := x.Input("x", 3, 1)
	if got := run.Eval([]*graph.Value{rolled(v)}, modeltest.Inputs{"x": reference.From([]float64{1, 2, 3}, 3, 1)})[0].Data; !slices.Equal(got, []float64{3, 1, 2}) {
		t.Errorf("rolled to %v", got)
	}
}

// A share of the prompts is left empty, and with them the prompt of a mismatch.
func TestDroppedPrompts(t *testing.T) {
	const n = 400
	m := modeltest.New(t, worded, clear4, wordDCGAN+`,"drop":0.25}`).(*gan)
	r := m.round(n, "test")
	tokens := reference.New(n, 5)
	for i := range tokens.Data {
		tokens.Data[i] = float64(i%250) + 4
	}
	run := modeltest.NewRun(t, m, 1, 1)
	got := run.Eval([]*graph.Value{r.wrong}, modeltest.Inputs{model.InputTokens: tokens})[0].Data
	silent := 0
	for _, x := range got {
		if x == 0 {
			silent++
		}
	}
	if silent < n/4-25 || silent > n/4+25 { // three standard deviations
		t.Errorf("%d of %d prompts were left empty", silent, n)
	}
}

// D's loss with mismatches, by hand.
func TestMatchingLoss(t *testing.T) {
	softplus := func(x float64) float64 { return math.Log1p(math.Exp(x)) }
	const real, fake, other, share = .5, -1.5, .25, .4
	for loss, want := range map[string]float64{
		"nonsaturating": softplus(-real) + .6*softplus(fake) + .4*softplus(other)/2,
		"relativistic":  .6*softplus(fake-real) + .4*softplus(other-real)/2,
	} {
		m := modeltest.New(t, worded, clear4, wordR3GAN+`,"mismatch":0.4,"loss":"`+loss+`"}`).(*gan)
		g := graph.New()
		in := func(name string) *graph.Value { return g.Input(name, 2) }
		d := judged{real: in("real"), fake: in("fake"), mismatched: in("mismatched")}
		pair := func(x, y float64) reference.Array { return reference.From([]float64{x, y}, 2) }
		got, err := reference.Eval([]*graph.Value{m.matchingLoss(d, in("wrong"))}, reference.Env{Inputs: modeltest.Inputs{
			"real": pair(real, real), "fake": pair(fake, fake), "mismatched": pair(other, 7), "wrong": pair(1, 0)}})
		if err != nil || math.Abs(got[0].Data[0]-want) > 1e-6 {
			t.Errorf("%s: the loss is %v, want %v (%v)", loss, got, want, err)
		}
	}
}

// The text encoder is a part of the model that no step changes, and what a
// file holds is enough to read prompts.
func TestWordsStay(t *testing.T) {
	m := modeltest.New(t, worded, clear4, wordR3GAN+`}`)
	training, err := m.Training(2)
	if err != nil {
		t.Fatal(err)
	}
	fixed := 0
	for _, s := range training.States {
		if strings.HasPrefix(s.Name, "words/") != s.Fixed {
			t.Errorf("the state %s: fixed %v", s.Name, s.Fixed)
		}
		if s.Fixed {
			fixed++
		}
	}
	if fixed == 0 {
		t.Error("no text encoder")
	}
	parts, err := worded.Parts(modeltest.Decode(wordR3GAN + `}`))
	if err != nil || len(parts) != 1 || parts["words"].From != "w" {
		t.Errorf("%v, %v", parts, err)
	}
	if parts, err = worded.Parts(modeltest.Decode(`{}`)); err != nil || len(parts) != 0 {
		t.Errorf("%v, %v", parts, err)
	}
	if w := modeltest.New(t, worded, clear4, `{"channels":[8]}`).(model.Worded); w.Tokens() != 0 {
		t.Errorf("a GAN without words takes %d tokens", w.Tokens())
	}
}

func TestRefusedWords(t *testing.T) {
	for config, want := range map[string]string{
		`{"words":{"from":"w"}}`:                                      "words: from: name the model file",
		`{"words":{"from":"w","family":"flow","config":{"a":1}}}`:     "does not fit",
		`{"words":{"from":"w","family":"contrast","config":{"a":1}}}`: `"a"`,
		`{"drop":0.1}`:    "name the encoder",
		`{"embedding":8}`: "name the encoder",
		strings.Replace(wordR3GAN, `"embedding":3`, `"embedding":0`, 1) + `}`: "embedding: want",
		wordR3GAN + `,"drop":1}`:      "drop and mismatch",
		wordR3GAN + `,"mismatch":-1}`: "drop and mismatch",
	} {
		if _, err := worded.New(clear4, modeltest.Decode(config)); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %q", config, err, want)
		}
	}
}
