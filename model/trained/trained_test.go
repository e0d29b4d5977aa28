package trained

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/safetensors"
	"github.com/limner-ai/limner/nn"
)

// painter is a family with one weight: a sample is latents · w + class, and
// nothing else can be done.
type painter struct{}

type painting struct {
	Gain float64 `json:"gain"`
	p    model.Pictures
}

func (painter) Name() string { return "painter" }

func (painter) New(p model.Pictures, decode func(any) error) (model.Model, error) {
	m := painting{Gain: 1, p: p}
	return m, decode(&m)
}

func (m painting) Config() any                           { return m }
func (m painting) Training(int) (*model.Training, error) { return nil, nil }
func (m painting) Uses() []model.Use                     { return []model.Use{model.UseSample} }
func (m painting) Build(u model.Use, batch int) (*model.Call, error) {
	g := graph.New()
	z := g.Input(model.InputLatents, batch, 2)
	x := z.Dot(g.State("w", 2, m.p.Height*m.p.Width)).MulScalar(float32(m.Gain))
	if len(m.p.Classes) > 0 {
		x = x.Add(g.Input(model.InputLabels, batch).Reshape(batch, 1))
	}
	x = x.Mul(g.Input(model.InputTruncate))
	out := x.Reshape(batch, m.p.Height, m.p.Width, 1)
	return &model.Call{Graph: g, Latent: 2, Outputs: []model.Output{{Name: "images", Value: out}}}, nil
}

var families = []model.Family{painter{}}

func manifest(classes ...string) Manifest {
	return Manifest{
		Name: "p", Family: "painter", Config: json.RawMessage(`{"gain":2}`),
		Pictures: model.Pictures{Height: 1, Width: 2, Channels: 1, Classes: classes},
		Data:     Data{Root: "sha256:00", Pictures: 9, Source: json.RawMessage(`{"kind":"shapes"}`)},
		Made:     Made{Place: "here", Seed: 1 << 60, Iterations: 5, Finished: time.Unix(1e9, 0).UTC()},
		Metrics:  map[string]float64{"loss": 1.5},
	}
}

func made(t *testing.T, engine Engine, classes ...string) *Model {
	t.Helper()
	man := manifest(classes...)
	m, err := man.Build(families)
	if err != nil {
		t.Fatal(err)
	}
	w := map[string]*tensor.Tensor{"w": tensor.From([]float32{1, 2, 3, 4}, 2, 2), "adam/m/w": tensor.New(2, 2)}
	return New(m, man, w, engine)
}

func engine(t *testing.T) *CPU {
	cpu := NewCPU(2)
	t.Cleanup(cpu.Close)
	return cpu
}

func TestSaveAndOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), FileName)
	m := made(t, nil)
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{path, filepath.Dir(path)} {
		got, err := Open(p, families, engine(t))
		if err != nil {
			t.Fatal(err)
		}
		want := manifest()
		want.Format = Format
		if !reflect.DeepEqual(got.Manifest, want) {
			t.Errorf("%+v\nwant\n%+v", got.Manifest, want)
		}
		if len(got.Weights) != 1 || !slices.Equal(got.Weights["w"].Data, m.Weights["w"].Data) {
			t.Errorf("weights: %v", got.Weights)
		}
		images, err := got.Sample(tensor.From([]float32{1, 0, 0, 1}, 2, 2), nil, 1)
		if err != nil || !slices.Equal(images.Data, []float32{2, 4, 6, 8}) {
			t.Error(images, err)
		}
		man, digest, err := ReadManifest(p)
		if err != nil || digest != got.Digest || !strings.HasPrefix(digest, "sha256:") || man.Name != "p" {
			t.Error(man, digest, err)
		}
	}
}

func TestWhatIsNoModel(t *testing.T) {
	dir := t.TempDir()
	write := func(meta map[string]string, weights map[string]*tensor.Tensor) string {
		path := filepath.Join(dir, "m.safetensors")
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if err := safetensors.Write(f, weights, meta); err != nil {
			t.Fatal(err)
		}
		return path
	}
	entry := func(change func(*Manifest)) map[string]string {
		m := manifest()
		m.Format = Format
		change(&m)
		text, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		return map[string]string{manifestKey: string(text)}
	}
	same := func(*Manifest) {}
	w := map[string]*tensor.Tensor{"w": tensor.New(2, 2)}
	for name, c := range map[string]struct {
		meta    map[string]string
		weights map[string]*tensor.Tensor
		want    string
	}{
		"another's file": {nil, w, "not a model of Limner"},
		"no JSON":        {map[string]string{manifestKey: "{"}, w, "cannot be read"},
		"newer":          {entry(func(m *Manifest) { m.Format = Format + 1 }), w, "update Limner"},
		"family":         {entry(func(m *Manifest) { m.Family = "paintr" }), w, `did you mean "painter"`},
		"config":         {entry(func(m *Manifest) { m.Config = json.RawMessage(`{"gian":1}`) }), w, `"gian"`},
		"missing":        {entry(same), map[string]*tensor.Tensor{}, `"w" are missing`},
		"shape":          {entry(same), map[string]*tensor.Tensor{"w": tensor.New(3, 2)}, "[3 2]"},
	} {
		_, err := Open(write(c.meta, c.weights), families, engine(t))
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want one line with %q", name, err, c.want)
		}
	}
	if _, err := Open(write(entry(same), w), families, engine(t)); err != nil {
		t.Error("the sound one is refused:", err)
	}
}

func TestRowsDoNotDependOnTheOthers(t *testing.T) {
	m := made(t, engine(t), "a", "b")
	if c, err := m.Conditional(); !c || err != nil {
		t.Error(c, err)
	}
	if z, err := m.Latent(); z != 2 || err != nil {
		t.Error(z, err)
	}
	n := 2*Batch + 3
	z := Latents(4, 0, n, 2)
	if !slices.Equal(Latents(4, 5, 2, 2).Data, z.Data[10:14]) {
		t.Error("row 5 depends on where the table begins")
	}
	labels := make([]int, n)
	for i := range labels {
		labels[i] = i % 2
	}
	images, err := m.Sample(z, labels, .5)
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		for k := range 2 {
			want := .5 * (2*(z.Row(i)[0]*float32(1+k)+z.Row(i)[1]*float32(3+k)) + float32(i%2))
			if d := images.Row(i)[k] - want; d > 1e-5 || d < -1e-5 {
				t.Fatalf("picture %d is %v, want %v", i, images.Row(i), want)
			}
		}
	}
	for _, bad := range []func() error{
		func() error { _, err := m.Sample(z, labels[1:], 1); return err },
		func() error { _, err := m.Sample(tensor.New(1, 3), labels[:1], 1); return err },
		func() error { _, _, err := m.Encode(images, labels); return err },
		func() error { _, err := m.Reconstruct(images, labels); return err },
		func() error { _, err := m.Bound(images, labels); return err },
	} {
		if bad() == nil {
			t.Error("a call that cannot be was answered")
		}
	}
}

func TestCallsAreCompiledOnce(t *testing.T) {
	e := &counting{Engine: engine(t)}
	m := made(t, e)
	for range 3 {
		for _, batch := range []int{2, 4} {
			c, err := m.Call(model.UseSample, batch)
			if err != nil || c.Batch != batch {
				t.Fatal(c, err)
			}
		}
	}
	if e.loads != 2 {
		t.Errorf("%d programs were compiled", e.loads)
	}
}

type counting struct {
	Engine
	loads int
}

func (c *counting) Load(outputs []*graph.Value, updates []nn.Update, states map[string]*tensor.Tensor) (Executable, error) {
	c.loads++
	return c.Engine.Load(outputs, updates, states)
}
