package vae

import (
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
		"conv":    wordConv + `}`,
		"classes": `{"channels":[3],"latent":2,"embedding":2,"drop":0,` + encoder + `}`,
		"dense":   `{"net":"dense","hidden":[4],"latent":2,"conditional":false,"iwae":3,"ema":0,` + encoder + `}`,
	} {
		t.Run(name, func(t *testing.T) { modeltest.Conform(t, worded, clear4, config) })
	}
}

// What is said of a picture changes it and no other; its latents are those of the
// picture alone, and what it is made into again is what latents give without words.
func TestPromptMatters(t *testing.T) {
	m := modeltest.New(t, worded, clear4, wordConv+`}`)
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
	if silent := r.Use(m, model.UseSample, 2, in)["images"].Data; !slices.Equal(silent, again) {
		t.Errorf("without words latents give %v, and the picture comes back as %v", silent[:3], again[:3])
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
		`{"channels":[3],"embedding":8}`:                                         "name the encoder",
		strings.Replace(wordConv, `"embedding":3`, `"embedding":0`, 1) + `}`:     "embedding: want",
		wordConv + `,"drop":1}`:                                                  "drop: want",
	} {
		if _, err := worded.New(clear4, modeltest.Decode(config)); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %q", config, err, want)
		}
	}
}
