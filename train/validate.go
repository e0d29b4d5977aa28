package train

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/limner-ai/limner/dataset"
	"github.com/limner-ai/limner/dataset/loader"
	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/model"
)

const (
	validateBatch = 50
	validateSeed  = 1 // of the latents: the same in all runs, so that they compare
)

// validation measures the bound of a likelihood model, or the score of one
// without, on held-out pictures, always the same ones with the same noise.
type validation struct {
	use      model.Use
	set      picture.Set
	pictures int
}

// openValidation opens the test split; nil without an error if the model has
// nothing to measure or all pictures are trained on.
func openValidation(cfg Config, m model.Model) (*validation, error) {
	uses := m.Uses()
	var use model.Use
	for _, u := range []model.Use{model.UseBound, model.UseScore} {
		if use == "" && slices.Contains(uses, u) {
			use = u
		}
	}
	if use == "" || cfg.Every.Validate == 0 || cfg.Data.Split == picture.All {
		return nil, nil
	}
	src := cfg.Data.Source
	src.Split = picture.Test
	set, err := dataset.Open(src)
	if err != nil {
		return nil, err
	}
	v := &validation{use: use, set: set, pictures: set.Len()}
	if cfg.Every.Pictures > 0 {
		v.pictures = min(v.pictures, cfg.Every.Pictures)
	}
	return v, nil
}

// validate records the mean over the held-out pictures of every number that
// the model's bound or score gives a picture, as validate/NAME.
func (r *run) validate() error {
	v := r.validation
	if v == nil {
		return nil
	}
	call, err := r.model.Call(v.use, validateBatch)
	if err != nil {
		return err
	}
	images, labels := call.Input(model.InputImages), call.Input(model.InputLabels)
	if images == nil {
		return fmt.Errorf("the model's %s reads no pictures", v.use)
	}
	l, err := loader.New(context.Background(), v.set, loader.Options{Batch: validateBatch, Epochs: 1})
	if err != nil {
		return fmt.Errorf("validation: %w", err)
	}
	defer l.Close()
	classes := make([]float32, validateBatch)
	sums := map[string]float64{}
	for at := 0; at < v.pictures; {
		n, err := l.Next(images.Data, classes)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("validation: %w", err)
		}
		if labels != nil {
			copy(labels.Data, classes)
		}
		if tokens := call.Input(model.InputTokens); tokens != nil {
			if err := r.prompt.plain(tokens.Data, v.set, l.Items()); err != nil {
				return fmt.Errorf("validation: %w", err)
			}
		}
		if err := call.Run(validateSeed, uint32(at)); err != nil {
			return fmt.Errorf("validation: %w", err)
		}
		n = min(n, v.pictures-at)
		for _, name := range call.Outputs() {
			out := call.Output(name)
			if out.Shape.Rank() != 1 {
				continue // a number for each draw
			}
			for _, x := range out.Data[:n] {
				sums["validate/"+name] += float64(x)
			}
		}
		at += n
	}
	for name := range sums {
		sums[name] /= float64(v.pictures)
		r.metrics[name] = sums[name]
	}
	return r.record.scalars(r.done, sums)
}
