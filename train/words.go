package train

import (
	"encoding/json"
	"fmt"
	"iter"

	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/trained"
	"github.com/limner-ai/limner/text"
)

// learnWords lets a family learn from the words of the set what its models
// need before they can be built, or take it from the model that the run begins
// with, and writes it into cfg.
func learnWords(cfg *Config, f model.Family, set picture.Set, earlier *trained.Manifest) error {
	learner, ok := f.(model.Learner)
	if !ok {
		return nil
	}
	decode := func(dst any) error { return cfg.Model.Decode("family", dst) }
	var config any
	var err error
	if earlier != nil {
		config, err = inheritWords(learner, earlier, decode)
	} else {
		var failed error
		config, err = learner.Learn(corpus(set, &failed), decode)
		if failed != nil {
			return fmt.Errorf("reading captions: %w", failed)
		}
	}
	if err != nil || config == nil {
		return err
	}
	cfg.Model, err = NewSection("family", f.Name(), config)
	return err
}

// inheritWords takes what an earlier model has learnt from words.
func inheritWords(learner model.Learner, earlier *trained.Manifest, decode func(any) error) (any, error) {
	if earlier.Family != learner.Name() {
		return nil, fmt.Errorf("train.from: %s is of the family %s, not %s", earlier.Name, earlier.Family, learner.Name())
	}
	return learner.Inherit(func(dst any) error { return json.Unmarshal(earlier.Config, dst) }, decode)
}

// corpus yields all words of a set.
func corpus(set picture.Set, failed *error) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range set.Len() {
			d, err := describe(set, i)
			if err != nil {
				if picture.IsSkip(err) {
					continue
				}
				*failed = err
				return
			}
			for _, c := range d.Captions {
				if !yield(c.Text) {
					return
				}
			}
			for _, k := range d.Keywords {
				if !yield(k) {
					return
				}
			}
			if d.Style != "" && !yield(d.Style) {
				return
			}
		}
	}
}

// describe is what the set knows about a picture as package text takes it.
func describe(set picture.Set, i int) (text.Description, error) {
	known, err := picture.Describe(set, i)
	if err != nil {
		return text.Description{}, err
	}
	d := text.Description{Keywords: known.Keywords, Style: known.Style}
	for _, c := range known.Captions {
		d.Captions = append(d.Captions, text.Caption{Text: c.Text, Language: c.Language})
	}
	return d, nil
}

// prompter composes a prompt for each picture of a batch.
type prompter struct {
	model  model.Worded
	set    picture.Set
	tokens []float32 // [batch length]
}

// fill writes the tokens for the pictures of a batch that come after so many
// others of the run.
func (p *prompter) fill(items []int, seed uint64, seen int) error {
	draw := text.Draws(tensor.Philox{Seed: seed, Stream: tensor.StreamOf("prompts"), Step: uint32(seen)})
	n := p.model.Tokens()
	for k, item := range items {
		d, err := describe(p.set, item)
		if err != nil {
			return fmt.Errorf("reading the words for picture %d: %w", item, err)
		}
		p.model.Tokenise(p.tokens[k*n:(k+1)*n], text.Compose(d, draw))
	}
	return nil
}

// plain writes the tokens for pictures of a set, without drawing.
func (p *prompter) plain(dst []float32, set picture.Set, items []int) error {
	n := p.model.Tokens()
	for k, item := range items {
		d, err := describe(set, item)
		if err != nil {
			return fmt.Errorf("reading the words for picture %d: %w", item, err)
		}
		p.model.Tokenise(dst[k*n:(k+1)*n], text.Plain(d))
	}
	return nil
}
