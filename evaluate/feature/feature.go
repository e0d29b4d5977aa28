// Package feature describes pictures by the last hidden layer of a frozen
// classifier, or by the embeddings of a contrastive network. Distances between sets of pictures are measured between such
// rows, so that they mean something only beside others of the same network:
// every space is named by the digest of its weights.
//
// Two spaces are built in, for pictures like those of Fashion-MNIST (28×28
// grey) and for the drawn shapes (32×32 RGB). Each was trained by limner
// train from the run file beside its weights; see freeze.go.
package feature

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/limner-ai/limner/dataset/loader"
	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/trained"
)

// Batch is how many pictures a network sees at once.
const Batch = 64

// AccuracyMetric is the entry of a model file's metrics with the share of
// held-out pictures that the classifier names correctly.
const AccuracyMetric = "test/accuracy"

// Space is a frozen classifier, or a frozen network that embeds pictures.
type Space struct {
	Name     string
	Digest   string  // of the model file
	Accuracy float64 // on its own held-out pictures, 0: not known
	Root     string  // digest of the set that it was trained on
	Pictures model.Pictures
	Dim      int // features of a picture

	call     *trained.Call
	batch    int            // pictures that it sees at once
	features *tensor.Tensor // [batch Dim]
	logits   *tensor.Tensor // [batch classes], nil of a network that only embeds
}

// New makes a space of a classifier, or of a model that can look at pictures.
func New(m *trained.Model) (*Space, error) { return newSpace(m, Batch) }

func newSpace(m *trained.Model, batch int) (*Space, error) {
	use, name := model.UseFeatures, "features"
	if !m.Has(use) {
		use, name = model.UseLook, "embedding"
	}
	if !m.Has(use) {
		return nil, fmt.Errorf("the %s model %s has no features: a feature space is a model of the family classifier or contrast", m.Manifest.Family, m.Manifest.Name)
	}
	call, err := m.Call(use, batch)
	if err != nil {
		return nil, err
	}
	s := &Space{
		Name: m.Manifest.Name, Digest: m.Digest, Accuracy: m.Manifest.Metrics[AccuracyMetric],
		Root: m.Manifest.Data.Root, Pictures: m.Manifest.Pictures, call: call, batch: batch,
		features: call.Output(name), logits: call.Output("logits"),
	}
	if s.features == nil || s.logits == nil && use == model.UseFeatures || call.Input(model.InputImages) == nil {
		return nil, fmt.Errorf("the model %s lacks features or logits of pictures", s.Name)
	}
	s.Dim = s.features.Shape[1]
	return s, nil
}

// Fits reports whether the network sees pictures of this extent.
func (s *Space) Fits(p model.Pictures) bool { return fits(s.Pictures, p) }

func fits(a, b model.Pictures) bool {
	return a.Height == b.Height && a.Width == b.Width && a.Channels == b.Channels
}

// Knows reports whether the network tells just these classes apart.
func (s *Space) Knows(classes []string) bool {
	return s.logits != nil && slices.Equal(s.Pictures.Classes, classes)
}

// Description is what a network saw in n pictures.
type Description struct {
	Features *tensor.Tensor // [n dim]
	Seen     []int          // the class that the network names, -1 if it only embeds
	Labels   []int          // the class that the set names, -1 if none
}

// Len is the number of pictures.
func (d *Description) Len() int { return len(d.Seen) }

// Right is the share of pictures of known class in which the network sees
// that class, and their number.
func (d *Description) Right() (share float64, n int) {
	for i, l := range d.Labels {
		if l < 0 {
			continue
		}
		n++
		if d.Seen[i] == l {
			share++
		}
	}
	return share / float64(max(n, 1)), n
}

// Describe looks at pictures [n h w c] in [0, 1]; labels, a class a picture,
// is only passed on, and may be nil.
func (s *Space) Describe(images *tensor.Tensor, labels []int) (*Description, error) {
	in := s.call.Input(model.InputImages)
	if images.Shape.Rank() != 4 || !images.Shape[1:].Equal(in.Shape[1:]) {
		return nil, fmt.Errorf("the feature space %s sees pictures of %v, not %v", s.Name, in.Shape[1:], images.Shape)
	}
	n := images.Shape[0]
	d := &Description{Features: tensor.New(n, s.Dim), Seen: make([]int, n), Labels: make([]int, n)}
	length := len(in.Data) / s.batch
	for at := 0; at < n; at += s.batch {
		count := min(s.batch, n-at)
		clear(in.Data)
		copy(in.Data, images.Data[at*length:(at+count)*length])
		if err := s.call.Run(0, 0); err != nil {
			return nil, err
		}
		copy(d.Features.Data[at*s.Dim:], s.features.Data[:count*s.Dim])
		for i := range count {
			d.Seen[at+i], d.Labels[at+i] = -1, -1
			if s.logits != nil {
				d.Seen[at+i] = greatest(s.logits.Row(i))
			}
			if labels != nil {
				d.Labels[at+i] = labels[at+i]
			}
		}
	}
	return d, nil
}

// DescribeSet looks at all pictures of a set, in order. Unreadable ones are
// replaced as the loader does it. progress may be nil.
func (s *Space) DescribeSet(ctx context.Context, set picture.Set, progress func(done, total int)) (*Description, error) {
	h, w, c := set.Shape()
	l, err := loader.New(ctx, set, loader.Options{Batch: Batch, Epochs: 1})
	if err != nil {
		return nil, err
	}
	defer l.Close()
	n := set.Len()
	all := &Description{Features: tensor.New(n, s.Dim)}
	images := tensor.New(Batch, h, w, c)
	for {
		count, err := l.Next(images.Data, nil)
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		d, err := s.Describe(tensor.From(images.Data[:count*h*w*c], count, h, w, c), nil)
		if err != nil {
			return nil, err
		}
		copy(all.Features.Data[all.Len()*s.Dim:], d.Features.Data)
		all.Seen = append(all.Seen, d.Seen...)
		for _, label := range l.Labels() {
			all.Labels = append(all.Labels, label.Class)
		}
		if progress != nil {
			progress(all.Len(), n)
		}
	}
}

func greatest(xs []float32) int {
	best := 0
	for i, x := range xs {
		if x > xs[best] {
			best = i
		}
	}
	return best
}
