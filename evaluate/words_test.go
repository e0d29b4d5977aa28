package evaluate

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/trained"
)

// mute makes nothing by itself.
type mute struct{}

func (mute) Config() any                           { return nil }
func (mute) Training(int) (*model.Training, error) { return nil, errors.New("born wise") }
func (mute) Uses() []model.Use                     { return nil }
func (mute) Build(model.Use, int) (*model.Call, error) {
	return &model.Call{Graph: graph.New()}, nil
}

var combined = picture.Source{Kind: "shapes", Size: 32, Channels: 3, Count: 150, Seed: 3, Combinations: true,
	Vary: []string{"colour", "place", "size", "ground"}}

// reciter answers the caption of a picture with that picture.
type reciter struct {
	t   *testing.T
	of  map[string]int
	set picture.Set
}

func recite(t *testing.T, split picture.Split) *reciter {
	src := combined
	src.Split = split
	r := &reciter{t, map[string]int{}, openSet(t, src)}
	for i := range r.set.Len() {
		l, _ := r.set.Item(i, nil)
		r.of[l.Caption] = i
	}
	return r
}

func (r *reciter) Sample(prompts []string, _ uint64) (*tensor.Tensor, error) {
	x := tensor.New(len(prompts), 32, 32, 3)
	for i, p := range prompts {
		if k, ok := r.of[p]; ok {
			r.set.Item(k, x.Row(i))
		} else {
			r.set.Item(i%r.set.Len(), x.Row(i))
		}
	}
	return x, nil
}

// What recites its training pictures is found out, and what draws held-out
// combinations as they are asked for is right.
func TestWords(t *testing.T) {
	m := manifested(t, mute{}, "mute", nil)
	for split, check := range map[picture.Split]func(r *Report){
		picture.Train: func(r *Report) {
			if c := r.Copying; c == nil || c.N != 100 || c.Share < .9 || r.Factors.All > .5 {
				t.Errorf("reciting: %+v, %+v", c, r.Factors)
			}
		},
		picture.Test: func(r *Report) {
			if c := r.Copying; c == nil || c.Share > .2 || c.Recall < .8 || r.Factors == nil || r.Factors.All < .9 || r.Factors.Real < .99 {
				t.Errorf("drawing: %+v, %+v", c, r.Factors)
			}
		},
	} {
		// Of thirty pictures the second one that is tried is not too near; of the
		// others none is.
		looks, guard := 0, &Guard{Others: 3}
		guard.TooNear = func(p *tensor.Tensor) (bool, error) {
			if !p.Shape.Equal(tensor.S(32, 32, 3)) {
				t.Errorf("pictures %v", p.Shape)
			}
			looks++
			return looks > 90 || looks%3 != 0, nil
		}
		r, rows := run(t, m, Options{Source: &combined, Samples: 100, Seed: 2, Sampler: recite(t, split), Guard: guard,
			Painter: func(image, mask *tensor.Tensor, s float64) (*tensor.Tensor, error) {
				made := tensor.New(image.Shape...)
				for i, v := range image.Data {
					if made.Data[i] = v; mask == nil || mask.Data[i/3] == 1 {
						made.Data[i] *= float32(1 - s)
					}
				}
				return made, nil
			}})
		check(r)
		if e := r.Edit; e == nil || e.Spearman < .999 || e.Outside != 0 || e.AtZero != 0 {
			t.Errorf("edit %+v", e)
		}
		if l := r.Copying.Leaving; l == nil || l.Replaced != 30 {
			t.Errorf("leaving %+v of %+v", l, r.Copying)
		}
		if rows[len(rows)-1].Title != "Closest to training pictures" {
			t.Errorf("%d rows", len(rows))
		}
		var b bytes.Buffer
		if err := r.WriteText(&b); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"copies recalled", "combinations never trained", "rank correlation 1.000", "outside changes by 0 at most"} {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%q is missing in %s", want, &b)
			}
		}
	}
}

// promptOf finds the words of a picture through a selection.
func TestPromptOf(t *testing.T) {
	set := openSet(t, combined)
	few := choose(set, 5, 1)
	for i := range few.Len() {
		want, _ := few.Item(i, nil)
		if got, err := promptOf(few, i); err != nil || got != want.Caption || got == "" {
			t.Errorf("%q, want %q (%v)", got, want.Caption, err)
		}
	}
}

func TestNoSampler(t *testing.T) {
	if s, err := NewSampler(&trained.Model{Model: mute{}}, 4, 1); s != nil || err != nil {
		t.Errorf("%v, %v", s, err)
	}
	e := &evaluation{m: manifested(t, mute{}, "mute", nil), opt: Options{Sampler: wrong{}}}
	if _, err := e.ask([]string{"a", "b"}, 0); err == nil || !strings.Contains(err.Error(), "2 prompts") {
		t.Errorf("error %v", err)
	}
}

// wrong makes pictures of another extent.
type wrong struct{}

func (wrong) Sample(prompts []string, _ uint64) (*tensor.Tensor, error) {
	return tensor.New(len(prompts), 2, 2, 3), nil
}

func TestEnlarge(t *testing.T) {
	got := enlarge(tensor.From([]float32{1, 2, 3, 4, 5, 6, 7, 8}, 1, 1, 4, 2), 2)
	row := []float32{1, 2, 1, 2, 3, 4, 3, 4, 5, 6, 5, 6, 7, 8, 7, 8}
	if !got.Shape.Equal(tensor.S(1, 2, 8, 2)) || !slices.Equal(got.Data, append(slices.Clone(row), row...)) {
		t.Errorf("%v of shape %v", got.Data, got.Shape)
	}
}
