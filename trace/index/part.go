package index

import (
	"cmp"
	"context"
	"slices"
)

// tiles are squares of these shares of a query's shorter side, in grids: those
// that show most of a training picture at the query's own scale, and quarters,
// each of which may be a whole one.
var tiles = []struct {
	share float64
	steps int
}{{.6, 3}, {.5, 2}}

const (
	leastShade = 0.06 // deviation of luma below which a tile shows too little
	tileList   = 12   // pictures that are aligned with a tile
	tileOthers = 8
)

// parts holds every tile of a query against all training pictures. Of the tiles
// that are copies of parts of the same picture, the one with the least ratio is
// given.
func (x *Index) parts(ctx context.Context, look *raster) ([]Judgement, error) {
	var views []*view
	for _, b := range look.tiles() {
		if newPatch(look, b).detail >= leastShade {
			views = append(views, &view{look: look, box: b, others: tileOthers})
		}
	}
	if err := x.compare(ctx, views); err != nil {
		return nil, err
	}
	var out []Judgement
	for _, v := range views {
		j, err := x.tile(v, false)
		if err == nil && j.Extent != None && x.exact != nil {
			j, err = x.tile(v, true) // reading pictures takes longer than all else
		}
		if err != nil {
			return nil, err
		}
		if j.Extent == None {
			continue
		}
		same := slices.IndexFunc(out, func(o Judgement) bool { return o.Nearest.Index == j.Nearest.Index })
		switch {
		case same < 0:
			out = append(out, j)
		case j.Ratio < out[same].Ratio:
			out[same] = j
		}
	}
	slices.SortStableFunc(out, func(a, b Judgement) int { return cmp.Compare(a.Ratio, b.Ratio) })
	return out, nil
}

// tile judges one tile.
func (x *Index) tile(v *view, exact bool) (Judgement, error) {
	all, err := x.hold(v, tileList, exact, func(i int) bool { return !x.pictures[i].Trained })
	if err != nil || len(all) == 0 {
		return Judgement{Extent: None}, err
	}
	return x.judge(seen{all[0], v}, exact)
}

func (r *raster) tiles() []box {
	var out []box
	for _, t := range tiles {
		side := t.share * float64(min(r.w, r.h))
		w, h := side/float64(r.w), side/float64(r.h)
		for j := range t.steps {
			for i := range t.steps {
				x, y := (1-w)*float64(i)/float64(t.steps-1), (1-h)*float64(j)/float64(t.steps-1)
				out = append(out, box{x, y, x + w, y + h})
			}
		}
	}
	return out
}
