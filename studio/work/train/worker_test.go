package train

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/limner-ai/limner/dataset"
	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/internal/home"
	"github.com/limner-ai/limner/model/box"
	"github.com/limner-ai/limner/model/family"
	"github.com/limner-ai/limner/model/trained"
	"github.com/limner-ai/limner/studio/jobs"
	"github.com/limner-ai/limner/studio/work/place"
)

// tiny is a run of seconds.
const tiny = `
data: {kind: shapes, size: 16, channels: 3, count: 200}
model: {family: vae, net: dense, hidden: [16], latent: 2}
train: {batch: 8, steps: 60, rate: 1e-3}
every: {log: 5, sample: 30, checkpoint: 20, validate: 0}
`

func newWorker(t *testing.T) *Worker {
	t.Helper()
	dir := t.TempDir()
	return New(Options{
		Places:   place.Places{Home: home.Home(filepath.Join(dir, "home")), Runs: filepath.Join(dir, "runs"), Sets: []string{filepath.Join(dir, "sets")}},
		Families: family.All(), Threads: 1,
	})
}

func checked(t *testing.T, w *Worker, s Spec) json.RawMessage {
	t.Helper()
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	out, err := w.Check(t.Context(), text)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestATrainingIsRunStoppedAndResumed(t *testing.T) {
	w := newWorker(t)
	s := Spec{Run: "small", Config: tiny}
	checked(t, w, s)

	// Stopped: everything is saved, and the job is cancelled.
	ctx, cancel := context.WithCancel(t.Context())
	stopped := newTask(ctx, "job-1", s)
	stopped.hear = func(p jobs.Progress) {
		if p.Done >= 1 {
			cancel()
		}
	}
	if err := w.Run(t.Context(), []jobs.Task{stopped}); err != nil {
		t.Fatal(err)
	}
	if !stopped.ended || stopped.err == nil || !strings.Contains(stopped.err.Error(), "stopped after step") {
		t.Fatalf("ended %v with %v", stopped.ended, stopped.err)
	}
	dir := filepath.Join(w.o.Places.Runs, "small")
	if !saved(dir) {
		t.Fatal("nothing is saved")
	}

	// Anew under the same name is refused, when it is asked for and when it runs.
	text, _ := json.Marshal(s)
	if _, err := w.Check(t.Context(), text); err == nil || !strings.Contains(err.Error(), "run of that name") {
		t.Errorf("Check of a name that is taken: %v", err)
	}
	again := newTask(t.Context(), "job-2", s)
	if err := w.Run(t.Context(), []jobs.Task{again}); err != nil || again.err == nil {
		t.Errorf("a run over another: %v, %v", err, again.err)
	}

	// Resumed by another job, to the end.
	more := Spec{Run: "small", Resume: true}
	checked(t, w, more)
	rest := newTask(t.Context(), "job-3", more)
	if err := w.Run(t.Context(), []jobs.Task{rest}); err != nil || rest.err != nil {
		t.Fatal(err, rest.err)
	}
	last := rest.told[len(rest.told)-1]
	if last.Done != 60 || last.Total != 60 || len(last.Values) == 0 {
		t.Errorf("the last progress: %+v", last)
	}
	if rest.told[0].Done <= 1 {
		t.Errorf("it began at %v, and not where it was stopped", rest.told[0].Done)
	}
	if len(rest.results) != 1 || rest.results[0] != "image/png" {
		t.Errorf("results: %v", rest.results)
	}
}

// A process that dies leaves a job that is begun again under its own
// identifier: it goes on from the checkpoint, or anew if there is none.
func TestAKilledTrainingGoesOn(t *testing.T) {
	w := newWorker(t)
	s := Spec{Run: "small", Config: tiny}
	dir := filepath.Join(w.o.Places.Runs, "small")

	queue, stop := context.WithCancel(t.Context())
	first := newTask(queue, "job-1", s)
	first.hear = func(p jobs.Progress) {
		if p.Done >= 1 {
			stop()
		}
	}
	if err := w.Run(queue, []jobs.Task{first}); err == nil || first.ended {
		t.Fatalf("when the queue stops, Run gave %v and the job ended: %v", err, first.ended)
	}
	second := newTask(t.Context(), "job-1", s)
	if err := w.Run(t.Context(), []jobs.Task{second}); err != nil || second.err != nil {
		t.Fatal(err, second.err)
	}
	if second.told[0].Done <= 1 {
		t.Errorf("it began anew, at %v", second.told[0].Done)
	}

	// Killed before the first checkpoint.
	if err := os.RemoveAll(filepath.Join(dir, "checkpoints")); err != nil {
		t.Fatal(err)
	}
	third := newTask(t.Context(), "job-1", s)
	if err := w.Run(t.Context(), []jobs.Task{third}); err != nil || third.err != nil {
		t.Fatal(err, third.err)
	}
	if third.told[0].Done != 1 {
		t.Errorf("without a checkpoint it began at %v", third.told[0].Done)
	}
}

// However many threads the studio has, half of them are left to painting.
func TestTrainingHasHalfTheThreads(t *testing.T) {
	for threads, want := range map[int]int{1: 1, 2: 1, 3: 1, 8: 4} {
		w := newWorker(t)
		w.o.Threads = threads
		cfg, err := w.config(Spec{Run: "small", Config: tiny})
		if err != nil || cfg.Train.Threads != want {
			t.Errorf("of %d threads, %d train: %v", threads, cfg.Train.Threads, err)
		}
	}
}

// A folder of pictures is trained on if the operator has named it, and by that
// name alone.
func TestANamedFolderIsTrainedOn(t *testing.T) {
	w := newWorker(t)
	dir := filepath.Join(t.TempDir(), "holiday")
	set, err := dataset.Open(picture.Source{Kind: "shapes", Size: 16, Count: 24})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := dataset.Export(t.Context(), set, dir); err != nil {
		t.Fatal(err)
	}
	s := Spec{Run: "small", Recipe: "vae", Set: "mine", Size: 16, Images: 64, Batch: 8}
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Check(t.Context(), text); err == nil {
		t.Error("a set that nobody named is trained on")
	}
	if err := w.o.Places.Name("mine=" + dir); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"mine=" + dir, "shapes=" + dir, "a/b=" + dir, "mine", "other=" + filepath.Join(dir, "none")} {
		if w.o.Places.Name(bad) == nil {
			t.Errorf("%s is offered", bad)
		}
	}
	checked(t, w, s)
	x := newTask(t.Context(), "job-1", s)
	if err := w.Run(t.Context(), []jobs.Task{x}); err != nil || x.err != nil {
		t.Fatal(err, x.err)
	}
	other := Spec{Run: "other", Config: "data: {kind: folder, path: " + filepath.Dir(dir) + "}\nmodel: {family: vae}\n"}
	if text, err = json.Marshal(other); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Check(t.Context(), text); err == nil || strings.Contains(err.Error(), dir) {
		t.Errorf("a folder that a client names: %v", err)
	}
}

func TestRecipesCanBeTrained(t *testing.T) {
	w := newWorker(t)
	recipes, err := Recipes()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range recipes {
		if r.Title == "" || !strings.HasSuffix(r.Summary, ".") || r.Images == 0 || r.Batch == 0 {
			t.Errorf("%+v", r)
		}
		if r.Name == "words" || r.Name == "flow" || r.Name == "tune" {
			continue // shapes without combinations have few captions; flow needs other runs; tune has a test of its own
		}
		checked(t, w, Spec{Run: "a-" + r.Name, Recipe: r.Name, Set: place.Shapes, Size: 32, Images: 640})
	}
	text, _ := json.Marshal(Spec{Run: "f", Recipe: "flow", Set: place.Shapes})
	if _, err := w.Check(t.Context(), text); err == nil || !strings.Contains(err.Error(), "autoencoder") {
		t.Errorf("a flow without an autoencoder: %v", err)
	}
}

// The model that comes with Limner is trained on, by a form or a run file, and
// the run goes on without it.
func TestTheBoxedModelIsTrainedOn(t *testing.T) {
	w := newWorker(t)
	dir := filepath.Join(t.TempDir(), "holiday")
	set, err := dataset.Open(picture.Source{Kind: "shapes", Size: 64, Count: 8})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := dataset.Export(t.Context(), set, dir); err != nil {
		t.Fatal(err)
	}
	if err := w.o.Places.Name("mine=" + dir); err != nil {
		t.Fatal(err)
	}
	tuned := Spec{Run: "tuned", Recipe: "tune", Set: "mine", Images: 5, Batch: 5}
	checked(t, w, tuned)
	x := newTask(t.Context(), "job-1", tuned)
	if err := w.Run(t.Context(), []jobs.Task{x}); err != nil || x.err != nil {
		t.Fatal(err, x.err)
	}
	m, _, err := trained.ReadManifest(filepath.Join(w.o.Places.Runs, "tuned"))
	if err != nil {
		t.Fatal(err)
	}
	boxed, err := box.Open(family.All(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if m.From == nil || m.From.Digest != boxed.Digest || m.Parts["words"].Digest != boxed.Manifest.Parts["words"].Digest {
		t.Errorf("it began with %+v and contains %+v", m.From, m.Parts)
	}
	checked(t, w, Spec{Run: "told", Set: "", Config: `
data: {path: mine, size: 64}
model: {family: vae, net: dense, hidden: [4], latent: 2, words: {from: emoji}}
train: {batch: 4, steps: 2}
`})
}

// No path of a client is ever opened.
func TestWhatIsRefused(t *testing.T) {
	w := newWorker(t)
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.MkdirAll(secret, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ spec, says string }{
		"no object":       {`[]`, "specification"},
		"unknown key":     {`{"run":"a","path":"/etc"}`, "specification"},
		"no name":         {`{"recipe":"vae","set":"shapes"}`, "name"},
		"name leads out":  {`{"run":"../a","recipe":"vae","set":"shapes"}`, "no name"},
		"hidden":          {`{"run":".a","recipe":"vae","set":"shapes"}`, "no name"},
		"a folder":        {`{"run":"a/b","recipe":"vae","set":"shapes"}`, "no name"},
		"unknown recipe":  {`{"run":"a","recipe":"vea","set":"shapes"}`, "vae"},
		"set is a path":   {`{"run":"a","recipe":"vae","set":` + quoted(secret) + `}`, "no set"},
		"set leads out":   {`{"run":"a","recipe":"vae","set":"../../etc"}`, "no set"},
		"data.path":       {`{"run":"a","config":` + quoted(strings.Replace(tiny, "kind: shapes", "kind: folder, path: "+secret, 1)) + `}`, "no set"},
		"data.kind":       {`{"run":"a","config":` + quoted(strings.Replace(tiny, "kind: shapes", "kind: folder, path: shapes", 1)) + `}`, "kind"},
		"train.from":      {`{"run":"a","config":` + quoted(strings.Replace(tiny, "steps: 60", "steps: 60, from: /etc/passwd", 1)) + `}`, "no run"},
		"parts":           {`{"run":"a","recipe":"flow","set":"shapes","autoencoder":"/etc"}`, "no run"},
		"both":            {`{"run":"a","recipe":"vae","set":"shapes","config":"x: y"}`, "nothing else"},
		"a huge batch":    {`{"run":"a","recipe":"vae","set":"shapes","batch":1000000}`, "batch"},
		"no number":       {`{"run":"a","recipe":"vae","set":"shapes","images":-5}`, "positive"},
		"bad YAML":        {`{"run":"a","config":"{"}`, "config"},
		"bad model":       {`{"run":"a","config":` + quoted(strings.Replace(tiny, "latent: 2", "latent: -2", 1)) + `}`, "latent"},
		"resume nothing":  {`{"run":"a","resume":true}`, "no run"},
		"resume changed":  {`{"run":"a","resume":true,"rate":1}`, "as it began"},
		"a huge run file": {`{"run":"a","config":"` + strings.Repeat("#", maxConfig+1) + `"}`, "bytes"},
	} {
		out, err := w.Check(t.Context(), json.RawMessage(c.spec))
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v (%s)", name, err, out)
			continue
		}
		if strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), w.o.Places.Runs) {
			t.Errorf("%s: the error is more than a line, or shows a folder: %v", name, err)
		}
	}
	if _, err := os.Stat(w.o.Places.Runs); err == nil {
		t.Error("what was refused has left a folder")
	}
}

func quoted(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func FuzzCheck(f *testing.F) {
	dir := f.TempDir()
	w := New(Options{Places: place.Places{Home: home.Home(dir), Runs: filepath.Join(dir, "runs")}, Families: family.All(), Threads: 1})
	f.Add(`{"run":"a","config":` + quoted(tiny) + `}`)
	f.Add(`{"run":"a","recipe":"gan","set":"shapes","size":16}`)
	f.Add(`{"run":"a","config":"model: {family: flow, autoencoder: {from: {from: [x]}}}"}`)
	f.Fuzz(func(t *testing.T, text string) {
		if strings.ContainsAny(text, "0123456789") && len(text) > 400 {
			t.Skip("a model so large takes long")
		}
		out, err := w.Check(t.Context(), json.RawMessage(text))
		if err == nil && !json.Valid(out) {
			t.Errorf("%s", out)
		}
	})
}
