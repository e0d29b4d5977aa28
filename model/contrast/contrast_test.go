package contrast

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/graph/reference"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/modeltest"
	"github.com/limner-ai/limner/text"
)

var tiny = model.Pictures{Height: 6, Width: 4, Channels: 4}

const small = `{"vocabulary":300,"length":5,"channels":4,"layers":1,"heads":2,"patch":2,"pictures":[3,4],"embedding":3,"half_life":100}`

func TestConformance(t *testing.T) {
	opaque := tiny
	opaque.Channels = 3
	plain := strings.NewReplacer(`"half_life":100`, `"half_life":0,"clip":0,"decay":0,"blocks":0`).Replace(small)
	jitter := strings.Replace(small, `"half_life"`, `"jitter":0.2,"noise":0.1,"half_life"`, 1)
	grey := tiny
	grey.Channels = 1
	t.Run("jitter", func(t *testing.T) { modeltest.Conform(t, Family{}, tiny, jitter) })
	t.Run("grey", func(t *testing.T) { modeltest.Conform(t, Family{}, grey, jitter) })
	t.Run("transparent", func(t *testing.T) { modeltest.Conform(t, Family{}, tiny, small) })
	t.Run("plain", func(t *testing.T) { modeltest.Conform(t, Family{}, opaque, plain) })
}

func TestParameterCount(t *testing.T) {
	p := model.Pictures{Height: 64, Width: 64, Channels: 4}
	training, err := modeltest.New(t, Family{}, p, `{}`).Training(2)
	if err != nil {
		t.Fatal(err)
	}
	const d, hidden = 192, 512
	layer := 4*d*d + d + 2*d/4 + 3*d*hidden + 2*d
	words := 2048*d + 32*d + 3*layer + d + d*128
	block := func(c int) int { return 2 * (9*c*c + c) }
	pictures := 9*48*48 + 48 + block(48) + 16*48*96 + 96 + block(96) + 16*96*192 + 192 + block(192) + 16*192*128
	if got := modeltest.Parameters(training.States, ""); got != words+pictures+1 {
		t.Errorf("%d parameters, want %d + %d + 1", got, words, pictures)
	}
}

func TestConfigErrors(t *testing.T) {
	for config, want := range map[string]string{
		`{"widths": [3]}`:            "widths",
		`{"vocabulary": 100}`:        "vocabulary",
		`{"length": 2}`:              "length",
		`{"layers": 0}`:              "layers",
		`{"channels": 0}`:            "channels",
		`{"heads": 5}`:               "heads",
		`{"patch": 5}`:               "patch",
		`{"patch": 0}`:               "patch",
		`{"pictures": []}`:           "pictures",
		`{"pictures": [0]}`:          "pictures",
		`{"pictures": [1,1,1,1,1]}`:  "cannot be halved 4 times",
		`{"blocks": -1}`:             "blocks",
		`{"embedding": 0}`:           "embedding",
		`{"jitter": 1}`:              "jitter",
		`{"noise": -1}`:              "noise",
		`{"beta1": 1}`:               "beta1",
		`{"clip": -1}`:               "clip",
		`{"tokeniser": "x"}`:         "tokeniser",
		`{"tokeniser": "bpe1:AAME"}`: "tokeniser",
		`{"vocabulary": 259, "tokeniser": "bpe1:AAMABA"}`: "260 pieces",
	} {
		_, err := Family{}.New(tiny, modeltest.Decode(config))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s gave %v, want one line with %q", config, err, want)
		}
	}
	for _, p := range []model.Pictures{{}, {Height: 4, Width: 4, Channels: 2}, {Height: 4, Width: 4, Channels: 5}} {
		if _, err := (Family{}).New(p, modeltest.Decode(`{}`)); err == nil {
			t.Errorf("pictures %v were accepted", p)
		}
	}
}

// What is learnt makes a configuration that gives the same model, and is not
// learnt twice.
func TestLearn(t *testing.T) {
	corpus := slices.Values([]string{"red apple", "red heart", "roter Apfel"})
	decode := modeltest.Decode(`{"length":9,"vocabulary":264}`)
	config, err := Family{}.Learn(corpus, decode)
	if err != nil {
		t.Fatal(err)
	}
	written, err := json.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	decode = modeltest.Decode(string(written))
	c := config.(Config)
	if c.Tokeniser.Vocabulary() != 264 || c.Vocabulary != 264 || c.Length != 9 {
		t.Errorf("learnt %d pieces, the vocabulary has %d, the length is %d", c.Tokeniser.Vocabulary(), c.Vocabulary, c.Length)
	}
	again, err := Family{}.Learn(corpus, decode)
	if again != nil || err != nil {
		t.Errorf("learnt again: %v, %v", again, err)
	}
	m, err := Family{}.New(tiny, decode)
	if err != nil {
		t.Fatal(err)
	}
	w := m.(model.TextEncoder)
	got, want := make([]float32, 9), make([]float32, 9)
	w.Tokenise(got, "Red apple")
	c.Tokeniser.Fill(want, "red apple")
	if w.Tokens() != 9 || w.Width() != 192 || !slices.Equal(got, want) {
		t.Errorf("%d tokens %v, want %v", w.Tokens(), got, want)
	}
	if _, err := (Family{}).Learn(corpus, modeltest.Decode(`{"vocabulary":5}`)); err == nil {
		t.Error("a vocabulary of 5 was learnt")
	}
}

// A model that goes on from another has its tokeniser, or weights would belong
// to other pieces.
func TestInherit(t *testing.T) {
	learnt := func(corpus ...string) (Config, string) {
		config, err := Family{}.Learn(slices.Values(corpus), modeltest.Decode(`{"length":9,"vocabulary":264}`))
		if err != nil {
			t.Fatal(err)
		}
		written, err := json.Marshal(config)
		if err != nil {
			t.Fatal(err)
		}
		return config.(Config), string(written)
	}
	old, first := learnt("red apple", "red heart", "roter Apfel")
	_, second := learnt("blue house", "blue mouse", "blaues Haus")
	got, err := Family{}.Inherit(modeltest.Decode(first), modeltest.Decode(`{"length":9,"vocabulary":300}`))
	if err != nil {
		t.Fatal(err)
	}
	a, b := make([]float32, 9), make([]float32, 9)
	c := got.(Config)
	c.Tokeniser.Fill(a, "red apple")
	old.Tokeniser.Fill(b, "red apple")
	if c.Vocabulary != 264 || !slices.Equal(a, b) {
		t.Errorf("%d pieces, %v; want 264, %v", c.Vocabulary, a, b)
	}
	if got, err := (Family{}).Inherit(modeltest.Decode(first), modeltest.Decode(first)); got != nil || err != nil {
		t.Errorf("inherited what was there: %v, %v", got, err)
	}
	if _, err := (Family{}).Inherit(modeltest.Decode(first), modeltest.Decode(second)); err == nil || !strings.Contains(err.Error(), "leave it out") {
		t.Errorf("another tokeniser: %v", err)
	}
	if _, err := (Family{}).Inherit(modeltest.Decode(`{}`), modeltest.Decode(second)); err == nil {
		t.Error("a model without a tokeniser has left one")
	}
}

// A pair counts as a negative unless its two prompts are the same.
func TestAgreement(t *testing.T) {
	g := graph.New()
	tokens := reference.From([]float64{1, 5, 2, 1, 5, 2, 1, 6, 2}, 3, 3)
	in := g.Input("t", 3, 3)
	words, pictures := g.Input("w", 3, 2), g.Input("p", 3, 2)
	loss, hit := agreement(words, pictures, g.Full(2), alike(in))
	w := []float64{1, 0, 1, 0, 0, 1}
	p := []float64{.6, .8, 1, 0, .8, .6}
	got, err := reference.Eval([]*graph.Value{loss, hit}, reference.Env{Inputs: modeltest.Inputs{
		"t": tokens, "w": reference.From(w, 3, 2), "p": reference.From(p, 3, 2)}})
	if err != nil {
		t.Fatal(err)
	}
	// Scaled cosines by hand, of prompts (rows) with pictures (columns).
	s := [3][3]float64{{1.2, 2, 1.6}, {1.2, 2, 1.6}, {1.6, 0, 1.2}}
	skip := func(i, j int) bool { return i != j && i < 2 && j < 2 }
	want := 0.
	for i := range 3 {
		var row, column float64
		for j := range 3 {
			if !skip(i, j) {
				row += math.Exp(s[i][j])
				column += math.Exp(s[j][i])
			}
		}
		want += (math.Log(row) + math.Log(column) - 2*s[i][i]) / 6
	}
	if math.Abs(got[0].Data[0]-want) > 1e-6 || math.Abs(got[1].Data[0]-1./3) > 1e-6 {
		t.Errorf("loss and share %v and %v, want %v and 1/3", got[0].Data[0], got[1].Data[0], want)
	}
}

// What lies under a transparent pixel does not count, and grey shows through.
func TestTransparency(t *testing.T) {
	m := modeltest.New(t, Family{}, tiny, small)
	r := modeltest.NewRun(t, m, 2, 1)
	in := modeltest.Fill(tiny, 2, 0, 0, 0)
	x := in[model.InputImages].Data
	half := len(x) / 2
	copy(x[half:], x[:half])
	for i := 0; i < half; i += 4 {
		x[i+3], x[half+i+3] = float64(i/4%2), float64(i/4%2)
		if i/4%2 == 0 {
			x[half+i] = 1 - x[i]
		}
	}
	e := r.Use(m, model.UseLook, 2, in)["embedding"].Data
	length := 0.
	for i := range 3 {
		length += e[i] * e[i]
		if math.Abs(e[i]-e[3+i]) > 1e-12 {
			t.Errorf("hidden colours changed the embedding from %v to %v", e[:3], e[3:])
		}
	}
	if math.Abs(length-1) > 1e-6 {
		t.Errorf("the embedding has length² %v", length)
	}
}

// A ramp is moved and stretched by the numbers that were drawn, and beyond its
// edge is nothing.
func TestResampling(t *testing.T) {
	g := graph.New()
	zoom, move := g.Input("zoom", 2, 1, 1), g.Input("move", 2, 1, 1)
	got, err := reference.Eval([]*graph.Value{resampling(zoom, move, 5)}, reference.Env{Inputs: modeltest.Inputs{
		"zoom": reference.From([]float64{1, .5}, 2, 1, 1), "move": reference.From([]float64{.6, 0}, 2, 1, 1)}})
	if err != nil {
		t.Fatal(err)
	}
	old := []float64{10, 20, 30, 40, 50}
	want := [][]float64{{25, 35, 45, 25, 0}, {20, 25, 30, 35, 40}} // moved by 1.5; twice as large
	for k := range want {
		for i, w := range want[k] {
			sum := 0.
			for j, x := range old {
				sum += got[0].Data[(k*5+i)*5+j] * x
			}
			if math.Abs(sum-w) > 1e-5 {
				t.Errorf("picture %d, pixel %d is %v, want %v", k, i, sum, w)
			}
		}
	}
}

// Rows and columns keep their places: only what is outside is filled with the
// background, and an opaque picture without jitter stays as it is.
func TestPerturbed(t *testing.T) {
	p := model.Pictures{Height: 9, Width: 7, Channels: 4}
	m := modeltest.New(t, Family{}, p, `{"patch":1,"pictures":[3],"jitter":0.3}`).(*contrast)
	g := graph.New()
	x := reference.New(2, 9, 7, 4)
	for i := range x.Data { // opaque, red grows with the row and green with the column
		at := i / 4
		x.Data[i] = [4]float64{float64(at/7%9) / 8, float64(at%7) / 6, .5, 1}[i%4]
	}
	env := reference.Env{Inputs: modeltest.Inputs{"x": x}, Seed: 4}
	got, err := reference.Eval([]*graph.Value{m.jittered(g.Input("x", 2, 9, 7, 4)), m.perturbed(g.Input("x", 2, 9, 7, 4))}, env)
	if err != nil {
		t.Fatal(err)
	}
	raw, over := got[0].Data, got[1].Data
	inside := 0
	for at := range 2 * 9 * 7 {
		cover := raw[4*at+3]
		if math.Abs(over[3*at+2]-raw[4*at+2]) > 1-cover+1e-9 {
			t.Errorf("place %d covered by %v is %v, was %v", at, cover, over[3*at+2], raw[4*at+2])
		}
		if row, column := at/7%9, at%7; cover > 1-1e-6 && row > 0 && column > 0 && raw[4*(at-7)+3] > 1-1e-6 && raw[4*(at-1)+3] > 1-1e-6 {
			inside++
			down, right := raw[4*at]-raw[4*(at-7)], raw[4*at+1]-raw[4*(at-1)+1]
			if math.Abs(down*8-right*6) > 1e-5 || down*8 < .69 || down*8 > 1.31 {
				t.Errorf("place %d: %v down and %v across, want the same zoom in both", at, down*8, right*6)
			}
		}
	}
	if inside < 20 {
		t.Errorf("only %d places compared", inside)
	}
}

// Padding changes nothing, and a prompt of nothing at all is finite.
func TestPadding(t *testing.T) {
	long := modeltest.New(t, Family{}, tiny, small)
	short := modeltest.New(t, Family{}, tiny, strings.Replace(small, `"length":5`, `"length":4`, 1))
	r := modeltest.NewRun(t, long, 2, 1)
	tokens := []float64{text.Start, 100, text.End, text.Pad, text.Pad, 0, 0, 0, 0, 0}
	a := r.Use(long, model.UseRead, 2, modeltest.Inputs{model.InputTokens: reference.From(tokens, 2, 5)})
	for _, v := range a["embedding"].Data {
		if math.IsNaN(v) {
			t.Fatal("a prompt of padding is not a number")
		}
	}
	places := r.States["ema/text/places/w"]
	r.States["ema/text/places/w"] = reference.From(places.Data[:4*4], 4, 4)
	b := r.Use(short, model.UseRead, 2, modeltest.Inputs{model.InputTokens: reference.From(append(tokens[:4], 0, 0, 0, 0), 2, 4)})
	for i, want := range b["embedding"].Data[:3] {
		if math.Abs(a["embedding"].Data[i]-want) > 1e-12 {
			t.Errorf("one more place of padding gave %v, want %v", a["embedding"].Data[:3], b["embedding"].Data[:3])
		}
	}
	if got := a[model.Present].Data; !slices.Equal(got, []float64{1, 1, 1, 0, 0, 0, 0, 0, 0, 0}) {
		t.Errorf("present is %v", got)
	}
}

// The encoders learn which of two words names which of two colours.
func TestLearns(t *testing.T) {
	m := modeltest.New(t, Family{}, tiny, small)
	r := modeltest.NewRun(t, m, 4, 1)
	in := modeltest.Fill(tiny, 4, 0, .02, 0)
	tokens := reference.New(4, 5)
	x := in[model.InputImages].Data
	each := len(x) / 4
	for i := range 4 {
		m.(model.Worded).Tokenise(make([]float32, 5), "")
		copy(tokens.Data[5*i:], []float64{text.Start, float64(100 + i), text.End, 0, 0})
		for j := range each {
			x[i*each+j] = x[i*each+j]/4 + .75*float64((i>>(j%4%2))&1)
			if j%4 == 3 {
				x[i*each+j] = 1
			}
		}
	}
	in[model.InputTokens] = tokens
	var metrics map[string]float64
	for range 60 {
		metrics = r.Iterate(in)
	}
	if metrics["first"] < .99 || metrics["loss"] > .3 {
		t.Errorf("after 60 steps: %v", metrics)
	}
}
