package index

import (
	"cmp"
	"context"
	"errors"
	"image"
	"slices"
)

const (
	shortlist = 48  // pictures that are aligned with a query
	several   = 24  // with each of the ways in which a query is looked at, where there are several
	turned    = 12  // with each of its mirror images and turns
	compared  = 12  // of them, held against the pictures themselves if these are at hand
	distant   = 512 // pictures among which the nearest that is no near-duplicate is looked for
	others    = 16  // of them, those that are aligned
)

// Handicaps: of a query whose ground was made white, of one that is held against
// pictures laid over its own ground, and of its mirror image and when it is turned, so
// that what is the same so is found as it is.
const (
	removed  = 1.4
	grounded = 1.1
	flipped  = 1.03
	rolled   = 1.05
)

// Options say how to search. The zero value wants ten pictures.
type Options struct {
	Nearest int // pictures to give; 0: 10
	// Trained leaves out what was held out from training.
	Trained bool
	// Parts also looks for parts of training pictures in parts of the query.
	Parts bool
}

// Found is what a search finds.
type Found struct {
	Nearest []Match   `json:"nearest"` // the nearest first
	Copy    Judgement `json:"copy"`    // of the query as a whole, against training pictures
	// Parts are other training pictures of which parts of the query are copies.
	Parts []Judgement `json:"parts,omitempty"`
}

// leastSide is the least side of a query in pixels.
const leastSide = 8

// ErrSmall says that a picture is too small to be told from others.
var ErrSmall = errors.New("the picture is too small to be found again: it has fewer than 8 pixels a side")

// Search finds the pictures nearest to m, and says whether it is a copy of one
// that was trained on.
func (x *Index) Search(ctx context.Context, m *image.NRGBA, o Options) (Found, error) {
	if m.Rect.Dx() < leastSide || m.Rect.Dy() < leastSide {
		return Found{}, ErrSmall
	}
	plain := onGround(m, working, white)
	without, ground := plain.overWhite()
	looks := append([]*raster{plain}, without...)
	views := x.views(looks, &ground)
	skip := func(i int) bool { return o.Trained && !x.pictures[i].Trained }
	if err := x.compare(ctx, views); err != nil {
		return Found{}, err
	}
	best, over := map[int]seen{}, map[int]seen{} // over: of those over the query's own ground
	for _, v := range views {
		most := several
		switch {
		case v.removed && v.shade < leastShade:
			continue // nothing is left that tells it from others
		case v.held != orientation{}:
			most = turned
		case len(views) == len(orientations): // the others are the same otherwise held
			most = shortlist
		}
		all, err := x.hold(v, most, true, skip)
		if err != nil {
			return Found{}, err
		}
		for _, f := range all {
			s := seen{f, v}
			of := best
			if v.ground != nil {
				of = over
			}
			if was, ok := of[f.picture]; !ok || s.rank() < was.rank() {
				of[f.picture] = s
			}
		}
	}
	out := Found{Nearest: []Match{}}
	ranked := rank(best, over)
	for _, s := range ranked[:min(len(ranked), cmp.Or(o.Nearest, 10))] {
		match := x.match(s)
		match.Alike = len(out.Nearest) > 0 && x.alike(out.Nearest[0].Index, s.picture)
		out.Nearest = append(out.Nearest, match)
	}
	var err error
	if out.Copy, err = x.verdict(ranked, best, over); err != nil {
		return out, err
	}
	if o.Parts && out.Copy.Extent == None {
		if out.Parts, err = x.parts(ctx, looks[min(1, len(looks)-1)]); err != nil {
			return out, err
		}
	}
	return out, nil
}

// verdict judges the nearest picture that was trained on, as it is nearest and, if that
// finds nothing, as it was seen in the other way: over its own ground or with that taken
// away, what tells a picture from others may be seen in one of them alone.
func (x *Index) verdict(ranked []seen, best, over map[int]seen) (j Judgement, err error) {
	at := slices.IndexFunc(ranked, func(s seen) bool { return x.pictures[s.picture].Trained })
	if at < 0 {
		j.measure()
		return j, nil
	}
	s := ranked[at]
	if j, err = x.judge(s, true); err != nil || j.Extent != None {
		return j, err
	}
	of := over
	if s.view.ground != nil {
		of = best
	}
	o, ok := of[s.picture]
	if !ok {
		return j, nil
	}
	if k, err := x.judge(o, true); err != nil || k.Extent != None {
		return k, err
	}
	return j, nil
}

// views are the ways in which a query is looked at: as it came, which is the first of
// looks, and in the others with its ground, which has this colour, made white; in all
// orientations, and by several of its parts.
func (x *Index) views(looks []*raster, ground *[3]float32) (out []*view) {
	for _, held := range orientations {
		came := held.of(looks[0])
		for k, look := range looks {
			if k > 1 && held.quarters > 0 {
				continue // a ground that shows through holes, and turned: too seldom
			}
			look = held.of(look)
			for _, b := range look.parts() {
				v := &view{look: look, box: b, held: held, others: others, handicap: held.handicap()}
				if k > 0 {
					v.removed, v.handicap = true, v.handicap*removed
				}
				out = append(out, v)
				if k == 1 && x.covers != nil {
					u := *v
					u.handicap, u.ground, u.plain = held.handicap()*grounded, ground, came
					out = append(out, &u)
				}
			}
		}
	}
	return out
}

// seen is a training picture in a view.
type seen struct {
	found
	view *view
}

// rank is the distance by which it is ordered among those of other views.
func (s seen) rank() float64 { return s.distance * s.view.handicap }

// rank orders pictures that were seen in one or both ways, each as it is nearest.
func rank(best, over map[int]seen) []seen {
	out := make([]seen, 0, len(best)+len(over))
	for i, s := range best {
		if o, ok := over[i]; ok && o.rank() < s.rank() {
			s = o
		}
		out = append(out, s)
	}
	for i, s := range over {
		if _, ok := best[i]; !ok {
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(a, b seen) int {
		return cmp.Or(cmp.Compare(a.rank(), b.rank()), cmp.Compare(a.picture, b.picture))
	})
	return out
}

// parts are the squares of a query that may show a training picture: the whole,
// pressed into a square, those at the ends and in the middle of a long picture,
// and what a plain ground leaves.
func (r *raster) parts() []box {
	out := []box{whole}
	w, h := float64(r.w), float64(r.h)
	switch {
	case w > 1.04*h:
		for _, at := range [3]float64{0, .5, 1} {
			x := at * (w - h) / w
			out = append(out, box{x, 0, x + h/w, 1})
		}
	case h > 1.04*w:
		for _, at := range [3]float64{0, .5, 1} {
			y := at * (h - w) / h
			out = append(out, box{0, y, 1, y + w/h})
		}
	}
	if c := r.content(); c != whole {
		out = append(out, c)
	}
	return out
}
