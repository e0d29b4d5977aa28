package vae

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
	encoder  = `"words":{"from":"w","family":"contrast","pictures":{"height":4,"width":6,"channels":4},"config":{"vocabulary":262,"length":5,"channels":4,"layers":1,"heads":1,"patch":2,"pictures":[2],"blocks":0,"embedding":2}}`
	wordConv = `{"channels":[3],"latent":2,"conditional":false,"embedding":3,` + encoder
)

func TestConformanceWithWords(t *testing.T) {
	for name, config := range map[string]string{
		"conv":                    wordConv + `}`,
		"classes":                 `{"channels":[3],"latent":2,"embedding":2,"drop":0,` + encoder + `}`,
		"prior":                   wordConv + `,"prior":"words"}`,
		"prior of classes, draws": `{"net":"dense","hidden":[4],"latent":2,"prior":"words","iwae":2,"ema":0,` + encoder + `}`,
		"dense":                   `{"net":"dense","hidden":[4],"latent":2,"conditional":false,"iwae":3,"ema":0,` + encoder + `}`,
	} {
		t.Run(name, func(t *testing.T) { modeltest.Conform(t, worded, clear4, config) })
	}
}

// What is said of a picture changes it and no other; its latents are those of the
// picture alone, and what it is made into again is what latents give without words.
func TestPromptMatters(t *testing.T) {
	for _, prior := range []string{"normal", "words"} {
		t.Run(prior, func(t *testing.T) { promptMatters(t, prior) })
	}
}

func promptMatters(t *testing.T, prior string) {
	m := modeltest.New(t, worded, clear4, wordConv+`,"prior":"`+prior+`"}`)
	r := modeltest.NewRun(t, m, 2, 1)
	in := modeltest.FillFor(m, clear4, 2, 2, .3, 0)
	r.Iterate(in)
	a := r.Use(m, model.UseSample, 2, in)["images"].Data
	in[model.Pooled].Data[0] += 2
	b := r.Use(m, model.UseSample, 2, in)["images"].Data
	if slices.Equal(a[:96], b[:96]) || !slices.Equal(a[96:], b[96:]) {
		t.Error("another prompt of the first picture did not change it alone")
	}
	again := r.Use(m, model.UseReconstruct, 2, in)["images"].Data
	in[model.InputLatents] = r.Use(m, model.UseEncode, 2, in)["mean"]
	in[model.InputTruncate] = reference.From([]float64{1})
	row := make([]float32, m.(*vae).Tokens())
	m.(*vae).Tokenise(row, "")
	in[model.InputTokens] = reference.New(2, len(row))
	for i := range in[model.InputTokens].Data {
		in[model.InputTokens].Data[i] = float64(row[i%len(row)])
	}
	in[model.Pooled] = r.Use(m, model.UseRead, 2, in)[model.Pooled]
	if silent := r.Use(m, model.UseSample, 2, in)["images"].Data; !slices.EqualFunc(silent, again, near) {
		t.Errorf("without words latents give %v, and the picture comes back as %v", silent[:3], again[:3])
	}
}

func near(a, b float64) bool { return math.Abs(a-b) < 1e-12 }

// The bound's KL is that between the posterior and the prior of the words, by the
// textbook's formula, and the latents drawn are those of that prior.
func TestPriorOfWords(t *testing.T) {
	m := modeltest.New(t, worded, clear4, wordConv+`,"prior":"words","drop":0}`).(*vae)
	r := modeltest.NewRun(t, m, 2, 1)
	in := modeltest.FillFor(m, clear4, 2, 2, .3, 0)
	for range 3 {
		r.Iterate(in)
	}
	s := nn.NewAveragedScope(graph.New())
	x := m.images(s.Graph, 2)
	told := told{said: m.listen(s, 2)}
	b := m.bound(s, x, told, 1)
	p, q := m.prior(s, told), m.encode(s, x, nil)
	u := s.Graph.Input("u", 2, 2)
	got := r.Eval([]*graph.Value{b.kl, p.mu, p.logVar, q.mu, q.logVar, p.place(u)}, modeltest.Inputs{
		model.InputImages: in[model.InputImages], model.InputTokens: in[model.InputTokens], "u": reference.From([]float64{1, -2, 0, .5}, 2, 2)})
	kl, pm, pv, qm, qv, z := got[0].Data, got[1].Data, got[2].Data, got[3].Data, got[4].Data, got[5].Data
	if pm[0] == pm[2] {
		t.Fatal("the prior does not hear the words")
	}
	for i := range 2 {
		want := 0.
		for k := 2 * i; k < 2*i+2; k++ {
			sp, sq := math.Exp(pv[k]/2), math.Exp(qv[k]/2)
			want += math.Log(sp/sq) + (sq*sq+(qm[k]-pm[k])*(qm[k]-pm[k]))/(2*sp*sp) - .5
		}
		if math.Abs(want-kl[i]) > 1e-9 {
			t.Errorf("picture %d: KL %v, want %v", i, kl[i], want)
		}
	}
	for k, u := range []float64{1, -2, 0, .5} {
		if want := pm[k] + math.Exp(pv[k]/2)*u; !near(z[k], want) {
			t.Errorf("the latent %v is placed at %v, want %v", u, z[k], want)
		}
	}
}

// A share of the prompts is left empty.
func TestDroppedPrompts(t *testing.T) {
	const n = 400
	m := modeltest.New(t, worded, clear4, wordConv+`,"drop":0.25}`).(*vae)
	s := nn.NewScope(graph.New())
	said, silence := m.listen(s, n), m.silence(s, n)
	tokens := reference.New(n, 5)
	for i := range tokens.Data {
		tokens.Data[i] = float64(i%250) + 4
	}
	got := modeltest.NewRun(t, m, 1, 1).Eval([]*graph.Value{said, silence}, modeltest.Inputs{model.InputTokens: tokens})
	silent, d := 0, len(got[0].Data)/n
	for i := range n {
		if slices.Equal(got[0].Data[i*d:(i+1)*d], got[1].Data[:d]) {
			silent++
		}
	}
	if silent < n/4-26 || silent > n/4+26 { // three standard deviations
		t.Errorf("%d of %d prompts were left empty", silent, n)
	}
}

// The text encoder is a part of the model that no step changes.
func TestWordsStay(t *testing.T) {
	training, err := modeltest.New(t, worded, clear4, wordConv+`}`).Training(2)
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
	if w := modeltest.New(t, worded, clear4, `{"channels":[3]}`).(model.Worded); w.Tokens() != 0 {
		t.Errorf("a VAE without words takes %d tokens", w.Tokens())
	}
}

func TestRefusedWords(t *testing.T) {
	for config, want := range map[string]string{
		`{"channels":[3],"words":{"from":"w"}}`:                                  "words: from: name the model file",
		`{"channels":[3],"words":{"from":"w","family":"flow","config":{"a":1}}}`: "does not fit",
		`{"channels":[3],"drop":0.1}`:                                            "name the encoder",
		`{"channels":[3],"prior":"words"}`:                                       "prior: words: name the encoder",
		wordConv + `,"prior":"a"}`:                                               "prior: want",
		`{"channels":[3],"embedding":8}`:                                         "name the encoder",
		strings.Replace(wordConv, `"embedding":3`, `"embedding":0`, 1) + `}`:     "embedding: want",
		wordConv + `,"drop":1}`:                                                  "drop: want",
	} {
		if _, err := worded.New(clear4, modeltest.Decode(config)); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %q", config, err, want)
		}
	}
}
