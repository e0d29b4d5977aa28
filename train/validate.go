package train

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/limner-ai/limner/dataset"
	"github.com/limner-ai/limner/dataset/loader"
	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/model"
)

const (
	validateBatch = 50
	validateSeed  = 1 // of the latents: the same in all runs, so that they compare
)

// validation measures the bound of a likelihood model on held-out pictures,
// always the same ones with the same noise.
type validation struct {
	set      picture.Set
	pictures int
}

// openValidation opens the test split; nil without an error if the model has
// nothing to measure or all pictures are trained on.
func openValidation(cfg Config, m model.Model) (*validation, error) {
	measures := false
	for _, use := range m.Uses() {
		measures = measures || use == model.UseBound
	}
	if !measures || cfg.Every.Validate == 0 || cfg.Data.Split == picture.All {
		return nil, nil
	}
	src := cfg.Data.Source
	src.Split = picture.Test
	set, err := dataset.Open(src)
	if err != nil {
		return nil, err
	}
	v := &validation{set: set, pictures: set.Len()}
	if cfg.Every.Pictures > 0 {
		v.pictures = min(v.pictures, cfg.Every.Pictures)
	}
	return v, nil
}

// validate records the mean over the held-out pictures of every number that
// the model's bound gives a picture, as validate/NAME.
func (r *run) validate() error {
	v := r.validation
	if v == nil {
		return nil
	}
	call, err := r.model.Call(model.UseBound, validateBatch)
	if err != nil {
		return err
	}
	images, labels := call.Input(model.InputImages), call.Input(model.InputLabels)
	if images == nil {
		return errors.New("the model's bound reads no pictures")
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
