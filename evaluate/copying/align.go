package copying

import (
	"math"

	"github.com/limner-ai/limner/engine/tensor"
)

// A copy may be moved by up to two pixels of 64 and be a little larger or
// smaller: these are tried.
var (
	moves  = []float32{-2. / 64, -1. / 64, 0, 1. / 64, 2. / 64}
	scales = []float32{0.96, 1, 1.04}
)

// Its colours may have changed by so much: contrast and brightness.
const (
	mostGain = 0.12
	mostBias = 0.06
)

// views looks at some pictures in all these ways.
type views struct {
	x      *Index
	images *tensor.Tensor
	seen   []*rows // of each picture, once it was looked at
}

func newViews(x *Index, images *tensor.Tensor) *views {
	return &views{x, images, make([]*rows, images.Shape[0])}
}

// nearest is the training picture of near whose distance from picture i is
// least, and the distance: the best view of each is taken, and then its colours
// are matched.
func (v *views) nearest(i int, near []int) (int, float64) {
	seen := v.look(i)
	train := v.x.looks
	d := distances(seen, train.pick(near))
	best, at := math.Inf(1), near[0]
	for k, t := range near {
		view := k
		for j := k; j < len(d); j += len(near) {
			if d[j] < d[view] {
				view = j
			}
		}
		if e := matched(seen.row(view/len(near)), train.row(t), colours(v.x.c)); e < best {
			best, at = e, t
		}
	}
	return at, math.Sqrt(best / float64(train.dim))
}

// look gives the views of picture i. They are taken of the picture at twice the
// side, which they need no more of.
func (v *views) look(i int) *rows {
	if v.seen[i] != nil {
		return v.seen[i]
	}
	h, w, c := v.images.Shape[1], v.images.Shape[2], v.images.Shape[3]
	pixels, c := opaque(v.images.Row(i), c)
	side := sideOf(h, w)
	twice := min(2*side, max(h, w))
	half := make([]float32, twice*twice*c)
	resample(half, pixels, h, w, c, twice, straight)
	r := newRows(len(scales)*len(moves)*len(moves), v.x.looks.dim)
	k := 0
	for _, s := range scales {
		for _, dy := range moves {
			for _, dx := range moves {
				resample(r.row(k), half, twice, twice, c, side, view{s, dx, dy})
				r.measure(k)
				k++
			}
		}
	}
	v.seen[i] = r
	return r
}

// matched is the squared distance of two pictures of c channels once the
// first one's contrast and brightness are fitted to the second's, channel by
// channel.
func matched(a, b []float32, c int) (sum float64) {
	n := float64(len(a) / c)
	for k := range c {
		var ma, mb, aa, ab float64
		for i := k; i < len(a); i += c {
			x, y := float64(a[i]), float64(b[i])
			ma, mb, aa, ab = ma+x, mb+y, aa+x*x, ab+x*y
		}
		ma, mb = ma/n, mb/n
		gain := 1.
		if spread := aa/n - ma*ma; spread > 1e-9 {
			gain = min(max((ab/n-ma*mb)/spread, 1-mostGain), 1+mostGain)
		}
		bias := min(max(mb-gain*ma, -mostBias), mostBias)
		for i := k; i < len(a); i += c {
			d := gain*float64(a[i]) + bias - float64(b[i])
			sum += d * d
		}
	}
	return sum
}
