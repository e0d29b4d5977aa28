// Package factors measures whether pictures of drawn shapes show the kind, the
// colour and the place that were asked for in words. The judges are three
// small frozen classifiers that learnt from the exact factors of drawings, each
// by limner train from the run file beside its weights.
package factors

import (
	_ "embed"
	"errors"
	"fmt"
	"slices"

	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/dataset/shapes"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/evaluate/feature"
	"github.com/limner-ai/limner/model/trained"
)

var (
	//go:embed kind.safetensors
	kind []byte
	//go:embed colour.safetensors
	colour []byte
	//go:embed place.safetensors
	place []byte
)

// Shown is what a picture shows, in the words of package shapes.
type Shown struct {
	Kind   string `json:"kind"`
	Colour string `json:"colour"`
	Place  string `json:"place"`
}

// Judge names the factors of pictures of 32×32×3.
type Judge struct {
	kind, colour, place *feature.Space
}

// NewJudge reads the frozen classifiers.
func NewJudge(engine trained.Engine) (*Judge, error) {
	j := &Judge{}
	for _, c := range []struct {
		space   **feature.Space
		file    []byte
		digest  string
		classes []string
	}{
		{&j.kind, kind, "sha256:6d157977614124bcf8f2c594c7bbe2f35366302d71e397e728beb2f1b17ccce0", shapes.Kinds()},
		{&j.colour, colour, "sha256:9f69421e5b9c43e8eafff4875eddd2f137f5e1ca706afc32bd4cf96d44579bb0", shapes.Colours()},
		{&j.place, place, "sha256:f6a232340cb896f3cd45abf96e720680934dbf6eea245203994f014bd564a6c0", shapes.Places()},
	} {
		s, err := feature.Thaw(c.file, c.digest, engine)
		if err != nil {
			return nil, fmt.Errorf("factors: %w", err)
		}
		if !s.Knows(c.classes) {
			return nil, fmt.Errorf("factors: the judge %s knows other classes than are drawn", s.Name)
		}
		*c.space = s
	}
	return j, nil
}

// Look names what each of images [n 32 32 3] shows.
func (j *Judge) Look(images *tensor.Tensor) ([]Shown, error) {
	kinds, err := j.kind.Describe(images, nil)
	if err != nil {
		return nil, err
	}
	colours, err := j.colour.Describe(images, nil)
	if err != nil {
		return nil, err
	}
	places, err := j.place.Describe(images, nil)
	if err != nil {
		return nil, err
	}
	all := make([]Shown, kinds.Len())
	for i := range all {
		all[i] = Shown{j.kind.Pictures.Classes[kinds.Seen[i]], j.colour.Pictures.Classes[colours.Seen[i]], j.place.Pictures.Classes[places.Seen[i]]}
	}
	return all, nil
}

// Prompt asks for a drawing in words.
type Prompt struct {
	Text string `json:"text"`
	Asked
}

// Asked is Shown, of what a prompt asks for.
type Asked = Shown

// Prompts are the captions of the first n pictures of a set with combinations:
// those of its test split name combinations that its training split never
// shows.
func Prompts(set picture.Set, n int) ([]Prompt, error) {
	drawn, ok := set.(*shapes.Set)
	if !ok || set.Len() < n || !slices.Equal(set.Classes(), shapes.Kinds()) {
		return nil, fmt.Errorf("factors: %d prompts want as many drawn shapes", n)
	}
	all := make([]Prompt, n)
	for i := range all {
		f := drawn.Factors(i)
		if f.Place == "" {
			return nil, errors.New("factors: the captions of the set name no place: draw it with combinations")
		}
		label, err := set.Item(i, nil)
		if err != nil {
			return nil, err
		}
		all[i] = Prompt{label.Caption, Asked{f.Kind, f.Colour, f.Place}}
	}
	return all, nil
}
