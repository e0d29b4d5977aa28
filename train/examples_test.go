package train

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/limner-ai/limner/dataset"
	"github.com/limner-ai/limner/dataset/idx"
	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/box"
	"github.com/limner-ai/limner/model/family"
	"github.com/limner-ai/limner/model/trained"
)

// clothes stands in for a set that is not there.
type clothes struct{ picture.Set }

func (clothes) Shape() (h, w, c int) { return 28, 28, 1 }
func (clothes) Classes() []string    { return idx.FashionMNIST }

// emoji stands in for another: drawn pictures with words, called what the run
// file wants of a frozen set.
type emoji struct {
	picture.Set
	src picture.Source
}

func (e emoji) Shape() (h, w, c int) {
	size := cmp.Or(e.src.Size, 64)
	return size, size, cmp.Or(e.src.Channels, 3)
}

func (e emoji) Classes() []string {
	if e.src.Labels == "" {
		return nil
	}
	return []string{"3d", "flat"}
}

// The run files in examples must stay readable and their models buildable.
func TestExamples(t *testing.T) {
	paths, err := filepath.Glob("../examples/*.yaml")
	if err != nil || len(paths) < 6 {
		t.Fatal(paths, err)
	}
	var configs []Config
	var blends [][]string // what the comments say to blend: model, earlier one, file
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		blends = append(blends, blending.FindAllStringSubmatch(string(text), -1)...)
		if !bytes.Contains(text, []byte("\nmodel:")) {
			continue // a recipe
		}
		c, err := ReadConfig(path)
		if err != nil {
			t.Error(err)
			continue
		}
		configs = append(configs, c)
	}
	t.Chdir(t.TempDir())
	// Those of a chain can only be built after the ones that they begin with.
	for len(configs) > 0 {
		var waiting []Config
		var failed []error
		for _, c := range configs {
			if err := tryExample(c); err != nil {
				waiting, failed = append(waiting, c), append(failed, fmt.Errorf("%s: %w", c.Name, err))
			}
		}
		if len(waiting) == len(configs) {
			t.Fatal(errors.Join(failed...))
		}
		configs = waiting
		for _, b := range blends {
			if err := tryBlend(b[1], b[2], b[3]); err != nil {
				t.Log(err) // what needs it says so if it is never made
			}
		}
	}
}

// blending is how the examples say what is to be blended.
var blending = regexp.MustCompile(`limner model blend (\S+) --with (runs/\S+) -o (\S+)`)

func tryBlend(path, with, to string) error {
	m, err := trained.Open(path, family.All(), nil)
	if err != nil {
		return err
	}
	earlier, err := trained.Open(with, family.All(), nil)
	if err != nil {
		return err
	}
	between, err := m.Blend(earlier, .5)
	if err != nil {
		return err
	}
	return between.Save(to)
}

// tryExample builds the model and leaves it, untrained, where its run would.
func tryExample(c Config) (err error) {
	set := picture.Set(clothes{})
	switch c.Data.Kind {
	case "shapes":
		set, err = openSet(&c)
	case "frozen", "folder":
		set, err = dataset.Open(picture.Source{Kind: "shapes", Count: 50})
		set = emoji{set, c.Data.Source}
	}
	if err != nil {
		return err
	}
	b, err := build(&c, set, opener{family.All(), func(path string) (*trained.Model, error) {
		if path == box.Name {
			return box.Open(family.All(), nil)
		}
		return trained.Open(path, family.All(), nil)
	}}, nil)
	if err != nil {
		return err
	}
	var training *model.Training
	if caught := graph.Catch(func() { training, err = b.model.Training(c.Train.Batch) }); caught != nil || err != nil {
		return errors.Join(caught, err)
	}
	if len(training.Steps) == 0 {
		return errors.New("nothing to train")
	}
	family, _ := c.Model.Name("family")
	values, err := c.Model.Values()
	if err != nil {
		return err
	}
	delete(values, "family")
	manifest := trained.Manifest{Name: c.Name, Family: family, Pictures: b.pictures}
	if manifest.Config, err = json.Marshal(values); err != nil {
		return err
	}
	if b.earlier != nil {
		from := originOf(b.earlier)
		manifest.From = &from
	}
	weights := map[string]*tensor.Tensor{}
	for _, s := range training.States {
		weights[s.Name] = tensor.New(s.Shape...)
	}
	if err := os.MkdirAll(c.Out, 0o755); err != nil {
		return err
	}
	return trained.New(b.model, manifest, weights, nil).Save(filepath.Join(c.Out, trained.FileName))
}
