// Package edit measures what a model makes of a picture prompt: that more
// strength changes more, none nothing, and that what lies outside of a mask
// stays as it was.
package edit

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/limner-ai/limner/engine/tensor"
)

// Painter makes a picture [1 h w c] of one, changed by strength from 0, as it
// was, to 1, another one. With a mask [1 h w 1] it paints where that is 1.
type Painter func(image, mask *tensor.Tensor, strength float64) (*tensor.Tensor, error)

// Strengths are those that are tried.
var Strengths = []float64{0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1}

// Report is what was found.
type Report struct {
	N         int       `json:"n"` // pictures
	Strengths []float64 `json:"strengths"`
	// Distance is the root mean square of what each strength changes, values
	// being within 0 and 1.
	Distance []float64 `json:"distance"`
	// Spearman is the rank correlation of strength and distance, averaged over
	// the pictures: 1 if each step changes more than the one before.
	Spearman float64 `json:"spearman"`
	// Unrelated is the distance of two of the pictures, which full strength
	// comes near if it ignores the picture.
	Unrelated float64 `json:"unrelated"`
	// AtZero is the greatest change of a value at no strength.
	AtZero float64 `json:"at_zero"`
	// Outside is the greatest change of a value outside of the mask, which is
	// to be 0, and Inside the root mean square of changes inside.
	Outside float64 `json:"outside"`
	Inside  float64 `json:"inside"`
}

// Measure paints on images [n h w c], n at least 2; the mask is the right
// half.
func Measure(paint Painter, images *tensor.Tensor) (*Report, error) {
	if images.Shape.Rank() != 4 || images.Shape[0] < 2 {
		return nil, errors.New("edit: at least 2 pictures are wanted")
	}
	n, h, w, c := images.Shape[0], images.Shape[1], images.Shape[2], images.Shape[3]
	r := &Report{N: n, Strengths: Strengths, Distance: make([]float64, len(Strengths))}
	mask := tensor.New(1, h, w, 1)
	for i := range mask.Data {
		if i%w >= w/2 {
			mask.Data[i] = 1
		}
	}
	inside := 0.
	for i := range n {
		image := tensor.From(slices.Clone(images.Row(i)), 1, h, w, c)
		far := make([]float64, len(Strengths))
		for k, s := range Strengths {
			made, err := painted(paint, image, nil, s)
			if err != nil {
				return nil, err
			}
			far[k] = apart(made.Data, image.Data)
			r.Distance[k] += far[k] / float64(n)
			if s == 0 {
				r.AtZero = max(r.AtZero, greatest(made.Data, image.Data))
			}
		}
		r.Spearman += spearman(Strengths, far) / float64(n)
		r.Unrelated += apart(images.Row(i), images.Row((i+1)%n)) / float64(n)
		made, err := painted(paint, image, mask, 1)
		if err != nil {
			return nil, err
		}
		for p, m := range mask.Data {
			a, b := made.Data[p*c:(p+1)*c], image.Data[p*c:(p+1)*c]
			if m == 0 {
				r.Outside = max(r.Outside, greatest(a, b))
			} else {
				d := apart(a, b)
				inside += d * d
			}
		}
	}
	r.Inside = math.Sqrt(inside / float64(n*h*(w-w/2)))
	return r, nil
}

func painted(paint Painter, image, mask *tensor.Tensor, strength float64) (*tensor.Tensor, error) {
	made, err := paint(image, mask, strength)
	if err == nil && !made.Shape.Equal(image.Shape) {
		err = fmt.Errorf("a picture %v was made of one of %v", made.Shape, image.Shape)
	}
	if err != nil {
		return nil, fmt.Errorf("edit: painting with strength %v: %w", strength, err)
	}
	return made, nil
}

// apart is the root mean square of differences.
func apart(a, b []float32) float64 {
	sum := 0.
	for i, v := range a {
		d := float64(v - b[i])
		sum += d * d
	}
	return math.Sqrt(sum / float64(len(a)))
}

func greatest(a, b []float32) (most float64) {
	for i, v := range a {
		most = max(most, math.Abs(float64(v-b[i])))
	}
	return most
}

// spearman is the correlation of the ranks of a and b; equal values share the
// mean of their ranks. It is 0 where one of them never changes.
func spearman(a, b []float64) float64 {
	x, y := ranks(a), ranks(b)
	middle := float64(len(x)-1) / 2
	var xy, xx, yy float64
	for i := range x {
		xy += (x[i] - middle) * (y[i] - middle)
		xx += (x[i] - middle) * (x[i] - middle)
		yy += (y[i] - middle) * (y[i] - middle)
	}
	if xx == 0 || yy == 0 {
		return 0
	}
	return xy / math.Sqrt(xx*yy)
}

func ranks(v []float64) []float64 {
	r := make([]float64, len(v))
	for i, a := range v {
		for k, b := range v {
			switch {
			case b < a:
				r[i]++
			case b == a && k != i:
				r[i] += 0.5
			}
		}
	}
	return r
}
