package train

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/gan"
	"github.com/limner-ai/limner/model/trained"
	"github.com/limner-ai/limner/model/vae"
)

var families = []model.Family{vae.Family{}, gan.Family{}}

var cpu = trained.NewCPU(2)

// models are run files of one tiny model a family.
var models = map[string]string{
	"gan": `
name: tiny
data: {kind: shapes, size: 16, channels: 3, count: 24}
model: {family: gan, arch: dcgan, channels: [8, 4], latent: 3, lazy: 3, beta2_final: 0.999}
train: {batch: 5, steps: 60, schedule: {kind: linear}}
every: {log: 7, sample: 0, checkpoint: 11}
`,
	"vae": `
name: tiny
data: {kind: shapes, size: 16, channels: 1, count: 24, flip: true}
model: {family: vae, net: dense, hidden: [6], latent: 2, warmup: 0.5}
train: {batch: 5, steps: 60, rate: 0.01, schedule: {kind: cosine, warmup: 7}}
every: {log: 7, sample: 40, checkpoint: 11, validate: 25, pictures: 6}
`,
}

func config(t *testing.T, text string) Config {
	t.Helper()
	c, err := parsed(t, text)
	if err != nil {
		t.Fatal(err)
	}
	c.Out = filepath.Join(t.TempDir(), "run")
	return c
}

func options() Options { return Options{Families: families, Engine: cpu, plain: true} }

// interrupted runs until an iteration and then cancels.
func interrupted(t *testing.T, c Config, opt Options, after int) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	opt.Each = func(done, _ int, _ map[string]float64) {
		if done == after {
			cancel()
		}
	}
	_, err := Run(ctx, c, opt)
	var stop *InterruptedError
	if !errors.As(err, &stop) || stop.Step != after {
		t.Fatalf("interrupted after %d: %v", after, err)
	}
}

// sameStates holds that every state has the bits that it should have.
func sameStates(t *testing.T, got, want map[string]*tensor.Tensor) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d states, want %d", len(got), len(want))
	}
	for name, w := range want {
		for i, x := range w.Data {
			if got[name].Data[i] != x {
				t.Fatalf("%s[%d] is %v, want %v", name, i, got[name].Data[i], x)
			}
		}
	}
}

// finished is what a run leaves: its states and the lines of its log without
// what a clock says.
func finished(t *testing.T, out string) (map[string]*tensor.Tensor, []map[string]any) {
	t.Helper()
	file, c, damaged, err := latest(out)
	if err != nil || file == nil || len(damaged) > 0 {
		t.Fatal(file, damaged, err)
	}
	defer file.Close()
	if c.Iteration != c.Total {
		t.Fatalf("the last checkpoint is of step %d of %d", c.Iteration, c.Total)
	}
	states, err := file.Tensors()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(out, historyFile))
	if err != nil {
		t.Fatal(err)
	}
	var lines []map[string]any
	for l := range bytes.Lines(text) {
		var m map[string]any
		if err := json.Unmarshal(l, &m); err != nil {
			t.Fatal(err)
		}
		for _, clock := range []string{"time", "speed/images", "wait/data"} {
			delete(m, clock)
		}
		lines = append(lines, m)
	}
	return states, lines
}

func TestResumeIsBitExact(t *testing.T) {
	for name, text := range models {
		t.Run(name, func(t *testing.T) {
			whole := config(t, text)
			res, err := Run(context.Background(), whole, options())
			if err != nil {
				t.Fatal(err)
			}
			if res.Iterations != 60 || len(res.Metrics) == 0 {
				t.Errorf("%+v", res)
			}
			parts := config(t, text)
			interrupted(t, parts, options(), 30)
			opt := options()
			opt.Resume = true
			if _, err := Run(context.Background(), parts, opt); err != nil {
				t.Fatal(err)
			}
			want, wantLines := finished(t, whole.Out)
			got, gotLines := finished(t, parts.Out)
			sameStates(t, got, want)
			moved := false
			for _, w := range want {
				moved = moved || slices.ContainsFunc(w.Data, func(x float32) bool { return x != 0 })
			}
			if !moved || len(want) < 5 {
				t.Error("nothing was learnt")
			}
			a, _ := json.Marshal(wantLines)
			b, _ := json.Marshal(gotLines)
			if !bytes.Equal(a, b) || len(wantLines) < 9 {
				t.Errorf("the log is\n%s\nwant\n%s", b, a)
			}
		})
	}
}

func TestFilesOfARun(t *testing.T) {
	c := config(t, models["vae"])
	c.Place = "a desk"
	var progress bytes.Buffer
	opt := options()
	opt.Progress = &progress
	if _, err := Run(context.Background(), c, opt); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		"run.yaml", "metrics.jsonl", "model.safetensors", "samples/step-000040.png", "samples/step-000060.png",
		"samples/latest.png", "samples/reconstructions-000040.png", "samples/latest-reconstructions.png",
		"checkpoints/step-00000055.safetensors", "checkpoints/step-00000060.safetensors",
	} {
		if st, err := os.Stat(filepath.Join(c.Out, name)); err != nil || st.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if all, _ := checkpoints(c.Out); len(all) != 2 {
		t.Errorf("%d checkpoints are kept: %v", len(all), all)
	}
	for _, path := range []string{c.Out, checkpointPath(c.Out, 60)} {
		m, err := trained.Open(path, families, cpu)
		if err != nil {
			t.Fatal(err)
		}
		made := m.Manifest.Made
		if m.Manifest.Name != "tiny" || made.Place != "a desk" || made.Iterations != 60 || made.Images != 300 || made.Seed != 1 ||
			!strings.HasPrefix(m.Manifest.Data.Root, "sha256:") || m.Manifest.Data.Pictures != 24 || m.Digest == "" {
			t.Errorf("%+v", m.Manifest)
		}
		if _, ok := m.Manifest.Metrics["validate/elbo"]; !ok {
			t.Errorf("metrics: %v", m.Manifest.Metrics)
		}
		z, err := m.Latent()
		if err != nil || z != 2 {
			t.Errorf("%d latents, %v", z, err)
		}
	}
	again, err := ReadConfig(filepath.Join(c.Out, configFile))
	if err != nil || again.Model.node == nil {
		t.Error(err)
	}
	if !strings.Contains(progress.String(), "step 60/60  100%") {
		t.Errorf("%q", progress.String())
	}
}
