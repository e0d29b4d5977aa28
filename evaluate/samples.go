package evaluate

import (
	"fmt"

	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/evaluate/feature"
	"github.com/limner-ai/limner/evaluate/fidelity"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/trained"
)

// part is how many pictures are made and looked at before the next are: a
// whole number of every batch, so that it changes nothing.
const part = 4 * feature.Batch

// fewest is how many pictures a comparison of distributions wants.
const fewest = 2 * fidelity.MinBlocks

// sample makes pictures in the classes of the held-out ones, measures them,
// and lays out those that the sheet shows.
func (e *evaluation) sample() error {
	latent, conditional, err := e.prior()
	if err != nil {
		return err
	}
	n := e.test.Len()
	labels, err := labelsOf(e.test)
	if err != nil {
		return err
	}
	sheet := newSheet(e, conditional)
	all := &feature.Description{}
	if e.space != nil {
		all.Features = tensor.New(n, e.space.Dim)
	}
	size := sheet.shape.Size()
	var first []float32 // samples that copies are looked for among
	coarse := fidelity.NewGaussian(coarseSide * coarseSide * e.m.Manifest.Pictures.Channels)
	for at := 0; at < n; at += part {
		if err := e.ctx.Err(); err != nil {
			return err
		}
		count := min(part, n-at)
		images, err := e.draw(at, count, latent, labels)
		if err != nil {
			return fmt.Errorf("drawing samples: %w", err)
		}
		first = append(first, images.Data[:max(0, min(len(images.Data), mostCopies*size-len(first)))]...)
		if err := coarse.Add(shrink(images, coarseSide)); err != nil {
			return fmt.Errorf("samples from number %d on: %w", at, err)
		}
		seen := make([]int, count)
		if e.space != nil {
			d, err := e.space.Describe(images, labels[at:at+count])
			if err != nil {
				return err
			}
			copy(all.Features.Data[at*e.space.Dim:], d.Features.Data)
			all.Seen = append(all.Seen, d.Seen...)
			all.Labels = append(all.Labels, d.Labels...)
			seen = d.Seen
		}
		sheet.add(images, labels[at:at+count], seen)
		e.stage("drawing samples")(at+count, n)
	}
	e.report.Samples = n
	if err := sheet.finish(all); err != nil {
		return err
	}
	if err := e.copies(tensor.From(first, append(tensor.S(len(first)/size), sheet.shape...)...)); err != nil {
		return err
	}
	if n < fewest {
		e.note(fmt.Sprintf("%d held-out pictures are too few to compare distributions: at least %d are wanted", n, fewest))
		return nil
	}
	if err := e.compareCoarse(coarse); err != nil {
		return err
	}
	if e.space != nil {
		return e.compare(all, conditional)
	}
	return nil
}

// prior is the length of latents and whether classes are asked for; words take
// the place of both.
func (e *evaluation) prior() (latent int, conditional bool, err error) {
	if e.opt.Sampler != nil {
		return 0, false, nil
	}
	if latent, err = e.m.Latent(); err == nil {
		conditional, err = e.m.Conditional()
	}
	return latent, conditional, err
}

// compare measures described samples against held-out pictures.
func (e *evaluation) compare(all *feature.Description, conditional bool) error {
	e.opt.Progress(Progress{Stage: "comparing features", Total: all.Len()})
	f, err := fidelity.Compare(e.seen.test.Features, e.seen.train.Features, all.Features)
	if err != nil {
		return err
	}
	e.report.Fidelity = &f
	if conditional && e.space.Knows(e.m.Manifest.Pictures.Classes) {
		a := &Agreement{}
		a.Generated.Value, a.Generated.N = all.Right()
		a.HeldOut.Value, a.HeldOut.N = e.seen.test.Right()
		e.report.Agreement = a
	}
	return nil
}

// binarise shows pictures as the model's likelihood sees them; at is the
// first one's place, from which the noise follows.
func (e *evaluation) binarise(images *tensor.Tensor, at int) error {
	call, err := e.m.Call(model.UsePrepare, trained.Batch)
	if err != nil {
		return err
	}
	in, n := call.Input(model.InputImages), images.Shape[0]
	length := len(in.Data) / trained.Batch
	for i := 0; i < n; i += trained.Batch {
		rows := images.Data[i*length : min(i+trained.Batch, n)*length]
		copy(in.Data, rows)
		if err := call.Run(e.opt.Seed, uint32((at+i)/trained.Batch)); err != nil {
			return err
		}
		copy(rows, call.Output("images").Data)
	}
	return nil
}

// read reads pictures [first, first+n) of a set. In the place of one that
// turns out unreadable stands the next that can be read.
func read(set picture.Set, first, n int) (*tensor.Tensor, []int, error) {
	h, w, c := set.Shape()
	t, labels := tensor.New(n, h, w, c), make([]int, n)
	for i := range n {
		k := first + i
		label, err := set.Item(k, t.Row(i))
		for tried := 1; picture.IsSkip(err) && tried < set.Len(); tried++ {
			k = (k + 1) % set.Len()
			label, err = set.Item(k, t.Row(i))
		}
		if err != nil {
			return nil, nil, fmt.Errorf("picture %s: %w", set.Name(k), err)
		}
		labels[i] = max(0, label.Class)
	}
	return t, labels, nil
}

// labelsOf lists the classes of a set's pictures, 0 where there is none.
func labelsOf(set picture.Set) ([]int, error) {
	labels := make([]int, set.Len())
	for i := range labels {
		l, err := set.Item(i, nil)
		if err != nil && !picture.IsSkip(err) {
			return nil, err
		}
		labels[i] = max(0, l.Class)
	}
	return labels, nil
}
