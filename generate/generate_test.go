package generate

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/contrast"
	"github.com/limner-ai/limner/model/gan"
	"github.com/limner-ai/limner/model/trained"
	"github.com/limner-ai/limner/model/vae"
)

var families = []model.Family{vae.Family{}, gan.Family{Encoders: []model.Family{contrast.Family{}}}}

// untrained writes the file of a model as it is before training, but for
// weights large enough that its pictures differ.
func untrained(t *testing.T, family model.Family, config string, classes ...string) string {
	t.Helper()
	manifest := trained.Manifest{
		Name: "tiny", Family: family.Name(), Config: json.RawMessage(config),
		Pictures: model.Pictures{Height: 8, Width: 8, Channels: 1, Classes: classes},
	}
	m, err := manifest.Build(families)
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
	path := filepath.Join(t.TempDir(), trained.FileName)
	if err := trained.New(m, manifest, weights, nil).Save(path); err != nil {
		t.Fatal(err)
	}
	return path
}

const (
	vaeConfig = `{"net":"dense","hidden":[6],"latent":3,"likelihood":"bernoulli"}`
	ganConfig = `{"arch":"dcgan","channels":[4],"latent":3}`
)

func opened(t *testing.T, path string) *Generator {
	t.Helper()
	g, err := Open(path, families, 2)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.Close)
	return g
}

var clothes = []string{"T-shirt/top", "Ankle boot", "Bag"}

func TestPicturesDependOnSeedAndIndexAlone(t *testing.T) {
	for _, path := range []string{untrained(t, vae.Family{}, vaeConfig, clothes...), untrained(t, gan.Family{}, ganConfig, clothes...)} {
		g := opened(t, path)
		many, err := g.Sample(Request{Seed: 7, N: 21, Class: "bag", Truncation: 1})
		if err != nil {
			t.Fatal(err)
		}
		if len(many.Items) != 21 || many.Images.Shape[0] != 21 || many.Items[20] != (Item{Seed: 7, Index: 20, Class: 2, ClassName: "Bag", Truncation: 1}) {
			t.Errorf("%+v", many.Items[20])
		}
		one, err := g.Sample(Request{Seed: 7, First: 18, N: 2, Class: "BAG", Truncation: 1})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(one.Images.Row(0), many.Images.Row(18)) {
			t.Error("picture 18 alone is another than among 21")
		}
		if slices.Equal(one.Images.Row(0), one.Images.Row(1)) {
			t.Error("two pictures are the same")
		}
		single, err := Open(path, families, 1)
		if err != nil {
			t.Fatal(err)
		}
		again, err := single.Sample(Request{Seed: 7, N: 21, Class: "Bag", Truncation: 1})
		single.Close()
		if err != nil || !slices.Equal(again.Images.Data, many.Images.Data) {
			t.Error("one thread makes other pictures than two", err)
		}
		other, _ := g.Sample(Request{Seed: 8, N: 21, Class: "bag", Truncation: 1})
		small, _ := g.Sample(Request{Seed: 7, N: 21, Class: "bag", Truncation: .1})
		if spread(small.Images) >= spread(many.Images) || slices.Equal(other.Images.Data, many.Images.Data) {
			t.Error("truncation or seed do nothing")
		}
		all, err := g.Sample(Request{Seed: 7, N: 5, Truncation: 1})
		if err != nil || all.Columns != 5 || !slices.Equal(all.Labels, clothes) || len(all.Items) != 15 {
			t.Fatalf("%+v, %v", all, err)
		}
		if !slices.Equal(all.Images.Row(10), many.Images.Row(0)) || slices.Equal(all.Images.Row(0), all.Images.Row(5)) {
			t.Error("the classes of a grid are mixed up")
		}
	}
}

// spread is how far pictures are from their mean.
func spread(images *tensor.Tensor) float64 {
	n := images.Shape[0]
	sum := 0.0
	for p := range len(images.Row(0)) {
		var m, s float64
		for i := range n {
			v := float64(images.Row(i)[p])
			m, s = m+v, s+v*v
		}
		sum += s/float64(n) - m*m/float64(n*n)
	}
	return sum
}

func TestClassNames(t *testing.T) {
	g := opened(t, untrained(t, vae.Family{}, vaeConfig, clothes...))
	for name, want := range map[string]int{"ankle boot": 1, "ANKLE-BOOT": 1, "t-shirt/top": 0, "T shirt top": 0} {
		if got, err := g.Classes(name); err != nil || !slices.Equal(got, []int{want}) {
			t.Errorf("%q is %v, %v", name, got, err)
		}
	}
	_, err := g.Classes("ankel boot")
	wantLine(t, err, `no class "ankel boot"; did you mean "Ankle boot"?`)
	_, err = g.Classes("zeppelin")
	wantLine(t, err, "its classes are T-shirt/top, Ankle boot, Bag")
	without := opened(t, untrained(t, vae.Family{}, vaeConfig))
	_, err = without.Classes("bag")
	wantLine(t, err, "without classes")
	if p, err := without.Sample(Request{N: 3, Truncation: 1}); err != nil || len(p.Items) != 3 || p.Items[0].Class != -1 || p.Columns != 0 {
		t.Error(p, err)
	}
}

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

func TestBadRequests(t *testing.T) {
	g := opened(t, untrained(t, gan.Family{}, ganConfig))
	for _, q := range []Request{{N: 0, Truncation: 1}, {N: 1, First: -1, Truncation: 1}, {N: 1, Truncation: -1}, {N: 1, Truncation: math.NaN()}, {N: 1, Truncation: math.Inf(1)}} {
		if _, err := g.Sample(q); err == nil {
			t.Errorf("%+v was taken", q)
		}
	}
	image := tensor.New(1, 8, 8, 1)
	_, err := g.Picture(make([]float32, 3))
	wantLine(t, err, "8×8×1")
	v := opened(t, untrained(t, vae.Family{}, vaeConfig))
	for _, c := range []struct {
		q    Request
		want string
	}{
		{Request{N: 1, Image: image, Strength: -.1}, "strength"},
		{Request{N: 1, Image: image, Strength: 1.1}, "strength"},
		{Request{N: 1, Image: image, Strength: math.NaN()}, "strength"},
		{Request{Image: image, Strength: .5}, "at least 1"},
		{Request{N: 1, Image: tensor.New(1, 8, 9, 1)}, "[1 8 8 1], not [1 8 9 1]"},
		{Request{N: 1, Image: image, Mask: tensor.New(1, 8, 8, 3)}, "masks of shape [1 8 8 1]"},
		{Request{N: 1, Mask: tensor.New(1, 8, 8, 1)}, "wants a picture"},
		{Request{N: 1, Image: image, Style: image}, "that was trained with classes"},
		{Request{N: 3, From: &End{Seed: 1}}, "two ends"},
		{Request{N: 1, From: &End{}, To: &End{}}, "at least 2 pictures"},
		{Request{N: 2, From: &End{Prompt: "a"}, To: &End{}}, "cannot take words"},
		{Request{N: 1, Prompt: "a red apple"}, "cannot take words"},
		{Request{N: 1, Negative: "blur"}, "this one takes a seed"},
		{Request{N: 1, Steps: 4}, "in one go"},
		{Request{N: 1, Guidance: 4}, "no guidance"},
		{Request{N: 1, Guidance: math.NaN()}, "guidance"},
		{Request{N: 1, Sampler: "heun"}, "no sampler"},
		{Request{N: 1, Steps: -1}, "-1 steps"},
	} {
		_, err := v.Sample(c.q)
		wantLine(t, err, c.want)
	}
}

func near(t *testing.T, got, want []float32) {
	t.Helper()
	for i := range want {
		if math.Abs(float64(got[i]-want[i])) > 1e-5 {
			t.Fatalf("value %d is %v, want %v", i, got[i], want[i])
		}
	}
}

func TestDamagedModels(t *testing.T) {
	path := untrained(t, vae.Family{}, vaeConfig)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(content []byte) string {
		p := filepath.Join(dir, "m.safetensors")
		if err := os.WriteFile(p, content, 0o644); err != nil {
			t.Fatal(err)
		}
		return p
	}
	flipped := slices.Clone(whole)
	flipped[len(flipped)-5] ^= 1
	for name, p := range map[string]string{
		"cut short": write(whole[:len(whole)/2]),
		"missing":   filepath.Join(dir, "none"),
		"no model":  dir,
	} {
		_, err := Open(p, families, 1)
		wantLine(t, err, "")
		if name == "cut short" && !strings.Contains(err.Error(), p) {
			t.Error(err)
		}
	}
	for name, content := range map[string][]byte{"flipped": flipped, "text": []byte("hello"), "empty": nil} {
		if _, err := Open(write(content), families, 1); err == nil {
			t.Error(name, "was opened")
		}
	}
	if _, err := Open(path, []model.Family{gan.Family{}}, 1); err == nil {
		t.Error("an unknown family was opened")
	}
}
