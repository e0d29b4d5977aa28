package train

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/trained"
	"github.com/limner-ai/limner/nn"
)

// recorder notes which program ran at which step on which pictures.
type recorder struct {
	trained.Engine
	programs int
	runs     []ran
}

type ran struct {
	program int
	step    uint32
	images  float32 // their sum
	rate    float32
}

type recorded struct {
	trained.Executable
	recorder *recorder
	program  int
}

func (r *recorder) Load(outputs []*graph.Value, updates []nn.Update, states map[string]*tensor.Tensor) (trained.Executable, error) {
	exe, err := r.Engine.Load(outputs, updates, states)
	r.programs++
	return &recorded{exe, r, r.programs - 1}, err
}

func (e *recorded) Run(seed uint64, step uint32) error {
	run := ran{program: e.program, step: step}
	for _, v := range e.Input(model.InputImages).Data {
		run.images += v
	}
	run.rate = e.Input(model.InputRate).Data[0]
	e.recorder.runs = append(e.recorder.runs, run)
	return e.Executable.Run(seed, step)
}

func TestStepsRunInOrderOnTheirBatches(t *testing.T) {
	// The relativistic generator looks at pictures too.
	c := config(t, strings.Replace(models["gan"], "lazy", "loss: relativistic, lazy", 1)) // discriminator, a regulariser at every third iteration, generator on a fresh batch
	c.Train.Steps, c.Every = 7, Every{}
	r := &recorder{Engine: cpu}
	opt := options()
	opt.Engine = r
	if _, err := Run(context.Background(), c, opt); err != nil {
		t.Fatal(err)
	}
	var got, want []string
	for _, run := range r.runs {
		got = append(got, fmt.Sprint(run.program, "@", run.step))
	}
	for i := range 7 {
		for p := range 3 {
			if p != 1 || i%3 == 0 {
				want = append(want, fmt.Sprint(p, "@", i))
			}
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("ran %v, want %v", got, want)
	}
	if r.runs[0].images != r.runs[1].images {
		t.Error("the regulariser has other pictures than the discriminator")
	}
	if r.runs[0].images == r.runs[2].images || r.runs[3].images == r.runs[2].images {
		t.Error("a step that wants fresh pictures has old ones")
	}
	if first, last := r.runs[0].rate, r.runs[len(r.runs)-1].rate; first <= last || last != 0 {
		t.Errorf("the rate goes from %v to %v", first, last)
	}
}

func TestStatesBeginAtTheirNames(t *testing.T) {
	begin := func(seed uint64) map[string]*tensor.Tensor {
		r := &run{cfg: Defaults()}
		r.cfg.Train.Seed = seed
		normal := nn.Normal(1)
		r.initialise(&model.Training{States: []nn.State{
			{Name: "a", Shape: tensor.S(4), Init: normal}, {Name: "b", Shape: tensor.S(4), Init: normal},
			{Name: "a", Shape: tensor.S(4), Init: nn.Zeros}, // once more, of another step
		}})
		if len(r.names) != 2 {
			t.Errorf("states: %v", r.names)
		}
		return r.states
	}
	one, same, other := begin(1), begin(1), begin(2)
	if !slices.Equal(one["a"].Data, same["a"].Data) || slices.Equal(one["a"].Data, other["a"].Data) || slices.Equal(one["a"].Data, one["b"].Data) {
		t.Error(one["a"].Data, same["a"].Data, other["a"].Data, one["b"].Data)
	}
}

func folderOf(t *testing.T, shade uint8) string {
	t.Helper()
	dir := t.TempDir()
	for i := range 12 {
		img := image.NewGray(image.Rect(0, 0, 16, 16))
		for p := range img.Pix {
			img.Pix[p] = uint8(i*p) + shade
		}
		img.SetGray(0, 0, color.Gray{Y: uint8(i)})
		f, err := os.Create(filepath.Join(dir, fmt.Sprintf("%d.png", i)))
		if err != nil {
			t.Fatal(err)
		}
		if err := png.Encode(f, img); err != nil {
			t.Fatal(err)
		}
		f.Close()
	}
	return dir
}

func TestOtherPicturesAreRefused(t *testing.T) {
	c := short(t)
	c.Data = Data{Source: picture.Source{Kind: "folder", Path: folderOf(t, 0), Split: picture.All, Size: 16, Channels: 1}}
	interrupted(t, c, options(), 3)
	c.Data.Path = folderOf(t, 1)
	wantLine(t, resume(c), "data: the pictures are not those", "sha256:")
	c.Data.Path = folderOf(t, 0) // elsewhere, but the same
	if err := resume(c); err != nil {
		t.Error(err)
	}
}

func TestMetricsOutliveAResumption(t *testing.T) {
	c := short(t)
	c.Every = Every{Log: 2, Checkpoint: 2}
	interrupted(t, c, options(), 3)
	c.Every.Log = 0 // nothing is measured any more
	opt := options()
	opt.Resume = true
	res, err := Run(context.Background(), c, opt)
	if err != nil || res.Metrics["loss"] == 0 {
		t.Error(res.Metrics, err)
	}
}

func TestASetWithoutATestSplit(t *testing.T) {
	dir := folderOf(t, 0)
	test := short(t)
	test.Every.Validate = 2
	test.Data = Data{Source: picture.Source{Kind: "folder", Path: dir, Size: 16, Channels: 1, Holdout: 1e-9}}
	var progress strings.Builder
	opt := options()
	opt.Progress = &progress
	if _, err := Run(context.Background(), test, opt); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(progress.String(), "no validation: ") {
		t.Errorf("%q", progress.String())
	}
}

func TestThreadsDoNotMatter(t *testing.T) {
	for name, text := range models {
		var states [2]map[string]*tensor.Tensor
		for i, threads := range []int{1, 3} {
			engine := trained.NewCPU(threads)
			c := config(t, text)
			c.Train.Steps, c.Every = 9, Every{}
			opt := options()
			opt.Engine = engine
			_, err := Run(context.Background(), c, opt)
			engine.Close()
			if err != nil {
				t.Fatal(err)
			}
			states[i], _ = finished(t, c.Out)
		}
		for state, want := range states[0] {
			if !slices.Equal(states[1][state].Data, want.Data) {
				t.Errorf("%s: %s depends on the number of threads", name, state)
			}
		}
	}
}
