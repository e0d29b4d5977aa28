package copying

import (
	"context"
	"fmt"
	"math"
	"runtime"

	"golang.org/x/sync/errgroup"

	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/engine/tensor"
)

const (
	// block is how many pictures are searched for at once, which bounds memory.
	block = 64
	// candidates is how many of those nearest at first sight are compared in
	// detail.
	candidates = 16
	// Near is the distance up to which training pictures count as near-duplicates
	// of each other: the root mean square of differences at 16×16.
	Near = 0.1
)

// Match is what lies nearest to a picture.
type Match struct {
	Nearest int     // training picture
	D1      float64 // its distance
	Other   int     // the nearest that is no near-duplicate of it, -1 if none
	D2      float64 // its distance
}

// Ratio is d1/d2; 1, which says nothing, if there is no other.
func (m Match) Ratio() float64 {
	switch {
	case m.Other < 0:
		return 1
	case m.D2 == 0:
		return 0
	}
	return m.D1 / m.D2
}

// Index holds the training pictures.
type Index struct {
	h, w, c  int
	looks    *rows
	features *rows // nil: none
}

// NewIndex looks at all pictures of a set, and keeps their features, rows
// [n d], unless features is nil. A picture that cannot be read is taken for a
// grey one.
func NewIndex(ctx context.Context, set picture.Set, features *tensor.Tensor) (*Index, error) {
	x := &Index{}
	x.h, x.w, x.c = set.Shape()
	x.looks = newLooks(set.Len(), x.h, x.w, x.c)
	if features != nil {
		if features.Shape.Rank() != 2 || features.Shape[0] != set.Len() {
			return nil, fmt.Errorf("copying: features %v of %d pictures", features.Shape, set.Len())
		}
		x.features = rowsOf(features.Data, features.Shape[1])
	}
	err := each(ctx, set.Len(), func(from, to int) error {
		pixels := make([]float32, x.h*x.w*x.c)
		for i := from; i < to; i++ {
			if _, err := set.Item(i, pixels); picture.IsSkip(err) {
				for k := range pixels {
					pixels[k] = ground
				}
			} else if err != nil {
				return err
			}
			look(x.looks, i, pixels, x.h, x.w, x.c)
		}
		return nil
	})
	return x, err
}

// each calls do for parts of n on all processors.
func each(ctx context.Context, n int, do func(from, to int) error) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for from := 0; from < n; from += block {
		g.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			return do(from, min(from+block, n))
		})
	}
	return g.Wait()
}

// Pixels finds images [n h w c] among the training pictures by what they look
// like: the least root mean square of differences at 16×16 over small shifts,
// changes of scale and of colour. They may have another extent than the training
// pictures, of 16 pixels or more.
func (x *Index) Pixels(ctx context.Context, images *tensor.Tensor) ([]Match, error) {
	if s := images.Shape; s.Rank() != 4 || sideOf(s[1], s[2]) != sideOf(x.h, x.w) || colours(s[3]) != colours(x.c) {
		return nil, fmt.Errorf("copying: pictures %v among those of %v", s, tensor.S(x.h, x.w, x.c))
	}
	found := make([]Match, images.Shape[0])
	err := each(ctx, len(found), func(from, to int) error {
		size := images.Shape[1:].Size()
		part := tensor.From(images.Data[from*size:to*size], append(tensor.S(to-from), images.Shape[1:]...)...)
		views := newViews(x, part)
		x.find(found[from:to], lookAt(part), x.looks, views.nearest)
		return nil
	})
	return found, err
}

// Features finds rows [n d] among those of the training pictures, by their
// distance.
func (x *Index) Features(ctx context.Context, features *tensor.Tensor) ([]Match, error) {
	if x.features == nil || features.Shape.Rank() != 2 || features.Shape[1] != x.features.dim {
		return nil, fmt.Errorf("copying: features %v, which the training pictures do not have", features.Shape)
	}
	all := rowsOf(features.Data, features.Shape[1])
	found := make([]Match, all.len())
	err := each(ctx, len(found), func(from, to int) error {
		part := rowsOf(all.data[from*all.dim:to*all.dim], all.dim)
		x.find(found[from:to], part, x.features, func(i int, near []int) (int, float64) {
			sum := 0.
			other := x.features.row(near[0])
			for k, v := range part.row(i) {
				sum += float64(v-other[k]) * float64(v-other[k])
			}
			return near[0], math.Sqrt(sum)
		})
		return nil
	})
	return found, err
}

// find searches for samples among training rows. Of the candidates for sample
// i, nearest tells the best and its distance.
func (x *Index) find(found []Match, samples, train *rows, nearest func(i int, near []int) (int, float64)) {
	n := train.len()
	d := distances(samples, train)
	firsts := make([]int, len(found))
	for i := range found {
		firsts[i], found[i].D1 = nearest(i, least(d[i*n:(i+1)*n], candidates, nil))
		found[i].Nearest = firsts[i]
	}
	apart := distances(x.looks.pick(firsts), x.looks)
	limit := Near * Near * float32(x.looks.dim)
	for i := range found {
		row := apart[i*n : (i+1)*n]
		near := least(d[i*n:(i+1)*n], candidates, func(k int) bool { return row[k] <= limit })
		if found[i].Other = -1; len(near) > 0 {
			found[i].Other, found[i].D2 = nearest(i, near)
		}
	}
}
