package feature

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/limner-ai/limner/dataset"
	"github.com/limner-ai/limner/dataset/idx"
	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/dataset/shapes"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/box"
	"github.com/limner-ai/limner/model/classifier"
	"github.com/limner-ai/limner/model/family"
	"github.com/limner-ai/limner/model/modeltest"
	"github.com/limner-ai/limner/model/trained"
	"github.com/limner-ai/limner/model/vae"
)

var (
	fashion = model.Pictures{Height: 28, Width: 28, Channels: 1, Classes: idx.FashionMNIST}
	drawn   = model.Pictures{Height: 32, Width: 32, Channels: 3, Classes: shapes.Kinds()}
)

func engine(t *testing.T) trained.Engine {
	e := trained.NewCPU(2)
	t.Cleanup(e.Close)
	return e
}

func builtin(t *testing.T, p model.Pictures) *Space {
	t.Helper()
	s, err := Builtin(p, engine(t))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The spaces are frozen: another digest would make every number measured so
// far incomparable with those to come.
func TestFrozen(t *testing.T) {
	for _, c := range []struct {
		p            model.Pictures
		name, digest string
		accuracy     float64 // at least
	}{
		{fashion, "fashion-mnist-features", "sha256:c35ba4af2512da13dc51051016d7e1c0f2676743e1bacbf895f47886da7001cb", .91},
		{drawn, "shapes-features", "sha256:c5f590e5c3b0c0bbf5d38c1907098deef9bbbabc27dc6db0061ce1d17bb14443", .91},
	} {
		s := builtin(t, c.p)
		if s.Name != c.name || s.Digest != c.digest || s.Dim != 128 || s.Accuracy < c.accuracy || s.Accuracy >= 1 {
			t.Errorf("space %s, digest %s, %d features, accuracy %v", s.Name, s.Digest, s.Dim, s.Accuracy)
		}
		if !s.Knows(c.p.Classes) || s.Knows(nil) || !s.Fits(c.p) {
			t.Errorf("%s knows the classes %q", s.Name, s.Pictures.Classes)
		}
	}
	for _, f := range frozen {
		st, err := os.Stat(f.file)
		most := int64(700 << 10)
		if f.file == "emoji.safetensors" { // it reads words too
			most = 9 << 20
		}
		if err != nil || st.Size() > most {
			t.Errorf("%s: %v, %v", f.file, st, err)
		}
		if _, err := thaw(f.file, "sha256:0", engine(t), nil); err == nil {
			t.Errorf("%s passed for another digest", f.file)
		}
	}
}

// The network for emoji knows the set that the model in the box was trained on,
// and is no part of that model.
func TestReader(t *testing.T) {
	m, err := box.Open(family.All(), nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Reader(m.Manifest.Data.Root, engine(t))
	if err != nil || r == nil {
		t.Fatal(r, err)
	}
	if _, ok := r.Model.(model.Worded); !ok || !fits(r.Manifest.Pictures, m.Manifest.Pictures) || r.Manifest.From != nil {
		t.Errorf("%+v", r.Manifest)
	}
	words, err := m.Of(r.Manifest.Family, family.All())
	if err != nil || words.Digest == r.Digest || words.Manifest.Name == r.Manifest.Name {
		t.Errorf("the judge %s is the model's own encoder: %v", r.Manifest.Name, err)
	}
	for from := words.Manifest.From; from != nil; from = from.From {
		if from.Digest == r.Digest {
			t.Error("the model's encoder began with the judge")
		}
	}
	if same, err := Reader(m.Manifest.Data.Basis.Root, engine(t)); err != nil || same == nil || same.Digest != r.Digest {
		t.Errorf("by the root of the frozen set: %v, %v", same, err)
	}
	if other, err := Reader("", engine(t)); other != nil || err != nil {
		t.Errorf("for no set: %v, %v", other, err)
	}
	if other, err := Reader("sha256:0", engine(t)); other != nil || err != nil {
		t.Errorf("for another set: %v, %v", other, err)
	}
	if s := builtin(t, m.Manifest.Pictures); s.Digest != r.Digest || s.Root != m.Manifest.Data.Root {
		t.Errorf("the space of the model's pictures is %s", s.Name)
	}
}

func TestChoice(t *testing.T) {
	digits := fashion
	digits.Classes = strings.Split("0123456789", "")
	s := builtin(t, digits)
	if s.Knows(digits.Classes) || !s.Fits(digits) {
		t.Errorf("%s was taken for digits", s.Name)
	}
	odd := drawn
	odd.Height = 48
	var none *NoneError
	if _, err := Builtin(odd, engine(t)); !errors.As(err, &none) || !strings.Contains(err.Error(), "48×32×3") {
		t.Errorf("error %v", err)
	}
}

// On shapes from a seed of their own the network does what its file says,
// whatever the pictures are batched with.
func TestDescribe(t *testing.T) {
	set, err := dataset.Open(picture.Source{Kind: "shapes", Split: picture.Test, Count: 150, Seed: 77, Size: 32, Channels: 3})
	if err != nil {
		t.Fatal(err)
	}
	s := builtin(t, drawn)
	var done []int
	d, err := s.DescribeSet(context.Background(), set, func(n, total int) { done = append(done, n*1000+total) })
	if err != nil {
		t.Fatal(err)
	}
	right, n := d.Right()
	if n != 150 || math.Abs(right-s.Accuracy) > .06 {
		t.Errorf("%v of %d pictures named correctly, the file says %v", right, n, s.Accuracy)
	}
	if !slices.Equal(done, []int{64150, 128150, 150150}) {
		t.Errorf("progress %v", done)
	}
	few := tensor.New(2, 32, 32, 3)
	for i, k := range []int{149, 3} {
		if _, err := set.Item(k, few.Row(i)); err != nil {
			t.Fatal(err)
		}
	}
	e, err := s.Describe(few, []int{5, -1})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(e.Features.Row(0), d.Features.Row(149)) || !slices.Equal(e.Features.Row(1), d.Features.Row(3)) || e.Seen[0] != d.Seen[149] {
		t.Error("a picture alone looks different")
	}
	if e.Len() != 2 || !slices.Equal(e.Labels, []int{5, -1}) {
		t.Errorf("labels %v", e.Labels)
	}
	if _, n := e.Right(); n != 1 {
		t.Errorf("%d labels are counted", n)
	}
	if unlabelled, _ := s.Describe(few, nil); !slices.Equal(unlabelled.Labels, []int{-1, -1}) {
		t.Errorf("labels %v", unlabelled.Labels)
	}
	if _, err := s.Describe(tensor.New(2, 28, 28, 1), nil); err == nil {
		t.Error("pictures of another extent were described")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := s.DescribeSet(ctx, set, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestOpen(t *testing.T) {
	p := model.Pictures{Height: 4, Width: 4, Channels: 1, Classes: []string{"a", "b"}}
	e := engine(t)
	dir := t.TempDir()
	save := func(f model.Family, config, file string) string {
		m := modeltest.New(t, f, p, config)
		training, err := m.Training(1)
		if err != nil {
			t.Fatal(err)
		}
		weights := map[string]*tensor.Tensor{}
		for _, s := range training.States {
			weights[s.Name] = s.New(1)
		}
		path := filepath.Join(dir, file)
		manifest := trained.Manifest{Name: "own", Family: f.Name(), Config: []byte(config), Pictures: p}
		if err := trained.New(m, manifest, weights, e).Save(path); err != nil {
			t.Fatal(err)
		}
		return path
	}
	s, err := Open(save(classifier.Family{}, `{"channels":[3],"features":5}`, "c.safetensors"), e)
	if err != nil {
		t.Fatal(err)
	}
	if s.Dim != 5 || s.Name != "own" || s.Accuracy != 0 || !strings.HasPrefix(s.Digest, "sha256:") {
		t.Errorf("%+v", s)
	}
	if _, err := Open(save(vae.Family{}, `{"net":"dense","hidden":[2],"latent":1}`, "v.safetensors"), e); err == nil || !strings.Contains(err.Error(), "family classifier") {
		t.Errorf("error %v", err)
	}
	if _, err := Open(filepath.Join(dir, "none"), e); err == nil {
		t.Error("nothing was opened")
	}
}
