package evaluate

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math/bits"
	"slices"

	"github.com/limner-ai/limner/dataset"
	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/evaluate/feature"
	"github.com/limner-ai/limner/model"
)

// open opens both splits of the set and the feature space.
func (e *evaluation) open() error {
	src, err := e.find()
	if err != nil {
		return err
	}
	e.source = src
	p := e.m.Manifest.Pictures
	if e.train, err = openLike(src, picture.Train, p); err != nil {
		return err
	}
	held := src
	held.Count = 0
	if held.Kind == "shapes" { // draws as many as it is asked for
		held.Count = max(e.opt.Samples, e.opt.Pictures)
	}
	if e.heldOut, err = openLike(held, picture.Test, p); err != nil {
		return err
	}
	e.test = choose(e.heldOut, min(e.opt.Samples, e.train.Len()), e.opt.Seed)

	d := &e.report.Data
	d.Kind, d.Path = src.Kind, src.Path
	if d.Train, err = describe(e, e.train); err != nil {
		return err
	}
	if d.Test, err = describe(e, e.heldOut); err != nil {
		return err
	}
	if root := e.m.Manifest.Data.Root; e.opt.Source == nil && root != d.Train.Root {
		e.note("the training pictures have changed since the model was made of the set " + root)
	}
	return e.openSpace(p)
}

// find says which set to measure on.
func (e *evaluation) find() (picture.Source, error) {
	var src picture.Source
	if e.opt.Source != nil {
		src = *e.opt.Source
	} else if err := json.Unmarshal(e.m.Manifest.Data.Source, &src); err != nil || src.Kind == "" {
		return src, errors.New("the model does not say what it was trained on: name the set with --data")
	}
	if src.Split == picture.All {
		return src, errors.New("the model was trained on all pictures of its set, so that none are held out: name another set with --data")
	}
	p := e.m.Manifest.Pictures
	src.Channels = p.Channels
	if p.Height == p.Width {
		src.Size = p.Height
	}
	return src, nil
}

func openLike(src picture.Source, split picture.Split, p model.Pictures) (picture.Set, error) {
	src.Split = split
	set, err := dataset.Open(src)
	if err != nil {
		return nil, fmt.Errorf("%w (--data names another place)", err)
	}
	if h, w, c := set.Shape(); h != p.Height || w != p.Width || c != p.Channels {
		return nil, fmt.Errorf("the set has pictures of %d×%d×%d, the model of %d×%d×%d", h, w, c, p.Height, p.Width, p.Channels)
	}
	if got := set.Classes(); len(p.Classes) > 0 && !slices.Equal(got, p.Classes) {
		return nil, fmt.Errorf("the set has the classes %q, the model %q", got, p.Classes)
	}
	return set, nil
}

func describe(e *evaluation, set picture.Set) (Part, error) {
	e.opt.Progress(Progress{Stage: "reading pictures", Total: set.Len()})
	root, err := picture.Digest(e.ctx, set)
	return Part{Pictures: set.Len(), Root: root.String()}, err
}

// openSpace finds the feature network; that none is built in is only noted.
func (e *evaluation) openSpace(p model.Pictures) (err error) {
	if e.m.Has(model.UseFeatures) {
		return nil
	}
	if path := cmp.Or(e.opt.Features, e.opt.Alignment); path != "" {
		if e.space, err = feature.Open(path, e.opt.Engine); err != nil {
			return err
		}
		if s := e.space.Pictures; !e.space.Fits(p) {
			err := fmt.Errorf("the feature space %s sees pictures of %d×%d×%d, the model makes %d×%d×%d",
				path, s.Height, s.Width, s.Channels, p.Height, p.Width, p.Channels)
			// A network for alignment alone may see larger pictures.
			if _, ok := enlargement(s, p); e.opt.Features != "" || !ok {
				return err
			}
			e.note(err.Error() + ": distances are left out")
			e.space = nil
			return nil
		}
	} else if e.space, err = feature.Builtin(p, e.opt.Engine); err != nil {
		var none *feature.NoneError
		if !errors.As(err, &none) {
			return err
		}
		e.note(err.Error())
		return nil
	}
	known := e.space.Knows(p.Classes)
	e.report.Features = &Features{Name: e.space.Name, Digest: e.space.Digest, Dim: e.space.Dim, Accuracy: e.space.Accuracy, Classes: known}
	switch {
	case !known && len(e.space.Pictures.Classes) > 0:
		e.note("the feature network was trained on pictures of other classes: distances compare models on this set, but see less than a network of its own would")
	case e.opt.Features == "" && e.opt.Alignment == "" && len(e.space.Pictures.Classes) == 0 && e.space.Root != e.m.Manifest.Data.Root:
		e.note("the built-in feature network was trained on other pictures, of emoji: distances compare models on this set, but see less than a network of its own would")
	}
	return nil
}

func (e *evaluation) note(text string) { e.report.Notes = append(e.report.Notes, text) }

// subset is some pictures of a set.
type subset struct {
	picture.Set
	index []int
}

func (s *subset) Len() int          { return len(s.index) }
func (s *subset) Name(i int) string { return s.Set.Name(s.index[i]) }
func (s *subset) Item(i int, pixels []float32) (picture.Label, error) {
	return s.Set.Item(s.index[i], pixels)
}

// Describe implements picture.Describer.
func (s *subset) Describe(i int) (picture.Description, error) {
	return picture.Describe(s.Set, s.index[i])
}

// choose takes n pictures of a set at random, in the order of the set; all
// if it has no more.
func choose(set picture.Set, n int, seed uint64) picture.Set {
	total := set.Len()
	if n >= total {
		return set
	}
	// The first n steps of the shuffle of Fisher and Yates.
	r := tensor.Philox{Seed: seed, Stream: tensor.StreamOf("evaluate/pictures")}
	order := make([]int, total)
	for i := range order {
		order[i] = i
	}
	for i := range n {
		w := r.Block(uint64(i))
		j, _ := bits.Mul64(uint64(w[0])<<32|uint64(w[1]), uint64(total-i))
		order[i], order[i+int(j)] = order[i+int(j)], order[i]
	}
	slices.Sort(order[:n])
	return &subset{set, order[:n]}
}
