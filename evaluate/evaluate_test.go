package evaluate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image/png"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/limner-ai/limner/dataset"
	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/dataset/shapes"
	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/evaluate/likelihood"
	"github.com/limner-ai/limner/internal/grid"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/classifier"
	"github.com/limner-ai/limner/model/modeltest"
	"github.com/limner-ai/limner/model/trained"
	"github.com/limner-ai/limner/model/vae"
)

var (
	small  = picture.Source{Kind: "shapes", Size: 32, Channels: 3, Count: 200, Seed: 3}
	shaped = model.Pictures{Height: 32, Width: 32, Channels: 3, Classes: shapes.Kinds()}
)

// parrot answers every class with a training picture of it, and reconstructs
// without a fault. Its latents change nothing.
type parrot struct {
	table       *tensor.Tensor // [classes, values]
	conditional bool
}

func (parrot) Config() any                           { return nil }
func (parrot) Training(int) (*model.Training, error) { return nil, errors.New("born wise") }
func (parrot) Uses() []model.Use                     { return []model.Use{model.UseSample, model.UseReconstruct} }
func (p parrot) Build(use model.Use, n int) (*model.Call, error) {
	g := graph.New()
	images := func(v *graph.Value) (*model.Call, error) {
		return &model.Call{Graph: g, Latent: 2, Outputs: []model.Output{{Name: "images", Value: v}}}, nil
	}
	if use == model.UseReconstruct {
		return images(g.Input(model.InputImages, n, 32, 32, 3).MulScalar(1))
	}
	class := g.Input(model.InputLatents, n, 2).Greater(g.Full(1e6)).ReduceSum(1).Squeeze(1) // 0
	if p.conditional {
		class = class.Add(g.Input(model.InputLabels, n))
	}
	return images(graph.Gather(g.Constant(p.table), class).Reshape(n, 32, 32, 3).Mul(g.Input(model.InputTruncate)))
}

func parrotOf(t *testing.T, conditional bool) *trained.Model {
	t.Helper()
	set := openSet(t, small)
	table := tensor.New(len(shaped.Classes), 32*32*3)
	for k := range shaped.Classes {
		for i := range set.Len() {
			if l, _ := set.Item(i, nil); l.Class == k {
				set.Item(i, table.Row(k))
				break
			}
		}
	}
	return manifested(t, parrot{table, conditional}, "parrot", nil)
}

func openSet(t *testing.T, src picture.Source) picture.Set {
	t.Helper()
	set, err := dataset.Open(src)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

var smallRoot = sync.OnceValue(func() picture.Root {
	set, err := dataset.Open(small)
	if err != nil {
		panic(err)
	}
	root, err := picture.Digest(context.Background(), set)
	if err != nil {
		panic(err)
	}
	return root
})

func manifested(t *testing.T, m model.Model, family string, weights map[string]*tensor.Tensor) *trained.Model {
	t.Helper()
	source, err := json.Marshal(small)
	if err != nil {
		t.Fatal(err)
	}
	e := trained.NewCPU(2)
	t.Cleanup(e.Close)
	return trained.New(m, trained.Manifest{Name: "test", Family: family, Pictures: shaped,
		Data: trained.Data{Root: smallRoot().String(), Source: source}}, weights, e)
}

func run(t *testing.T, m *trained.Model, opt Options) (*Report, []grid.Row) {
	t.Helper()
	r, rows, err := Run(context.Background(), m, with(t, opt))
	if err != nil {
		t.Fatal(err)
	}
	return r, rows
}

func with(t *testing.T, opt Options) Options {
	e := trained.NewCPU(2)
	t.Cleanup(e.Close)
	opt.Engine = e
	return opt
}

func TestParrot(t *testing.T) {
	stages := map[string]bool{}
	r, rows := run(t, parrotOf(t, true), Options{Samples: 150, Seed: 5, Progress: func(p Progress) { stages[p.Stage] = true }})
	if r.Samples != 150 || r.Fidelity.N != 150 || r.Data.Train.Pictures != 200 || r.Data.Test.Pictures != 150 || len(r.Notes) > 0 {
		t.Errorf("%+v", r)
	}
	// One picture of each class: the classes are right, but their variety is
	// missing, which coverage, recall and the distance see.
	if a := r.Agreement; a == nil || a.Generated.Value < .8 || a.Generated.N != 150 || a.HeldOut.Value < .8 {
		t.Errorf("agreement %+v", a)
	}
	f := r.Fidelity
	if f.Ratio.Frechet < 2 || f.Gen.Coverage > .5*f.Floor.Coverage || f.Gen.Recall > .5*f.Floor.Recall {
		t.Errorf("fidelity %+v", f)
	}
	if c := r.Coarse; c == nil || c.Ratio < 2 || c.N != 150 || c.Floor <= 0 {
		t.Errorf("coarse %+v", c)
	}
	if c := r.Reconstruction; c == nil || c.MSE > 1e-12 || c.PSNR < 99 || c.Frechet == nil || *c.Frechet > 1e-3 || c.N != 150 || c.Binarised {
		t.Errorf("reconstruction %+v", c)
	}
	if r.Likelihood != nil || r.Accuracy != nil || !r.Features.Classes || len(stages) < 4 {
		t.Errorf("%+v, stages %v", r, stages)
	}

	if c := r.Copying; c == nil || c.N != 150 || c.Share < .99 || c.Worst[0].D1 != 0 {
		t.Errorf("copies of the training pictures: %+v", c)
	}

	// A line for each class, then the copies beside their originals, by features
	// and by looks, and the reconstructions.
	if len(rows) != len(shaped.Classes)+3 {
		t.Fatalf("%d rows", len(rows))
	}
	for i, row := range rows {
		n := 2 * columns
		if i < len(shaped.Classes) {
			n = columns
		}
		if row.Pictures.Shape[0] != n {
			t.Errorf("row %q has %d pictures", row.Title, row.Pictures.Shape[0])
		}
	}
	for _, row := range rows[len(shaped.Classes):] {
		half := len(row.Pictures.Data) / 2
		if !slices.Equal(row.Pictures.Data[:half], row.Pictures.Data[half:]) {
			t.Errorf("%s: the lines differ", row.Title)
		}
	}
	first := rows[0].Pictures
	if !slices.Equal(first.Row(0), first.Row(1)) || slices.Equal(first.Row(columns-1), first.Row(columns-2)) || first.Row(half)[0] != paper {
		t.Error("the first class's line is not generated, gap, real")
	}
	var b bytes.Buffer
	if err := WriteSheet(&b, r, rows); err != nil {
		t.Fatal(err)
	}
	if _, err := png.Decode(&b); err != nil {
		t.Error(err)
	}
}

func TestUnconditional(t *testing.T) {
	r, rows := run(t, parrotOf(t, false), Options{Samples: 40, Truncation: .5})
	if r.Agreement != nil || r.Truncation != .5 || len(rows) != len(shaped.Classes)+3 {
		t.Errorf("%+v, %d rows", r, len(rows))
	}
}

func model32(t *testing.T, f model.Family, config string) *trained.Model {
	m := modeltest.New(t, f, shaped, config)
	training, err := m.Training(1)
	if err != nil {
		t.Fatal(err)
	}
	weights := map[string]*tensor.Tensor{}
	for _, s := range training.States {
		weights[s.Name] = s.New(1)
	}
	return manifested(t, m, f.Name(), weights)
}

const tinyVAE = `{"net":"dense","likelihood":"bernoulli","binarize":"dynamic","hidden":[4],"latent":2}`

func TestVAE(t *testing.T) {
	r, _ := run(t, model32(t, vae.Family{}, tinyVAE), Options{Samples: 20, Draws: 8, Pictures: 10, Seed: 2})
	l := r.Likelihood
	if l == nil || l.Pictures != 10 || l.Draws != 8 || l.Seed != 2 || !l.Binarised || !l.Conditional {
		t.Errorf("likelihood %+v", l)
	}
	if c := r.Reconstruction; !c.Binarised || c.MSE < .1 || math.Abs(c.PSNR+10*math.Log10(c.MSE)) > 1e-9 {
		t.Errorf("reconstruction %+v", c)
	}
	var text, markdown bytes.Buffer
	if err := errors.Join(r.WriteText(&text), r.WriteMarkdown(&markdown)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"−IWAE-8", "10 held-out pictures, each binarised once, given their class", "n = 20", "Fréchet distance", "Fréchet distance at 4×4", "training (floor)", "class agreement", r.Features.Digest[:20]} {
		if !strings.Contains(text.String(), want) || !strings.Contains(markdown.String(), want) {
			t.Errorf("no %q in\n%s\n%s", want, &text, &markdown)
		}
	}
	for i, line := range strings.Split(strings.TrimSpace(markdown.String()), "\n") {
		if line != "" && !strings.HasPrefix(line, "|") {
			t.Errorf("line %d of the tables: %q", i, line)
		}
	}
	encoded, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var back Report
	if err := json.Unmarshal(encoded, &back); err == nil && back.Likelihood.IWAE != l.IWAE {
		t.Errorf("JSON lost something: %s", encoded)
	}
	again, _ := run(t, model32(t, vae.Family{}, tinyVAE), Options{Samples: 20, Draws: 8, Pictures: 10, Seed: 2})
	if *again.Fidelity != *r.Fidelity || again.Likelihood.IWAE != l.IWAE || again.Reconstruction.MSE != r.Reconstruction.MSE {
		t.Error("the same seed measures something else")
	}
	if none, _ := run(t, model32(t, vae.Family{}, tinyVAE), Options{Samples: 20, Draws: -1}); none.Likelihood != nil {
		t.Error("the bound was measured unasked")
	}
}

// The default number of pictures keeps within the budget, but not below the
// fewest.
func TestPicturesInBudget(t *testing.T) {
	m := model32(t, vae.Family{}, tinyVAE)
	flops, err := likelihood.FLOPs(m.Model)
	if err != nil || flops < 2*4*3072 || flops > 40*3072 {
		t.Fatalf("a draw costs %v, %v", flops, err)
	}
	for draws, want := range map[int]int{int(budget / flops / 150): 150, int(budget / flops): fewestBounded, 10: 1} {
		if got := inBudget(flops, draws); got < want || want > 1 && got > want+1 {
			t.Errorf("%d pictures of %d draws, want %d", got, draws, want)
		}
	}
}

func TestStoppedInTheBound(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	r, rows, err := Run(ctx, model32(t, vae.Family{}, tinyVAE), with(t, Options{Samples: 30, Draws: 4, Progress: func(p Progress) {
		if p.Stage == "bounding the likelihood" && p.Done == 16 {
			cancel()
		}
	}}))
	if !errors.Is(err, context.Canceled) || r.Likelihood == nil || r.Likelihood.Pictures != 24 || r.Fidelity == nil || len(rows) == 0 {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestClassifier(t *testing.T) {
	r, rows := run(t, model32(t, classifier.Family{}, `{"channels":[2],"features":3}`), Options{Samples: 50})
	if r.Accuracy == nil || r.Accuracy.N != 50 || r.Accuracy.Value > .5 || r.Fidelity != nil || len(rows) > 0 {
		t.Errorf("%+v", r)
	}
	var b bytes.Buffer
	if err := r.WriteText(&b); err != nil || !strings.Contains(b.String(), "of 50 held-out pictures") {
		t.Errorf("%s, %v", &b, err)
	}
}

func TestNotes(t *testing.T) {
	m := parrotOf(t, true)
	m.Manifest.Data.Root = "sha256:another"
	few, _ := run(t, m, Options{Samples: 5})
	if len(few.Notes) != 2 || !strings.Contains(few.Notes[0], "have changed") || !strings.Contains(few.Notes[1], "too few") || few.Fidelity != nil || few.Coarse != nil {
		t.Errorf("notes %q", few.Notes)
	}
}

func TestErrors(t *testing.T) {
	other := func(change func(*picture.Source)) *picture.Source {
		src := small
		change(&src)
		return &src
	}
	m := parrotOf(t, true)
	for want, opt := range map[string]Options{
		"none are held out":     {Source: other(func(s *picture.Source) { s.Split = picture.All })},
		"--data names another":  {Source: other(func(s *picture.Source) { s.Kind, s.Path = "idx", "nowhere" })},
		"not negative":          {Samples: -1},
		"there is no model at":  {Features: "nowhere"},
		"evaluating test: data": {Source: other(func(s *picture.Source) { s.Vary = []string{"taste"} })},
	} {
		_, _, err := Run(context.Background(), m, with(t, opt))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	m.Manifest.Data.Source = nil
	if _, _, err := Run(context.Background(), m, with(t, Options{})); err == nil || !strings.Contains(err.Error(), "--data") {
		t.Errorf("error %v", err)
	}
	m = parrotOf(t, true)
	m.Manifest.Pictures.Classes = []string{"x", "y"}
	if _, _, err := Run(context.Background(), m, with(t, Options{})); err == nil || !strings.Contains(err.Error(), "classes") {
		t.Errorf("error %v", err)
	}
}

func TestChoose(t *testing.T) {
	set := openSet(t, small)
	var counts [200]int
	for seed := range uint64(400) {
		some := choose(set, 50, seed)
		if some.Len() != 50 {
			t.Fatalf("%d pictures", some.Len())
		}
		last := -1
		for _, i := range some.(*subset).index {
			if i <= last {
				t.Fatalf("order %v", some.(*subset).index)
			}
			last = i
			counts[i]++
		}
	}
	for i, c := range counts { // 100 ± 8.7
		if c < 60 || c > 140 {
			t.Errorf("picture %d was chosen %d times", i, c)
		}
	}
	if all := choose(set, 200, 1); all != set {
		t.Error("all pictures are not the set")
	}
	some := choose(set, 3, 1).(*subset)
	a, b := make([]float32, 32*32*3), make([]float32, 32*32*3)
	some.Item(1, a)
	set.Item(some.index[1], b)
	if !slices.Equal(a, b) || some.Name(1) != fmt.Sprintf("train/%d", some.index[1]) {
		t.Error("the subset shows other pictures")
	}
}
