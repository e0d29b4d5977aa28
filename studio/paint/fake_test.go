package paint

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/internal/objects"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/gan"
	"github.com/limner-ai/limner/model/trained"
	"github.com/limner-ai/limner/model/vae"
	"github.com/limner-ai/limner/studio/jobs"
)

// fakeTask is a job whose fate can be looked at.
type fakeTask struct {
	ctx     context.Context
	cancel  context.CancelFunc
	spec    json.RawMessage
	watched bool

	mu       sync.Mutex
	progress []jobs.Progress
	previews []jobs.Preview
	files    [][]byte
	types    []string
	metas    []Meta
	err      error
	finished int
	onStep   func()
}

func (t *fakeTask) Job() jobs.Job            { return jobs.Job{Kind: Kind, Spec: t.spec} }
func (t *fakeTask) Context() context.Context { return t.ctx }
func (t *fakeTask) Watched() bool            { return t.watched }

func (t *fakeTask) Progress(p jobs.Progress) {
	t.mu.Lock()
	t.progress = append(t.progress, p)
	on := t.onStep
	t.mu.Unlock()
	if on != nil {
		on()
	}
}

func (t *fakeTask) Preview(p jobs.Preview) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.previews = append(t.previews, p)
}

func (t *fakeTask) Result(data []byte, kind string, meta any) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.finished > 0 {
		return errors.New("a result after the end")
	}
	t.files, t.types, t.metas = append(t.files, data), append(t.types, kind), append(t.metas, meta.(Meta))
	return nil
}

func (t *fakeTask) Finish(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.err = err
	t.finished++
}

const (
	vaeConfig = `{"net":"dense","hidden":[6],"latent":3,"likelihood":"bernoulli"}`
	ganConfig = `{"arch":"dcgan","channels":[4],"latent":3}`
)

// untrained writes the file of a model as it is before training, but for
// weights large enough that its pictures differ.
func untrained(t testing.TB, path string, family model.Family, config string, channels int, classes ...string) {
	t.Helper()
	manifest := trained.Manifest{
		Name: "tiny", Family: family.Name(), Config: json.RawMessage(config),
		Pictures: model.Pictures{Height: 8, Width: 8, Channels: channels, Classes: classes},
	}
	m, err := manifest.Build([]model.Family{family})
	if err != nil {
		t.Fatal(err)
	}
	training, err := m.Training(2)
	if err != nil {
		t.Fatal(err)
	}
	weights := map[string]*tensor.Tensor{}
	for _, s := range training.States {
		w := tensor.New(s.Shape...)
		tensor.Philox{Seed: 1, Stream: tensor.StreamOf(strings.TrimPrefix(s.Name, "ema/"))}.Normal(w.Data, 0)
		for i := range w.Data {
			w.Data[i] *= .4
		}
		weights[s.Name] = w
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := trained.New(m, manifest, weights, nil).Save(path); err != nil {
		t.Fatal(err)
	}
}

// studio is a worker with the models clothes (a VAE with classes), plain (a
// VAE), forger (a GAN), and the one in the box.
func studio(t testing.TB) (*Worker, *objects.Store) {
	t.Helper()
	runs := filepath.Join(t.TempDir(), "runs")
	untrained(t, filepath.Join(runs, "clothes", trained.FileName), vae.Family{}, vaeConfig, 1, "Bag", "Ankle boot")
	untrained(t, filepath.Join(runs, "plain.safetensors"), vae.Family{}, vaeConfig, 1)
	untrained(t, filepath.Join(runs, "forger.safetensors"), gan.Family{}, ganConfig, 3)
	shelf := NewShelf(ShelfOptions{Folders: []string{runs, filepath.Join(runs, "nowhere")}, Threads: 2})
	t.Cleanup(shelf.Close)
	store := objects.Open(filepath.Join(t.TempDir(), "objects"))
	return NewWorker(shelf, store, Leaving{}), store
}

// tasks checks specs and makes tasks of them.
func tasks(t testing.TB, w *Worker, specs ...string) []*fakeTask {
	t.Helper()
	var out []*fakeTask
	for _, s := range specs {
		checked, err := w.Check(context.Background(), json.RawMessage(s))
		if err != nil {
			t.Fatalf("%s: %v", s, err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		t.Cleanup(cancel)
		out = append(out, &fakeTask{ctx: ctx, cancel: cancel, spec: checked})
	}
	return out
}

// run does tasks in one go and wants all to end well.
func run(t testing.TB, w *Worker, fakes ...*fakeTask) {
	t.Helper()
	var all []jobs.Task
	for _, f := range fakes {
		all = append(all, f)
	}
	if err := w.Run(context.Background(), all); err != nil {
		t.Fatal(err)
	}
	for _, f := range fakes {
		if f.err != nil || f.finished != 1 {
			t.Fatalf("%s: ended %d times, %v", f.spec, f.finished, f.err)
		}
	}
}

// made does one spec.
func made(t testing.TB, w *Worker, spec string) *fakeTask {
	t.Helper()
	f := tasks(t, w, spec)
	run(t, w, f[0])
	return f[0]
}

// uploaded is the digest of a picture of size w×h that f draws.
func uploaded(t testing.TB, store *objects.Store, w, h int, f func(x, y int) color.NRGBA) digest.SHA256 {
	t.Helper()
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.SetNRGBA(x, y, f(x, y))
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	up, err := Upload(context.Background(), store, b.Bytes())
	if err != nil || up.Width != w || up.Height != h {
		t.Fatal(up, err)
	}
	return up.Digest
}

func decoded(t testing.TB, data []byte) *image.NRGBA {
	t.Helper()
	m, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return straight(m)
}
