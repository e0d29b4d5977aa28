package index

import (
	"context"
	"fmt"
	"image"
	"slices"

	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/evaluate/copying"
)

// Pictures among which the test of package copying is made: those nearest by
// descriptors, and those nearest by features.
const (
	byLooks    = 256
	byFeatures = 128
)

// nearBelow is the ratio below which what was just made is too near: a little above that
// of package copying, so that little is let go that counts as a copy there, though
// thumbs and features were rounded.
const nearBelow = 0.36

// copied makes the two tests of package copying on a picture just made: of what it looks
// like over grey, where small moves and changes of size and colour do not count, and of
// what a network sees in it, if the index holds that and look is not nil. Order are
// pictures that look near to it at first sight, the nearest first. The pictures
// themselves are not at hand, so thumbs are compared.
func (x *Index) copied(ctx context.Context, m *image.NRGBA, order []int, look Look) (Judgement, error) {
	seen := onGround(m, working, grey)
	if newPatch(seen, whole).detail < leastDetail {
		return Judgement{Extent: None}, nil // nothing, or all of one colour
	}
	var row []float32
	if look != nil && x.sight != nil {
		var err error
		if row, err = look(m); err != nil {
			return Judgement{}, err
		}
		if len(row) != x.sight.dim {
			return Judgement{}, fmt.Errorf("index: %d features of a picture among those of %d", len(row), x.sight.dim)
		}
	}
	t, known := x.candidates(order, row)
	if len(t.of) == 0 {
		return Judgement{Extent: None}, nil
	}
	among, err := copying.NewIndex(ctx, t, known)
	if err != nil {
		return Judgement{}, err
	}
	pixels := tensor.New(1, thumbSide, thumbSide, 3)
	interleave(pixels.Data, x.asThumb(m))
	found, err := among.Pixels(ctx, pixels)
	if err != nil {
		return Judgement{}, err
	}
	best := t.judgement(found[0], copying.Pixels)
	if row != nil {
		if found, err = among.Features(ctx, tensor.From(row, 1, len(row))); err != nil {
			return Judgement{}, err
		}
		if j := t.judgement(found[0], copying.Features); best.Extent == None && j.Extent != None {
			best = j
		}
	}
	return best, nil
}

// candidates are the pictures trained on among the first of order and among those whose
// features are nearest to row, with their features; known is nil if row is.
func (x *Index) candidates(order []int, row []float32) (t *thumbs, known *tensor.Tensor) {
	all := slices.Clone(order[:min(len(order), byLooks)])
	if row != nil {
		all = append(all, x.sight.nearest(row, byFeatures)...)
	}
	t = &thumbs{x: x}
	taken := map[int]bool{}
	for _, i := range all {
		if !taken[i] && x.pictures[i].Trained {
			t.of = append(t.of, i)
		}
		taken[i] = true
	}
	if row == nil {
		return t, nil
	}
	known = tensor.New(len(t.of), len(row))
	for k, i := range t.of {
		copy(known.Row(k), x.sight.row(i))
	}
	return t, known
}

// asThumb gives a picture over grey as it would be in the index, but for rounding: what
// thumbs leave out of training pictures must not count as a difference.
func (x *Index) asThumb(m *image.NRGBA) *raster {
	light := onGround(m, working, white)
	r := restore(transform(light.cut(whole, thumbSide)))
	if x.covers == nil {
		return r
	}
	cover := light.over(onGround(m, working, black)).cut(whole, thumbSide)
	return r.laid(restore(transform(cover)[:covers]).c[0], [3]float32{grey, grey, grey})
}

// judgement says it of a match among the pictures.
func (t *thumbs) judgement(m copying.Match, in copying.Space) Judgement {
	at := func(k int, d float64) *Match {
		if k < 0 {
			return nil
		}
		everything := Region{X1: 1, Y1: 1}
		return &Match{Index: t.of[k], Picture: t.x.pictures[t.of[k]], Distance: d, Query: everything, At: everything}
	}
	j := Judgement{Space: in, D1: m.D1, D2: m.D2, Nearest: at(m.Nearest, m.D1), Other: at(m.Other, m.D2)}
	j.measureAt(nearBelow)
	return j
}

// thumbs are pictures of an index over grey as a set.
type thumbs struct {
	x  *Index
	of []int
}

func (t *thumbs) Len() int             { return len(t.of) }
func (t *thumbs) Shape() (h, w, c int) { return coarse.side, coarse.side, 3 }
func (t *thumbs) Classes() []string    { return nil }
func (t *thumbs) Name(i int) string    { return t.x.pictures[t.of[i]].Path }

func (t *thumbs) Item(i int, pixels []float32) (picture.Label, error) {
	if pixels != nil {
		interleave(pixels, t.x.overGrey(t.of[i]))
	}
	return picture.Label{Class: -1}, nil
}

// interleave writes a picture channel by channel within pixels.
func interleave(dst []float32, r *raster) {
	for k := range r.c {
		for i, v := range r.c[k] {
			dst[3*i+k] = v
		}
	}
}
