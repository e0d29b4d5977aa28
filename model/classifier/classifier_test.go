package classifier

import (
	"math"
	"strings"
	"testing"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/graph/reference"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/modeltest"
)

var tiny = model.Pictures{Height: 5, Width: 6, Channels: 2, Classes: []string{"a", "b", "c"}}

func TestConformance(t *testing.T) {
	for name, config := range map[string]string{
		"augmented": `{"channels":[3,4],"features":5,"noise":0.1}`,
		"plain":     `{"channels":[3],"features":5,"noise":0,"shift":0,"dropout":0,"smoothing":0,"decay":0,"ema":0}`,
	} {
		t.Run(name, func(t *testing.T) { modeltest.Conform(t, Family{}, tiny, config) })
	}
}

func TestParameterCount(t *testing.T) {
	p := model.Pictures{Height: 28, Width: 28, Channels: 1, Classes: strings.Fields("0 1 2 3 4 5 6 7 8 9")}
	training, err := modeltest.New(t, Family{}, p, `{}`).Training(2)
	if err != nil {
		t.Fatal(err)
	}
	stage := func(from, to int) int { return 16*from*to + to + 2*(9*to*to+to) }
	want := 9*16 + 16 + stage(16, 32) + stage(32, 64) + 7*7*64*128 + 128 + 128*10 + 10
	if got := modeltest.Parameters(training.States, ""); got != want {
		t.Errorf("%d parameters, want %d", got, want)
	}
}

func TestConfigErrors(t *testing.T) {
	for config, want := range map[string]string{
		`{"widths": [3]}`:           "widths",
		`{"activation": "x"}`:       "activation",
		`{"channels": []}`:          "channels",
		`{"channels": [1,1,1,1,1]}`: "cannot be halved 4 times",
		`{"features": 0}`:           "features",
		`{"smoothing": 1}`:          "smoothing",
		`{"dropout": -1}`:           "dropout",
		`{"shift": 5}`:              "shift",
		`{"noise": -1}`:             "noise",
		`{"ema": 1}`:                "ema",
	} {
		_, err := Family{}.New(tiny, modeltest.Decode(config))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s gave %v, want one line with %q", config, err, want)
		}
	}
	for _, p := range []model.Pictures{{Height: 8, Width: 8, Channels: 1}, {Classes: tiny.Classes}} {
		if _, err := (Family{}).New(p, modeltest.Decode(`{"shift":0}`)); err == nil {
			t.Errorf("pictures %v were accepted", p)
		}
	}
}

func TestCrossEntropy(t *testing.T) {
	g := graph.New()
	l, y := g.Input("l", 2, 3), g.Input("y", 2, 3)
	got, err := reference.Eval([]*graph.Value{crossEntropy(l, y, 0), crossEntropy(l, y, .3)}, reference.Env{Inputs: modeltest.Inputs{
		"l": reference.From([]float64{1, 2, 3, 900, 0, 0}, 2, 3), "y": reference.From([]float64{0, 0, 1, 1, 0, 0}, 2, 3)}})
	if err != nil {
		t.Fatal(err)
	}
	z := math.Log(math.Exp(1) + math.Exp(2) + math.Exp(3))
	first := z - 3
	smooth := .8*(z-3) + .1*(z-1) + .1*(z-2) + .2*900
	for i, want := range []float64{first / 2, smooth / 2} {
		if math.Abs(got[i].Data[0]-want) > 1e-4 {
			t.Errorf("case %d: %v, want %v", i, got[i].Data[0], want)
		}
	}
}

// Each picture moves as a whole, by every distance about equally often.
func TestShifted(t *testing.T) {
	const n, by = 600, 2
	g := graph.New()
	x := reference.New(n, 3, 5, 1)
	for i := range n {
		for r := range 3 {
			x.Data[(i*3+r)*5+2] = float64(r + 1)
		}
	}
	got, err := reference.Eval([]*graph.Value{shifted(g.Input("x", n, 3, 5, 1), 2, by, "s")}, reference.Env{Inputs: modeltest.Inputs{"x": x}})
	if err != nil {
		t.Fatal(err)
	}
	var count [5]int
	for i := range n {
		for at := range 5 {
			if got[0].Data[i*15+at] == 1 {
				count[at]++
				for r := range 3 {
					if got[0].Data[(i*3+r)*5+at] != float64(r+1) {
						t.Fatalf("picture %d was torn: %v", i, got[0].Data[i*15:i*15+15])
					}
				}
			}
		}
	}
	total := 0
	for _, c := range count {
		total += c
		if c < n/5*7/10 {
			t.Errorf("distances were drawn %v times", count)
		}
	}
	if total != n {
		t.Errorf("%d of %d pictures are left", total, n)
	}
}

// The net learns a rule that it can only see in the pictures.
func TestLearns(t *testing.T) {
	p := model.Pictures{Height: 4, Width: 4, Channels: 1, Classes: []string{"dark", "bright"}}
	m := modeltest.New(t, Family{}, p, `{"channels":[3],"features":4,"ema":0}`)
	r := modeltest.NewRun(t, m, 8, 1)
	in := modeltest.Fill(p, 8, 0, .03, 0)
	for i, v := range in[model.InputImages].Data {
		in[model.InputImages].Data[i] = v/2 + .5*float64(i/16%2)
	}
	for range 40 {
		r.Iterate(in)
	}
	logits := r.Use(m, model.UseFeatures, 8, in)["logits"].Data
	for i := range 8 {
		if (logits[2*i+1] > logits[2*i]) != (i%2 == 1) {
			t.Errorf("picture %d has logits %v", i, logits[2*i:2*i+2])
		}
	}
}
