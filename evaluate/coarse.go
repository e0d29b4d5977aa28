package evaluate

import (
	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/evaluate/fidelity"
)

// coarseSide is the side of the shrunk pictures that colours and places are
// compared on.
const coarseSide = 4

// Coarse is the Fréchet distance of pictures shrunk to a few cells, so of
// their values and not of features. A classifier is trained not to see what
// does not tell classes apart; a generator that paints everything in one
// colour can be near the floor in its features, but not here.
type Coarse struct {
	Side    int            `json:"side"`
	N       int            `json:"n"`
	Frechet float64        `json:"frechet"` // of values in [0, 1]
	Floor   float64        `json:"floor"`   // of training pictures
	Ratio   fidelity.Ratio `json:"ratio"`
}

// shrink fills rows [n side·side·c] with the means of the cells of pictures
// [n h w c]. Where side does not divide the extent, neighbours share pixels.
func shrink(images *tensor.Tensor, side int) *tensor.Tensor {
	n, h, w, c := images.Shape[0], images.Shape[1], images.Shape[2], images.Shape[3]
	out := tensor.New(n, side*side*c)
	for i := range n {
		from, to := images.Row(i), out.Row(i)
		for cy := range side {
			y0, y1 := cell(cy, side, h)
			for cx := range side {
				x0, x1 := cell(cx, side, w)
				sum := to[(cy*side+cx)*c:][:c]
				for y := y0; y < y1; y++ {
					for x := x0; x < x1; x++ {
						for k := range c {
							sum[k] += from[(y*w+x)*c+k]
						}
					}
				}
				for k := range c {
					sum[k] /= float32((y1 - y0) * (x1 - x0))
				}
			}
		}
	}
	return out
}

// cell is the pixels [from, to) of a cell, at least one.
func cell(i, side, extent int) (from, to int) {
	return i * extent / side, ((i+1)*extent + side - 1) / side
}

// shrunk accumulates all pictures of a set.
func (e *evaluation) shrunk(set picture.Set) (*fidelity.Gaussian, error) {
	_, _, c := set.Shape()
	g := fidelity.NewGaussian(coarseSide * coarseSide * c)
	for at := 0; at < set.Len(); at += part {
		if err := e.ctx.Err(); err != nil {
			return nil, err
		}
		images, _, err := read(set, at, min(part, set.Len()-at))
		if err != nil {
			return nil, err
		}
		if err := g.Add(shrink(images, coarseSide)); err != nil {
			return nil, err
		}
	}
	return g, nil
}

// compareCoarse measures shrunk samples.
func (e *evaluation) compareCoarse(made *fidelity.Gaussian) error {
	real, err := e.shrunk(e.test)
	if err != nil {
		return err
	}
	ref, err := e.shrunk(choose(e.train, made.N(), e.opt.Seed))
	if err != nil {
		return err
	}
	r := &Coarse{Side: coarseSide, N: made.N()}
	if r.Frechet, err = fidelity.Frechet(real, made); err != nil {
		return err
	}
	if r.Floor, err = fidelity.Frechet(real, ref); err != nil {
		return err
	}
	r.Ratio = fidelity.Ratio(r.Frechet / r.Floor)
	e.report.Coarse = r
	return nil
}
