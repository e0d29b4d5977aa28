package train

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model/trained"
	"github.com/limner-ai/limner/nn"
)

// oneLine fails unless err is a line that holds every one of the texts.
func wantLine(t *testing.T, err error, texts ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	for _, s := range texts {
		if !strings.Contains(err.Error(), s) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q is not one line with %q", err, s)
		}
	}
}

func short(t *testing.T) Config {
	c := config(t, models["vae"])
	c.Train.Steps, c.Train.Schedule, c.Every = 6, Schedule{Kind: "constant"}, Every{Log: 2, Checkpoint: 2}
	return c
}

func train(t *testing.T, c Config) {
	t.Helper()
	if _, err := Run(context.Background(), c, options()); err != nil {
		t.Fatal(err)
	}
}

func resume(c Config) error {
	opt := options()
	opt.Resume = true
	_, err := Run(context.Background(), c, opt)
	return err
}

func TestNoRunIsLost(t *testing.T) {
	c := short(t)
	train(t, c)
	_, err := Run(context.Background(), c, options())
	wantLine(t, err, c.Out, "--resume", "--overwrite")
	if all, _ := checkpoints(c.Out); len(all) != 2 {
		t.Error("checkpoints are gone")
	}
	opt := options()
	opt.Overwrite = true
	bad := c
	bad.Train.Batch = 1000
	if _, err := Run(context.Background(), bad, opt); err == nil {
		t.Error("a batch larger than the set")
	}
	if all, _ := checkpoints(c.Out); len(all) != 2 {
		t.Error("a run that could not begin has cleared the folder")
	}
	c.Train.Steps = 3
	if _, err := Run(context.Background(), c, opt); err != nil {
		t.Error(err)
	}
	if all, _ := checkpoints(c.Out); len(all) != 2 || all[1] != checkpointPath(c.Out, 3) {
		t.Error(all)
	}
	c.Out = filepath.Join(t.TempDir(), "nothing")
	wantLine(t, resume(c), "no checkpoint", "without --resume")
}

func TestChangesThatMatterAreRefused(t *testing.T) {
	c := short(t)
	interrupted(t, c, options(), 3)
	for key, change := range map[string]func(*Config){
		"train.rate":            func(c *Config) { c.Train.Rate = .5 },
		"train.batch":           func(c *Config) { c.Train.Batch = 4 },
		"train.seed":            func(c *Config) { c.Train.Seed = 9 },
		"train.schedule.warmup": func(c *Config) { c.Train.Schedule.Warmup = 2 },
		"train.steps":           func(c *Config) { c.Train.Steps = 7 }, // the model reads progress
		"data.flip":             func(c *Config) { c.Data.Flip = false },
		"data.count":            func(c *Config) { c.Data.Count = 23 },
		"data.balance":          func(c *Config) { c.Data.Balance = byClass },
		"model.latent": func(c *Config) {
			c.Model, _ = NewSection("family", "vae", map[string]any{"net": "dense", "hidden": []int{6}, "latent": 3, "warmup": .5})
		},
	} {
		other := c
		change(&other)
		wantLine(t, resume(other), key)
	}
	other := c
	other.Name, other.Place, other.Every, other.Keep, other.Train.Threads = "new name", "elsewhere", Every{Log: 1}, 5, 1
	if err := resume(other); err != nil {
		t.Errorf("changes that do not matter: %v", err)
	}
}

func TestALongerRun(t *testing.T) {
	text := strings.Replace(models["vae"], ", warmup: 0.5", "", 1)
	long := config(t, text)
	long.Train.Steps, long.Train.Schedule, long.Every = 6, Schedule{Kind: "constant"}, Every{Log: 1}
	train(t, long)
	c := long
	c.Out = filepath.Join(t.TempDir(), "run")
	c.Train.Steps = 4
	train(t, c)
	c.Train.Steps = 6
	if err := resume(c); err != nil {
		t.Fatal(err)
	}
	want, _ := finished(t, long.Out)
	got, _ := finished(t, c.Out)
	for name, w := range want {
		for i := range w.Data {
			if got[name].Data[i] != w.Data[i] {
				t.Fatalf("%s differs", name)
			}
		}
	}
}

func TestDamagedCheckpoint(t *testing.T) {
	c := short(t)
	interrupted(t, c, options(), 5)
	path := checkpointPath(c.Out, 5)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	os.WriteFile(path, whole[:len(whole)-7], 0o644)
	var progress strings.Builder
	opt := options()
	opt.Resume, opt.Progress = true, &progress
	if _, err := Run(context.Background(), c, opt); err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{path, "of step 4", "resuming after step 4 of 6"} {
		if !strings.Contains(progress.String(), s) {
			t.Errorf("%q is not in %q", s, progress.String())
		}
	}
	all, _ := checkpoints(c.Out)
	for _, path := range all {
		os.WriteFile(path, []byte("nothing"), 0o644)
	}
	wantLine(t, resume(c), "no checkpoint", "is sound")
}

// spoilt is an engine whose results stop being numbers at a step.
type spoilt struct {
	trained.Engine
	step  uint32
	state string // a state that becomes NaN, or else the first metric
}

type spoiltExe struct {
	trained.Executable
	spoilt
	states map[string]*tensor.Tensor
	now    uint32
}

func (e spoilt) Load(outputs []*graph.Value, updates []nn.Update, states map[string]*tensor.Tensor) (trained.Executable, error) {
	exe, err := e.Engine.Load(outputs, updates, states)
	return &spoiltExe{Executable: exe, spoilt: e, states: states}, err
}

func (e *spoiltExe) Run(seed uint64, step uint32) error {
	e.now = step
	err := e.Executable.Run(seed, step)
	if step >= e.step && e.state != "" {
		e.states[e.state].Data[0] = float32(math.NaN())
	}
	return err
}

func (e *spoiltExe) Output(i int) *tensor.Tensor {
	t := e.Executable.Output(i)
	if e.now >= e.step && e.state == "" && i == 0 {
		t = tensor.Scalar(float32(math.Inf(1)))
	}
	return t
}

func TestDivergenceKeepsTheLastCheckpoint(t *testing.T) {
	for _, c := range []struct {
		engine spoilt
		want   []string
	}{
		{spoilt{cpu, 4, ""}, []string{"step 5: loss is +Inf"}},
		{spoilt{cpu, 3, "any"}, []string{"step 4: the weights", "hold NaN"}},
	} {
		cfg := short(t)
		cfg.Every.Checkpoint = 3
		if c.engine.state != "" {
			whole := short(t)
			train(t, whole)
			states, _ := finished(t, whole.Out)
			for name := range states { // any one
				c.engine.state = name
			}
		}
		opt := options()
		opt.Engine = c.engine
		_, err := Run(context.Background(), cfg, opt)
		wantLine(t, err, append(c.want, "step-00000003.safetensors")...)
		var diverged *DivergedError
		if !errors.As(err, &diverged) {
			t.Error(err)
		}
		all, _ := checkpoints(cfg.Out)
		if len(all) != 1 {
			t.Fatal(all)
		}
		if err := resume(cfg); err != nil {
			t.Error("the checkpoint that is left cannot be used:", err)
		}
	}
}

func TestWatch(t *testing.T) {
	w := newWatch(Guard{Factor: 3, Window: 20, Steps: 5})
	for i := range 100 {
		if err := w.see(i, "loss", 1+.1*float64(i%7)); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 4 { // a spike is forgiven
		if err := w.see(i, "loss", 100); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.see(0, "loss", 1); err != nil {
		t.Fatal(err)
	}
	var err error
	for i := range 5 {
		if err != nil {
			t.Fatal("too early")
		}
		err = w.see(200+i, "loss", 100)
	}
	wantLine(t, err, "step 204", "loss is 100", "running median", "train.rate")

	w = newWatch(Guard{Factor: 3, Window: 20, Steps: 5})
	for i := range 50 { // below the least median nothing is high
		if err := w.see(i, "loss", .001*float64(1+i)); err != nil {
			t.Fatal(err)
		}
		if err := w.see(i, "share", math.NaN()); err != nil {
			t.Fatal("not a loss")
		}
	}
	wantLine(t, w.see(7, "loss/kl", math.NaN()), "step 7", "loss/kl is NaN")
	off := newWatch(Guard{Window: 2, Steps: 1})
	for i := range 50 {
		if err := off.see(i, "loss", math.Pow(10, float64(i))); err != nil {
			t.Fatal(err)
		}
	}
}

func TestFullDisk(t *testing.T) {
	c := short(t)
	interrupted(t, c, options(), 2)
	before, err := os.ReadFile(checkpointPath(c.Out, 2))
	if err != nil {
		t.Fatal(err)
	}
	// A folder in the place of the next file fails as late as a full disk.
	if err := os.Mkdir(checkpointPath(c.Out, 4), 0o755); err != nil {
		t.Fatal(err)
	}
	os.WriteFile(filepath.Join(checkpointPath(c.Out, 4), "x"), nil, 0o644)
	c.Keep = 9
	wantLine(t, resume(c), "cannot", "step-00000004")
	os.RemoveAll(checkpointPath(c.Out, 4))
	after, err := os.ReadFile(checkpointPath(c.Out, 2))
	if err != nil || string(before) != string(after) {
		t.Error("the earlier checkpoint is touched:", err)
	}
	if err := resume(c); err != nil {
		t.Error(err)
	}
}

func TestBadModels(t *testing.T) {
	for text, want := range map[string]string{
		"model: {family: vea}": `unknown family "vea"; did you mean "vae"?`,
		"model: {}":            "model.family",
		"model: {family: vae, net: dense, laten: 3}":   `line 4: unknown key "laten"; did you mean "latent"?`,
		"model: {family: vae, net: dense, latent: -2}": "latent",
	} {
		c := config(t, strings.Replace(models["vae"], "model: {family: vae, net: dense, hidden: [6], latent: 2, warmup: 0.5}", text, 1))
		_, err := Run(context.Background(), c, options())
		wantLine(t, err, want)
		if _, err := Resolve(c, Options{Families: families}); err == nil {
			t.Error("resolved")
		}
	}
	c := config(t, models["vae"])
	c.Train.Batch = 1000
	_, err := Run(context.Background(), c, options())
	wantLine(t, err, "batch")
}

func TestResolveFillsEverythingIn(t *testing.T) {
	c, err := Resolve(config(t, models["vae"]), Options{Families: families})
	if err != nil {
		t.Fatal(err)
	}
	text, err := c.YAML()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"activation: tanh", "split: train", "factor: 50", "beta: 1"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
}

func TestNoGoroutineIsLeft(t *testing.T) {
	before := runtime.NumGoroutine()
	train(t, short(t))
	c := short(t)
	c.Train.Batch = 1000
	Run(context.Background(), c, options())
	interrupted(t, short(t), options(), 2)
	for range 50 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d goroutines, %d before", runtime.NumGoroutine(), before)
}
