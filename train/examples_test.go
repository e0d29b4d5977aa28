package train

import (
	"bytes"
	"cmp"
	"os"
	"path/filepath"
	"testing"

	"github.com/limner-ai/limner/dataset"
	"github.com/limner-ai/limner/dataset/idx"
	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/family"
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
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(text, []byte("\nmodel:")) {
			continue // a recipe
		}
		c, err := ReadConfig(path)
		if err != nil {
			t.Error(err)
			continue
		}
		set := picture.Set(clothes{})
		switch c.Data.Kind {
		case "shapes":
			set, err = openSet(&c)
		case "frozen":
			set, err = dataset.Open(picture.Source{Kind: "shapes", Count: 50})
			set = emoji{set, c.Data.Source}
		}
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		m, _, _, err := build(&c, set, family.All())
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		var training *model.Training
		if caught := graph.Catch(func() { training, err = m.Training(c.Train.Batch) }); caught != nil || err != nil {
			t.Errorf("%s: %v, %v", path, caught, err)
		} else if len(training.Steps) == 0 {
			t.Errorf("%s: nothing to train", path)
		}
	}
}
