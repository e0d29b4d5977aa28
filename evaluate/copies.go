package evaluate

import (
	"fmt"

	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/evaluate/copying"
	"github.com/limner-ai/limner/evaluate/edit"
)

// mostCopies is how many samples are held against the training pictures.
const mostCopies = 2000

// copies looks for training pictures among samples [n h w c]; those of a model
// that takes words are made for what is said of training pictures.
func (e *evaluation) copies(samples *tensor.Tensor) error {
	var instead map[int]*tensor.Tensor
	var flagged map[int]bool
	if e.opt.Sampler != nil {
		asked := choose(e.train, min(mostCopies, e.opt.Samples), e.opt.Seed)
		prompts := make([]string, asked.Len())
		for i := range prompts {
			p, err := promptOf(asked, i)
			if err != nil && !picture.IsSkip(err) {
				return err
			}
			prompts[i] = p
		}
		var err error
		if samples, err = e.paintAll(prompts, forCopying, "painting training pictures"); err != nil {
			return err
		}
		if instead, flagged, err = e.instead(samples, prompts); err != nil {
			return err
		}
	}
	opt := copying.Options{Seed: e.opt.Seed, HeldOut: e.heldOut, Instead: instead, Flagged: flagged, Progress: e.stage("looking for copies")}
	if e.space != nil {
		opt.Training = e.seen.train.Features
		opt.Describe = func(images *tensor.Tensor) (*tensor.Tensor, error) {
			d, err := e.space.Describe(images, nil)
			if err != nil {
				return nil, err
			}
			return d.Features, nil
		}
	}
	r, err := copying.Measure(e.ctx, samples, e.train, opt)
	if err != nil {
		return err
	}
	e.report.Copying = r
	return e.showCopies(r, samples)
}

// showCopies shows the samples that are closest to training pictures above
// these.
func (e *evaluation) showCopies(r *copying.Report, samples *tensor.Tensor) error {
	p := e.m.Manifest.Pictures
	s := &sheet{e: e, shape: tensor.S(p.Height, p.Width, p.Channels)}
	size := s.shape.Size()
	both := s.blank(2 * columns)
	for i, pair := range r.Worst[:min(columns, len(r.Worst))] {
		copy(both[i*size:], samples.Row(pair.Sample))
		if _, err := e.train.Item(pair.Training, both[(columns+i)*size:(columns+i+1)*size]); err != nil && !picture.IsSkip(err) {
			return err
		}
	}
	s.row("Closest to training pictures", fmt.Sprintf("above: generated; below: the training picture; %d of %d count as copies", r.Copies, r.N), both)
	return nil
}

// fewEdited is how many pictures are edited.
const fewEdited = 8

// edit measures pictures as prompts on held-out ones.
func (e *evaluation) edit() error {
	images, _, err := read(e.test, 0, min(fewEdited, e.test.Len()))
	if err != nil {
		return err
	}
	e.opt.Progress(Progress{Stage: "painting on pictures", Total: images.Shape[0]})
	e.report.Edit, err = edit.Measure(e.opt.Painter, images)
	return err
}
