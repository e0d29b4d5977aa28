package flow

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
	tiny   = model.Pictures{Height: 4, Width: 6, Channels: 2}
	family = Family{Autoencoders: []model.Family{folding{}}, Encoders: []model.Family{spelling{}}}
)

const (
	autoencoder = `"autoencoder":{"from":"a","family":"folding","config":{"z":3},"pictures":{"height":4,"width":6,"channels":2}}`
	words       = `"words":{"from":"w","family":"spelling","config":{"d":4}}`
	net         = `"channels":8,"layers":2,"heads":2,"ratio":1.5`
)

func TestConform(t *testing.T) {
	for name, config := range map[string]string{
		"wordless": "{" + autoencoder + "," + net + "}",
		"worded":   "{" + autoencoder + "," + words + "," + net + `,"half_life":100,"optimiser":"muon","decay":0.1}`,
		"shortcut": "{" + autoencoder + "," + words + "," + net + `,"shortcut":0.5,"clip":0,"drop":0.5}`,
		"frozen":   "{" + autoencoder + "," + words + "," + net + `,"freeze_words":true}`,
		"plain":    "{" + autoencoder + "," + words + "," + net + `,"half_life":0,"drop":0}`,
	} {
		t.Run(name, func(t *testing.T) { modeltest.Conform(t, family, tiny, config) })
	}
}

func TestRefusals(t *testing.T) {
	for config, want := range map[string]string{
		`{}`:                           "autoencoder: name the autoencoder",
		`{"autoencoder":{"from":"a"}}`: "name the model file",
		"{" + strings.Replace(autoencoder, "folding", "spelling", 1) + "}":               "does not fit",
		"{" + strings.Replace(autoencoder, `"height":4`, `"height":8`, 1) + "}":          "8×6×2",
		"{" + autoencoder + `,"words":{"from":"w","family":"folding","config":{"z":3}}}`: "does not fit",
		"{" + autoencoder + `,"channels":10,"heads":3}`:                                  "heads",
		"{" + autoencoder + `,"ratio":0}`:                                                "ratio",
		"{" + autoencoder + `,"drop":1}`:                                                 "drop",
		"{" + autoencoder + `,"shortcut":-1}`:                                            "shortcut",
		"{" + autoencoder + `,"optimiser":"sgd"}`:                                        "sgd",
		"{" + autoencoder + `,"clip":-1}`:                                                "clip",
	} {
		if _, err := family.New(tiny, modeltest.Decode(config)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", config, err, want)
		}
	}
	m := modeltest.New(t, family, tiny, "{"+autoencoder+","+net+`,"shortcut":0.1}`)
	if _, err := m.Training(4); err == nil || !strings.Contains(err.Error(), "shortcut") {
		t.Errorf("no picture for long steps: %v", err)
	}
}

func TestParts(t *testing.T) {
	parts, err := family.Parts(modeltest.Decode("{" + autoencoder + "," + words + "}"))
	if err != nil || len(parts) != 2 || parts["autoencoder"].From != "a" || parts["words"].From != "w" {
		t.Errorf("%v, %v", parts, err)
	}
	if parts, err = family.Parts(modeltest.Decode("{" + autoencoder + "}")); err != nil || len(parts) != 1 {
		t.Errorf("%v, %v", parts, err)
	}
}

// The loss at the start, where the net says 0, is the mean square of what it
// should say, ε − x, and each kind of picture of a batch is counted apart.
func TestLossAtStart(t *testing.T) {
	m := modeltest.New(t, family, tiny, "{"+autoencoder+","+words+","+net+`,"shortcut":0.5}`)
	const batch = 64
	r := modeltest.NewRun(t, m, batch, 3)
	in := modeltest.FillFor(m, tiny, batch, 0, 0, 0)
	codes := in[model.InputCodes]
	for i := range codes.Data {
		codes.Data[i] = 2 // of mean and standard deviation
	}
	got := r.Iterate(in)
	// E(ε − 2 − 2ε')² = 1 + 4 + 4
	if v := got["loss/flow"]; math.Abs(v-9) > .6 {
		t.Errorf("the loss of the flow is %v, want 9", v)
	}
	if v := got["loss/shortcut"]; v != 0 {
		t.Errorf("two steps of nothing make one of nothing, but the loss is %v", v)
	}
}

// Half of the times lie beyond the middle; with a shift of 3, three quarters of
// the way is where half of them lie beyond (Esser et al. 2024, figure 6).
func TestShift(t *testing.T) {
	g := graph.New()
	times := g.Input("t", 5)
	got, err := reference.Eval([]*graph.Value{shifted(times, 3)}, reference.Env{Inputs: map[string]reference.Array{"t": {Shape: times.Shape(), Data: []float64{0, .25, .5, .75, 1}}}})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{0, .5, .75, .9, 1} {
		if math.Abs(got[0].Data[i]-want) > 1e-6 {
			t.Errorf("%d: %v, want %v", i, got[0].Data[i], want)
		}
	}
}

// Of what pulls, nothing is left along the picture, and nothing is lost across it.
func TestAcross(t *testing.T) {
	g := graph.New()
	pull, clean := g.Input("pull", 2, 1, 1, 2), g.Input("clean", 2, 1, 1, 2)
	got, err := reference.Eval([]*graph.Value{across(pull, clean)}, reference.Env{Inputs: map[string]reference.Array{
		"pull":  {Shape: pull.Shape(), Data: []float64{3, 4, 5, 6}},
		"clean": {Shape: clean.Shape(), Data: []float64{0, 2, 0, 0}}, // nothing has no direction
	}})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{3, 0, 5, 6} {
		if math.Abs(got[0].Data[i]-want) > 1e-6 {
			t.Errorf("%v, want %v at %d", got[0].Data, want, i)
		}
	}
}

// perfect are the velocities of a world with a single picture, v = (x_t − x)/t,
// for which every long step is the mean of its halves.
func TestShortcutTimes(t *testing.T) {
	m := modeltest.New(t, family, tiny, "{"+autoencoder+","+net+`,"shortcut":0.5}`).(*flow)
	g := graph.New()
	s := nn.NewScope(g)
	const k = 200
	x := g.Input("x", k, m.h, m.w, m.z)
	far := m.shortcut(s, x, g.Normal("noise", x.Shape()...), reading{})
	zero := reference.New(k, m.h, m.w, m.z)
	states := map[string]reference.Array{}
	for _, st := range s.States() {
		states[st.Name] = reference.FromTensor(st.New(1))
	}
	got, err := reference.Eval([]*graph.Value{far.t, far.stride}, reference.Env{Inputs: map[string]reference.Array{"x": zero}, States: states, Seed: 5})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[int]int{}
	ends := 0
	for i := range k {
		at, stride := got[0].Data[i], got[1].Data[i]
		n := at / stride
		if math.Abs(n-math.Round(n)) > 1e-4 || n < .5 || at > 1+1e-6 {
			t.Fatalf("a step of %v begins at %v", stride, at)
		}
		seen[int(math.Round(math.Log2(stride)))]++
		if math.Round(n) == 1 {
			ends++
		}
	}
	for level := -5; level <= 0; level++ {
		if c := seen[level]; c < 15 || c > 60 {
			t.Errorf("%d of %d steps of length 2^%d", c, k, level)
		}
	}
	if len(seen) != 6 || ends < seen[0] {
		t.Errorf("steps %v, %d of them the last", seen, ends)
	}
}

// Words that are not there do not matter, others do.
func TestPresence(t *testing.T) {
	m := modeltest.New(t, family, tiny, "{"+autoencoder+","+words+","+net+`,"half_life":0}`)
	r := modeltest.NewRun(t, m, 3, 1)
	in := modeltest.FillFor(m, tiny, 3, 0, .1, 0)
	for range 3 { // gates begin at zero
		r.Iterate(in)
	}
	before := r.Use(m, model.UseVelocity, 3, in)["velocity"]
	for i, p := range in[model.Present].Data {
		if p == 0 {
			for k := range 4 {
				in[model.States].Data[4*i+k] += 5
			}
		}
	}
	same := r.Use(m, model.UseVelocity, 3, in)["velocity"]
	in[model.States].Data[0] += 5
	other := r.Use(m, model.UseVelocity, 3, in)["velocity"]
	row := len(before.Data) / 3
	for i := range before.Data {
		if before.Data[i] != same.Data[i] {
			t.Fatal("filling changed the velocity")
		}
		if i >= row && before.Data[i] != other.Data[i] {
			t.Fatal("the prompt of one picture changed another")
		}
	}
	if before.Data[0] == other.Data[0] {
		t.Error("the prompt does not matter")
	}
}
