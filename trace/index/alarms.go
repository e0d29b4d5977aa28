package index

import (
	"context"
	"errors"
	"time"

	"github.com/limner-ai/limner/dataset/picture"
)

// Alarms says how often pictures that were held out are called copies.
type Alarms struct {
	N       int     `json:"n"`
	Copies  int     `json:"copies"` // as a whole
	Parts   int     `json:"parts"`  // of the others, those with a tile that is a copy
	Seconds float64 `json:"seconds"`
}

// MeasureAlarms searches among the pictures that were trained on for n of those
// that were held out, all of them if they are fewer.
func MeasureAlarms(ctx context.Context, x *Index, set picture.Set, n int, exact bool) (Alarms, error) {
	y, err := x.With(set)
	if err != nil {
		return Alarms{}, err
	}
	order := y.order
	if !exact {
		y.exact = nil
	}
	var held []int
	for i, p := range x.pictures {
		if !p.Trained {
			held = append(held, i)
		}
	}
	if len(held) == 0 {
		return Alarms{}, errors.New("index: no picture of the set was held out")
	}
	a := Alarms{N: min(n, len(held))}
	for k := range a.N {
		r, err := draw(set, order[held[k*len(held)/a.N]], white)
		if err != nil {
			return a, err
		}
		began := time.Now()
		f, err := y.Search(ctx, r.levels(), Options{Trained: true, Parts: true})
		if err != nil {
			return a, err
		}
		a.Seconds += time.Since(began).Seconds() / float64(a.N)
		if f.Copy.Extent != None {
			a.Copies++
		}
		if len(f.Parts) > 0 {
			a.Parts++
		}
	}
	return a, nil
}
