package train

import (
	"fmt"

	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/internal/grid"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/trained"
)

const (
	sampleColumns = 8
	sampleClasses = 10 // rows of a grid with classes, at most
	sampleReal    = 32 // pictures that are reconstructed
)

// sample draws pictures from latents that stay the same all through the run
// and, if the model can, what becomes of real pictures.
func (r *run) sample() error {
	if _, ok := r.model.Model.(model.Flow); ok {
		return r.paint()
	}
	if !r.model.Has(model.UseSample) {
		return nil // a classifier
	}
	latent, err := r.model.Latent()
	if err != nil {
		return err
	}
	conditional, err := r.model.Conditional()
	if err != nil {
		return err
	}
	n := sampleColumns * sampleColumns
	opt := grid.Options{Columns: sampleColumns, Scale: r.scale()}
	var labels []int
	if conditional {
		classes := r.model.Manifest.Pictures.Classes
		opt.Labels = classes[:min(len(classes), sampleClasses)]
		n = sampleColumns * len(opt.Labels)
		for i := range n {
			labels = append(labels, i/sampleColumns)
		}
	}
	pictures, err := r.sampled(n, latent, labels)
	if err != nil {
		return fmt.Errorf("drawing samples: %w", err)
	}
	if err := r.show("step", pictures, opt); err != nil {
		return err
	}
	if !r.model.Has(model.UseReconstruct) {
		return nil
	}
	return r.reconstruct()
}

// sampled makes n pictures, a model with words those of its prompts in turn.
func (r *run) sampled(n, latent int, labels []int) (*tensor.Tensor, error) {
	z := trained.Latents(r.cfg.Train.Seed, 0, n, latent)
	prompts, err := r.prompts()
	if err != nil {
		return nil, err
	}
	if len(prompts) == 0 || r.prompt == nil {
		return r.model.Sample(z, labels, 1)
	}
	each := make([]string, n)
	for i := range each {
		each[i] = prompts[i%len(prompts)]
	}
	return r.model.SampleFor(each, z, labels, 1)
}

// reconstruct draws lines of pictures, held out if there are any, each with
// the line of what the model makes of them below.
func (r *run) reconstruct() error {
	if r.real == nil {
		set := r.set
		if r.validation != nil {
			set = r.validation.set
		}
		var err error
		if r.real, r.realLabels, err = first(set, sampleReal); err != nil {
			return fmt.Errorf("drawing reconstructions: %w", err)
		}
	}
	made, err := r.model.Reconstruct(r.real, r.realLabels)
	if err != nil {
		return fmt.Errorf("drawing reconstructions: %w", err)
	}
	n := r.real.Shape[0]
	both := tensor.New(append(tensor.S(2*n), r.real.Shape[1:]...)...)
	at := 0
	for line := 0; line < n; line += sampleColumns {
		for _, src := range []*tensor.Tensor{r.real, made} {
			for i := line; i < min(line+sampleColumns, n); i++ {
				copy(both.Row(at), src.Row(i))
				at++
			}
		}
	}
	return r.show("reconstructions", both, grid.Options{Columns: min(n, sampleColumns), Scale: r.scale()})
}

// show draws pictures and records the drawing.
func (r *run) show(name string, pictures *tensor.Tensor, opt grid.Options) error {
	img, err := grid.Draw(pictures, opt)
	if err != nil {
		return err
	}
	return r.record.picture(r.done, name, img)
}

// scale makes small pictures large enough to look at.
func (r *run) scale() int {
	h, _, _ := r.set.Shape()
	return max(1, 64/h)
}

// first reads the first n pictures of a set that can be read.
func first(set picture.Set, n int) (*tensor.Tensor, []int, error) {
	h, w, c := set.Shape()
	t := tensor.New(min(n, set.Len()), h, w, c)
	var labels []int
	for i := 0; i < set.Len() && len(labels) < t.Shape[0]; i++ {
		l, err := set.Item(i, t.Row(len(labels)))
		if picture.IsSkip(err) {
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		labels = append(labels, max(0, l.Class))
	}
	return tensor.From(t.Data[:len(labels)*h*w*c], len(labels), h, w, c), labels, nil
}
