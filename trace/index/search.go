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

// found is a training picture held against a part of a query.
type found struct {
	picture  int
	at       place
	distance float64
}

func nearer(a, b found) int {
	return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(a.picture, b.picture))
}

// view is a part of a query as it is looked at.
type view struct {
	look *raster
	box  box
	held orientation // how the query is held in the look
	*patch
	order   []int // the pictures whose descriptors are nearest, the nearest first
	window  []uint8
	shade   float64 // deviation of the look's luma
	others  int     // pictures that are no near-duplicates of the first, to align with it
	removed bool    // the ground was made white
	// ground is the colour of the query's ground, which the look has no more: once the
	// nearest are found, the query as it came, which is plain, is held against pictures
	// over that. nil: the look is held against pictures over white.
	ground *[3]float32
	plain  *raster
	// handicap is what distances count for: more where a ground was taken away, since
	// what is gone cannot differ.
	handicap float64
}

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
	for _, s := range ranked {
		if x.pictures[s.picture].Trained {
			var err error
			if out.Copy, err = x.judge(s, true); err != nil {
				return out, err
			}
			// Over the ground that it has or with that taken away: what tells a picture from
			// others may be seen in one of them alone.
			if s, ok := other(s, best, over); ok && out.Copy.Extent == None {
				j, err := x.judge(s, true)
				if err != nil {
					return out, err
				}
				if j.Extent != None {
					out.Copy = j
				}
			}
			break
		}
	}
	if out.Copy.Nearest == nil {
		out.Copy.measure()
	}
	if o.Parts && out.Copy.Extent == None {
		var err error
		if out.Parts, err = x.parts(ctx, looks[min(1, len(looks)-1)]); err != nil {
			return out, err
		}
	}
	return out, nil
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

// other gives the picture of s as it was seen in the other way.
func other(s seen, best, over map[int]seen) (seen, bool) {
	of := over
	if s.view.ground != nil {
		of = best
	}
	o, ok := of[s.picture]
	return o, ok
}

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

// compare holds views against the descriptors of all pictures.
func (x *Index) compare(ctx context.Context, views []*view) error {
	c := x.ready()
	for some := range slices.Chunk(views, lanes) {
		if err := ctx.Err(); err != nil {
			return err
		}
		queries := make([][describeDim]int8, len(some))
		far, window := make([][]int32, len(some)), make([][]uint8, len(some))
		for l, v := range some {
			v.patch = newPatch(v.look, v.box)
			c.encode(&queries[l], describe(v.colour))
			far[l], window[l] = make([]int32, x.Len()), make([]uint8, x.Len())
		}
		c.nearest(queries, far, window)
		for l, v := range some {
			v.order, v.window, v.shade = least(far[l], distant), window[l], v.detail
			if v.ground != nil {
				v.patch = newPatch(v.plain, v.box)
			}
		}
	}
	return nil
}

// hold aligns a view with its nearest pictures, at most so many, and gives them
// with their distances, the nearest first. Those that skip names are left out. Exact
// holds the nearest against the pictures themselves, if these are at hand.
func (x *Index) hold(v *view, most int, exact bool, skip func(i int) bool) ([]found, error) {
	var all []found
	for _, i := range v.order {
		if len(all) == most {
			break
		}
		if !skip(i) {
			all = append(all, v.hold(i, x.thumb(i, v.ground), true, placeOf(windows[v.window[i]])))
		}
	}
	slices.SortFunc(all, nearer)
	if x.exact == nil || !exact {
		return all, nil
	}
	all = all[:min(len(all), compared)]
	for k, f := range all {
		r, err := x.look(f.picture, v.ground)
		if err != nil {
			return nil, err
		}
		all[k] = v.hold(f.picture, r, v.coarse(), f.at)
	}
	slices.SortFunc(all, nearer)
	return all, nil
}

// coarse says that the view has so few pixels that its finest details are more of
// its compression than of the picture.
func (v *view) coarse() bool {
	const least = 40
	return min((v.box.x1-v.box.x0)*float64(v.look.w), (v.box.y1-v.box.y0)*float64(v.look.h)) < least
}

// hold aligns a part of a query with picture i, which looks so, from a place on.
func (p *patch) hold(i int, r *raster, thumb bool, at place) found {
	t := newTarget(r, thumb)
	at = p.align(t, at)
	return found{i, at, p.distance(t, at)}
}

// match says it in shares of both pictures. What of the query lies beyond the
// training picture's edge is no part of the match.
func (x *Index) match(s seen) Match {
	at := s.at.box()
	clipped := box{max(at.x0, 0), max(at.y0, 0), min(at.x1, 1), min(at.y1, 1)}
	shown := box{(clipped.x0 - at.x0) / s.at.sx, (clipped.y0 - at.y0) / s.at.sy, (clipped.x1 - at.x0) / s.at.sx, (clipped.y1 - at.y0) / s.at.sy}
	query := s.view.box.within(shown)
	held := s.view.held
	return Match{Index: s.picture, Picture: x.pictures[s.picture], Distance: s.distance,
		Query: regionOf(held.back(query)), At: regionOf(clipped), Mirrored: held.mirrored, Turned: held.degrees()}
}

// judge holds the nearest against the nearest that is no near-duplicate of it, in
// the same view.
func (x *Index) judge(s seen, exact bool) (Judgement, error) {
	first := x.match(s)
	j := Judgement{D1: s.distance, Nearest: &first, plain: s.view.detail < leastDetail}
	rest, err := x.hold(s.view, s.view.others, exact, func(i int) bool {
		return !x.pictures[i].Trained || x.alike(s.picture, i)
	})
	if err != nil {
		return j, err
	}
	if len(rest) > 0 {
		other := x.match(seen{rest[0], s.view})
		j.Other, j.D2 = &other, rest[0].distance
	}
	j.measure()
	return j, nil
}

// least gives the indices of the k least values, the least first.
func least(far []int32, k int) []int {
	best := make([]int, 0, k+1)
	limit := int32(1<<31 - 1)
	for i, v := range far {
		if v >= limit {
			continue
		}
		at, _ := slices.BinarySearchFunc(best, v, func(j int, v int32) int {
			if far[j] <= v {
				return -1
			}
			return 1
		})
		best = slices.Insert(best, at, i)
		if len(best) > k {
			best = best[:k]
		}
		if len(best) == k {
			limit = far[best[k-1]]
		}
	}
	return best
}
